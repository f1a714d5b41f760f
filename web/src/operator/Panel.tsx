/** A part of the operator's page: a heading, and what is there, or why it is not. */

import type { ReactNode } from "react";

import { asProblem } from "../api/problem";
import { sentenceOf, useWords } from "../words";

interface Asked {
  isPending: boolean;
  error: unknown;
}

export function Panel(props: { id: string; title: string; asked: Asked | Asked[]; aside?: ReactNode; wide?: boolean; children: ReactNode }) {
  const words = useWords();
  const asked = [props.asked].flat();
  const failed = asked.find((one) => one.error);
  const pending = asked.some((one) => one.isPending) && !failed;
  return (
    <section className="operator-panel" data-wide={props.wide || undefined} aria-labelledby={props.id} aria-busy={pending}>
      <div className="operator-head">
        <h2 id={props.id}>{props.title}</h2>
        {props.aside}
      </div>
      {failed && (
        <p className="form-error" role="alert">
          {sentenceOf(words, asProblem(failed.error))}
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
