/** The partner's side: masters in, films out. */

import { Link, NavLink, Route, Routes } from "react-router";
import "./studio.css";

import { useSession } from "../api/session";
import NoSuchPage from "../browse/NoSuchPage";
import { Mark } from "../components/Mark";
import { Notice } from "../components/Notice";
import { useSignOut } from "../shell";
import { useWords } from "../words";
import { CatalogueChoice } from "./CatalogueChoice";
import { Deliveries } from "./Deliveries";
import { Report } from "./Report";
import { TitleEditor } from "./TitleEditor";
import { TitlePreview } from "./TitlePreview";
import { Titles } from "./Titles";
import { useStudioWords } from "./words";

export default function Studio() {
  const words = useWords();
  const session = useSession();
  const out = useSignOut();
  return (
    <>
      <title>{`${words.studio} · ${words.brand}`}</title>
      <header className="bar">
        <Link to="/" className="bar-name" aria-label={words.brand}>
          <Mark />
        </Link>
        <Tabs />
        <span className="bar-who">
          {session.state === "in" && session.account.role !== "viewer" && <CatalogueChoice />}
          {session.state === "in" && session.account.role === "operator" && <Link to="/operator">{words.operations}</Link>}
          {session.state === "in" && <span>{session.account.name}</span>}
          <button type="button" onClick={() => void out()}>
            {words.signOut}
          </button>
        </span>
      </header>
      <main id="main">
        <Rooms />
      </main>
    </>
  );
}

function Tabs() {
  const words = useStudioWords();
  const session = useSession();
  if (session.state !== "in" || session.account.role === "viewer") return null;
  return (
    <nav className="studio-tabs" aria-label={words.studio}>
      <NavLink to="/studio" end>
        {words.deliveries}
      </NavLink>
      <NavLink to="/studio/titles">{words.titles}</NavLink>
    </nav>
  );
}

function Rooms() {
  const studio = useStudioWords();
  const session = useSession();
  if (session.state !== "in") return null;
  if (session.account.role === "viewer") {
    return (
      <div className="page">
        <Notice first title={studio.onlyPartners}>
          {studio.onlyPartnersHint}
        </Notice>
      </div>
    );
  }
  return (
    <Routes>
      <Route index element={<Deliveries />} />
      <Route path="jobs/:id" element={<Report />} />
      <Route path="titles" element={<Titles />} />
      <Route path="titles/:id" element={<TitleEditor />} />
      <Route path="titles/:id/preview" element={<TitlePreview />} />
      <Route path="*" element={<NoSuchPage />} />
    </Routes>
  );
}
