/** What is shown instead of a page: waiting, nothing, trouble. */

import { type ReactNode, useEffect, useState } from "react";
import { Link, useRouteError } from "react-router";

import { asProblem, Problem } from "../api/problem";
import { useWords } from "../words";
import { Mark } from "./Mark";

export function Splash() {
  return (
    <div className="splash" role="status">
      <Mark large />
    </div>
  );
}

export function Notice(props: { title: string; children?: ReactNode; actions?: ReactNode; alert?: boolean; first?: boolean }) {
  const Heading = props.first || props.alert ? "h1" : "h2";
  return (
    <section className="notice" role={props.alert ? "alert" : undefined}>
      <Heading>{props.title}</Heading>
      {props.children && <div className="lead">{props.children}</div>}
      {props.actions && <div className="actions">{props.actions}</div>}
    </section>
  );
}

/** Says what went wrong in the service's own sentence, and what one can do about it. */
export function Trouble({ problem, onRetry, whole }: { problem: Problem; onRetry?: () => void; whole?: boolean }) {
  const words = useWords();
  const missing = problem.status === 404;
  const title = problem.offline ? words.offline : missing ? words.noSuchTitle : words.trouble;
  const fallback = problem.offline ? words.offlineLong : missing ? words.noSuchTitleLong : words.troubleLong;
  const notice = (
    <Notice
      alert
      title={title}
      actions={
        <>
          {onRetry && !missing && (
            <button type="button" className="button" onClick={onRetry}>
              {words.retry}
            </button>
          )}
          {!whole && (
            <Link className="button button-quiet" to="/">
              {words.toHome}
            </Link>
          )}
        </>
      }
    >
      <p>{words.problems[problem.code] || problem.detail || fallback}</p>
      {problem.requestId && !missing && <p className="quiet">{words.reference(problem.requestId)}</p>}
    </Notice>
  );
  return whole ? <main className="whole">{notice}</main> : <div className="page">{notice}</div>;
}

/** A page that could not be shown at all: its code is not to be had, or it is broken. */
export function Stumble() {
  const error = useRouteError();
  const missing = error instanceof TypeError && /dynamically imported module|module script/i.test(error.message);
  const [away, setAway] = useState(!navigator.onLine);
  useEffect(() => {
    if (!missing) return;
    window.addEventListener("online", reload);
    void isThere().then((there) => {
      setAway(!there);
      // A newer version was deployed, most often: its pages have other names.
      if (!there || sessionStorage.getItem(RELOADED)) return;
      sessionStorage.setItem(RELOADED, "1");
      reload();
    });
    return () => window.removeEventListener("online", reload);
  }, [missing]);
  const problem = missing && away ? new Problem(0, "offline", "") : asProblem(error);
  return <Trouble problem={problem} onRetry={() => void isThere().then((there) => there && reload())} whole />;
}

const RELOADED = "vita.reloaded";
const reload = () => window.location.reload();

/** True when the service answers. Who loads the page anew while it does not gets the browser's own error in its place. */
const isThere = (): Promise<boolean> =>
  fetch("/", { cache: "no-store" }).then(
    (answer) => answer.ok,
    () => false,
  );
