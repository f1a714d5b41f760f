/** What holds for every page of the viewers: arrow keys, Back, and where the focus begins. */

import { Outlet, useLocation } from "react-router";

import { useArrival } from "./components/arrival";
import { useArrowKeys } from "./components/arrows";
import { useBackKey } from "./components/backKey";

export function Remote() {
  const { pathname } = useLocation();
  const studio = pathname.startsWith("/studio"); // forms and tables, made for a desk
  useArrowKeys(!studio);
  useBackKey(!studio);
  useArrival(!studio);
  return <Outlet />;
}
