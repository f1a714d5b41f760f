/** A series' episodes, one season at a time, with the place where one stopped in each. */

import { useState } from "react";
import { Link } from "react-router";

import type { EpisodeCard, TitleView } from "../api/types";
import { Icon } from "../components/Icon";
import { Meter } from "../components/Meter";
import { Picture } from "../components/Picture";
import { fetchPlayer } from "../components/PlayLink";
import { lengthOf, useWords } from "../words";

export function Episodes({ view }: { view: TitleView }) {
  const words = useWords();
  const { seasons } = view.title;
  const [number, setNumber] = useState(view.resume?.episode?.season ?? seasons[0]?.number ?? 1);
  const season = seasons.find((one) => one.number === number) ?? seasons[0];
  return (
    <section className="title-part" aria-labelledby="episodes">
      <div className="page-head">
        <h2 id="episodes">{words.episodes}</h2>
        {seasons.length > 1 && (
          <label className="season-choice">
            <span className="unseen">{words.season(number)}</span>
            <select value={number} onChange={(event) => setNumber(Number(event.target.value))}>
              {seasons.map((one) => (
                <option key={one.number} value={one.number}>
                  {words.season(one.number)}
                  {one.name ? ` · ${one.name}` : ""}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <ol className="episodes">
        {season?.episodes.map((episode) => (
          <EpisodeLine key={episode.id} episode={episode} view={view} />
        ))}
      </ol>
    </section>
  );
}

function EpisodeLine({ episode, view }: { episode: EpisodeCard; view: TitleView }) {
  const words = useWords();
  const position = view.positions[episode.id];
  const duration = view.durations[episode.id] ?? episode.duration_ms;
  const share = position && duration ? Math.min(1, position / duration) : null;
  const art = episode.artwork.landscape || view.title.card.artwork.landscape;
  const inside = (
    <>
      <span className="episode-picture">
        <Picture path={art} kind="landscape" sizes="(min-width: 600px) 20vw, 9rem" tint={episode.artwork.tint} name={episode.name} />
        {episode.playable && (
          <span className="episode-play">
            <Icon name="play" />
          </span>
        )}
        {share !== null && <Meter share={share} />}
      </span>
      <span className="episode-words">
        <span className="episode-name">
          {episode.number}. {episode.name}
        </span>
        <span className="quiet">
          {[episode.duration_ms ? lengthOf(words, episode.duration_ms) : "", episode.playable ? "" : words.comingSoon].filter(Boolean).join(" · ")}
        </span>
        <span className="episode-synopsis">{episode.synopsis}</span>
      </span>
    </>
  );
  return (
    <li data-row="">
      {episode.playable ? (
        <Link className="episode" data-tile="" to={`/watch/${episode.id}`} onPointerEnter={fetchPlayer} onFocus={fetchPlayer}>
          {inside}
        </Link>
      ) : (
        <div className="episode">{inside}</div>
      )}
    </li>
  );
}
