import "@fontsource/young-serif/400.css";
import "@fontsource-variable/hanken-grotesk/wght.css";
import "./look/tokens.css";
import "./look/base.css";
import "./look/bar.css";
import "./look/pieces.css";
import "./look/form.css";
import { createRoot } from "react-dom/client";

import { App } from "./app";

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
