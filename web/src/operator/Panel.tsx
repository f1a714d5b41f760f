/** A part of the operator's page: a heading, and what is there, or why it is not. */

import { useRef, type ReactNode } from "react";

import { asProblem } from "../api/problem";
import { sentenceOf, useWords } from "../words";
import { useKeptFocus } from "./keptFocus";

interface Asked {
  isPending: boolean;
  error: unknown;
}

interface PanelProps {
  id: string;
  title: string;
  asked: Asked | Asked[];
  aside?: ReactNode;
  wide?: boolean;
  /** What was just done here; empty before anything is. */
  done?: string;
  children: ReactNode;
}

export function Panel(props: PanelProps) {
  const words = useWords();
  const part = useRef<HTMLElement>(null);
  useKeptFocus(part);
  const asked = [props.asked].flat();
  const failed = asked.find((one) => one.error);
  const pending = asked.some((one) => one.isPending) && !failed;
  return (
    <section ref={part} className="operator-panel" data-wide={props.wide || undefined} aria-labelledby={props.id} aria-busy={pending}>
      <div className="operator-head">
        <h2 id={props.id} tabIndex={-1}>{props.title}</h2>
        {props.aside}
      </div>
      {failed && (
        <p className="form-error" role="alert">
          {sentenceOf(words, asProblem(failed.error))}
        </p>
      )}
      {props.done !== undefined && (
        <p role="status" className={props.done ? "operator-done" : "unseen"}>
          {props.done}
        </p>
      )}
      {pending ? <p className="quiet operator-waiting">{words.loading}…</p> : props.children}
    </section>
  );
}

export function MoreButton({ more, onMore }: { more: { hasNextPage: boolean; isFetchingNextPage: boolean }; onMore: () => void }) {
  const words = useWords();
  if (!more.hasNextPage) return null;
  return (
    <button type="button" className="button button-quiet operator-more" disabled={more.isFetchingNextPage} onClick={onMore}>
      {more.isFetchingNextPage ? `${words.loading}…` : words.more}
    </button>
  );
}
