/** The operator's side: is all well, who is watching, what is worked on, whose account is whose. */

import { useEffect, useRef, type ReactNode } from "react";
import { Link, NavLink, Route, Routes, useLocation } from "react-router";
import "./operator.css";
import "./fields.css";

import { useSession } from "../api/session";
import NoSuchPage from "../browse/NoSuchPage";
import { Mark } from "../components/Mark";
import { Notice } from "../components/Notice";
import { useSignOut } from "../shell";
import { useWords } from "../words";
import { Accounts } from "./Accounts";
import { Errors } from "./Errors";
import { JobReview } from "./JobReview";
import { Jobs } from "./Jobs";
import { Overview } from "./Overview";
import { Playing } from "./Playing";
import { SettingsList } from "./SettingsList";
import { useOperatorWords, type OperatorWords } from "./words";

const PAGES: [to: string, name: (words: OperatorWords) => string, page: ReactNode][] = [
  ["", (words) => words.overview, <Overview key="overview" />],
  ["playing", (words) => words.playing, <Playing key="playing" />],
  ["jobs", (words) => words.jobs, <Jobs key="jobs" />],
  ["accounts", (words) => words.accounts, <Accounts key="accounts" />],
  ["errors", (words) => words.errors, <Errors key="errors" />],
  ["settings", (words) => words.settings, <SettingsList key="settings" />],
];

export default function Operator() {
  const words = useWords();
  const operator = useOperatorWords();
  const session = useSession();
  const out = useSignOut();
  const tabs = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    tabs.current?.querySelector(".active")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);
  if (session.state !== "in") return null;
  const may = session.account.role === "operator";
  return (
    <>
      <title>{`${operator.title} · ${words.brand}`}</title>
      <a className="skip" href="#main">
        {words.skip}
      </a>
      <header className="bar" data-row="">
        <Link to="/" className="bar-name" data-tile="" aria-label={words.brand}>
          <Mark />
        </Link>
        <span className="bar-who">
          {may && (
            <Link to="/studio" data-tile="">
              {words.studio}
            </Link>
          )}
          <span>{session.account.name}</span>
          <button type="button" data-tile="" onClick={() => void out()}>
            {words.signOut}
          </button>
        </span>
      </header>
      <main id="main" tabIndex={-1}>
        <div className="page operator">
          {may ? (
            <>
              <nav ref={tabs} className="operator-tabs" aria-label={operator.title} data-row="">
                {PAGES.map(([to, name]) => (
                  <NavLink key={to} to={`/operator${to && `/${to}`}`} end={to === ""} data-tile="">
                    {name(operator)}
                  </NavLink>
                ))}
              </nav>
              <Routes>
                {PAGES.map(([to, , page]) => (
                  <Route key={to} {...(to ? { path: to } : { index: true })} element={page} />
                ))}
                <Route path="jobs/:id" element={<JobReview />} />
                <Route path="*" element={<NoSuchPage />} />
              </Routes>
            </>
          ) : (
            <Notice first title={operator.onlyOperators}>
              {operator.onlyOperatorsHint}
            </Notice>
          )}
        </div>
      </main>
    </>
  );
}
