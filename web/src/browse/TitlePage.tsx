/** A title's own page: what it is, who made it, where one was, and where to go from here. */

import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import "./title.css";
import "./billboard.css";
import "./home.css";

import { asProblem } from "../api/problem";
import { titleQuery, useListChange, useThumbChange } from "../api/queries";
import type { Thumb, TitleView } from "../api/types";
import { factsOf, shareWatched } from "../components/facts";
import { Icon, type IconName } from "../components/Icon";
import { Meter } from "../components/Meter";
import { Splash, Trouble } from "../components/Notice";
import { artworkUrl } from "../components/Picture";
import { PlayLink } from "../components/PlayLink";
import { useWords, type Words } from "../words";
import { Episodes } from "./Episodes";
import { TitleFacts } from "./TitleFacts";
import { TitleGrid } from "./TitleGrid";

export default function TitlePage() {
  const { titleId = "" } = useParams();
  const words = useWords();
  const answer = useQuery(titleQuery(titleId));
  if (answer.isError) {
    return <Trouble problem={asProblem(answer.error)} onRetry={() => void answer.refetch()} />;
  }
  if (!answer.data) return <Splash />;
  const view = answer.data;
  const { card, seasons } = view.title;
  return (
    <article className="title" style={{ "--tint": card.artwork.tint } as React.CSSProperties}>
      <title>{`${card.name} · ${words.brand}`}</title>
      <TitleHead view={view} key={card.id} />
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

function TitleHead({ view }: { view: TitleView }) {
  const words = useWords();
  const { card, synopsis } = view.title;
  const picture = card.artwork.billboard || card.artwork.landscape;
  const share = view.resume ? shareWatched(view.resume) : null;
  return (
    <header className="title-head">
      <div className="billboard-screen">
        {picture && <img src={artworkUrl(picture)} alt="" fetchPriority="high" />}
      </div>
      <div className="title-words">
        <h1>{card.name}</h1>
        {card.tagline && <p className="title-tagline">{card.tagline}</p>}
        <p className="facts">
          {factsOf(words, card).map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </p>
        <p className="title-synopsis">{synopsis}</p>
        {share !== null && (
          <div className="title-meter">
            <Meter share={share} />
          </div>
        )}
        <TitleActions view={view} />
      </div>
    </header>
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
