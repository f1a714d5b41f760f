/** What is shown instead of a page: waiting, nothing, trouble. */

import { type ReactNode, useEffect } from "react";
import { Link, useRouteError } from "react-router";

import { asProblem, type Problem } from "../api/problem";
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
      {problem.requestId && <p className="quiet">{words.reference(problem.requestId)}</p>}
    </Notice>
  );
  return whole ? <main className="whole">{notice}</main> : <div className="page">{notice}</div>;
}

/** A page that could not be shown at all, most often because a newer version was deployed. */
export function Stumble() {
  const error = useRouteError();
  const stale = error instanceof TypeError && /dynamically imported module|module script/i.test(error.message);
  useEffect(() => {
    const key = "vita.reloaded";
    if (!stale || sessionStorage.getItem(key)) return;
    sessionStorage.setItem(key, "1");
    window.location.reload();
  }, [stale]);
  return <Trouble problem={asProblem(error)} onRetry={() => window.location.reload()} whole />;
}
