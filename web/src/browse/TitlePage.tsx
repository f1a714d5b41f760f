/** A title's own page: what it is, who made it, where one was, and where to go from here. */

import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import "./title.css";
import "./billboard.css";
import "./home.css";

import { asProblem } from "../api/problem";
import { titleQuery, useListChange, useThumbChange } from "../api/queries";
import type { Thumb, TitleView } from "../api/types";
import { shareWatched } from "../components/facts";
import { Icon, type IconName } from "../components/Icon";
import { Meter } from "../components/Meter";
import { Splash, Trouble } from "../components/Notice";
import { PlayLink } from "../components/PlayLink";
import { sentenceOf, useWords, type Words } from "../words";
import { Episodes } from "./Episodes";
import { TitleFacts } from "./TitleFacts";
import { TitleGrid } from "./TitleGrid";
import { TitleHead } from "./TitleHead";

export default function TitlePage() {
  const { titleId = "" } = useParams();
  const words = useWords();
  const answer = useQuery(titleQuery(titleId));
  if (answer.isError && !answer.data) {
    return <Trouble problem={asProblem(answer.error)} onRetry={() => void answer.refetch()} />;
  }
  if (!answer.data) return <Splash />;
  const view = answer.data;
  const { card, seasons } = view.title;
  const share = view.resume ? shareWatched(view.resume) : null;
  return (
    <article className="title" style={{ "--tint": card.artwork.tint } as React.CSSProperties}>
      <title>{`${card.name} · ${words.brand}`}</title>
      <TitleHead card={card} synopsis={view.title.synopsis} key={card.id}>
        {share !== null && (
          <div className="title-meter">
            <Meter share={share} />
          </div>
        )}
        <TitleActions view={view} />
      </TitleHead>
      {seasons.length > 0 && <Episodes view={view} key={`episodes-${card.id}`} />}
      <TitleFacts title={view.title} />
      {view.similar.length > 0 && (
        <section className="title-part" aria-labelledby="similar">
          <h2 id="similar">{words.moreLikeThis}</h2>
          <TitleGrid cards={view.similar} />
        </section>
      )}
    </article>
  );
}

function TitleActions({ view }: { view: TitleView }) {
  const words = useWords();
  const { card } = view.title;
  const list = useListChange(card.id);
  const playable = view.resume?.content_id && card.playable;
  return (
    <>
      {!playable && <p className="quiet">{words.comingLong}</p>}
      <div className="actions" data-row="">
        {playable && view.resume ? <PlayLink tile={view.resume} /> : <span className="coming">{words.comingSoon}</span>}
        <button
          type="button"
          className="button button-quiet"
          data-tile=""
          aria-pressed={view.in_list}
          onClick={() => list.mutate(!view.in_list)}
        >
          <Icon name={view.in_list ? "check" : "plus"} />
          {view.in_list ? words.inList : words.addToList}
        </button>
        <Thumbs titleId={card.id} thumb={view.thumb} />
      </div>
      {list.error && (
        <p className="quiet" role="alert">
          {sentenceOf(words, asProblem(list.error))}
        </p>
      )}
    </>
  );
}

const THUMBS: [Thumb, IconName, (words: Words) => string][] = [
  ["down", "down", (words) => words.thumbDown],
  ["up", "up", (words) => words.thumbUp],
  ["love", "love", (words) => words.thumbLove],
];

function Thumbs({ titleId, thumb }: { titleId: string; thumb: Thumb | null }) {
  const words = useWords();
  const change = useThumbChange(titleId);
  return (
    <div role="group" aria-label={words.yourOpinion} className="actions">
      {THUMBS.map(([value, icon, label]) => (
        <button
          key={value}
          type="button"
          className="round"
          data-tile=""
          aria-label={label(words)}
          title={label(words)}
          aria-pressed={thumb === value}
          onClick={() => change.mutate(thumb === value ? null : value)}
        >
          <Icon name={icon} filled={thumb === value} />
        </button>
      ))}
    </div>
  );
}
