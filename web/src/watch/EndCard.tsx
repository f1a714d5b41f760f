/** After the end of a film: back, once more, or one like it. */

import { useEffect, useRef } from "react";
import { Link } from "react-router";

import type { TitleCard } from "../api/types";
import { Picture } from "../components/Picture";
import { useWords } from "../words";

const MOST = 5;

interface Props {
  similar: readonly TitleCard[];
  onLeave: () => void;
  onAgain: () => void;
}

export function EndCard({ similar, onLeave, onAgain }: Props) {
  const words = useWords();
  const first = useRef<HTMLButtonElement>(null);
  useEffect(() => first.current?.focus(), []);
  const shown = similar.filter((card) => card.playable).slice(0, MOST);
  return (
    <section className="player-end" aria-label={words.watch.ended}>
      <p className="player-end-words">{words.watch.ended}</p>
      <div className="actions">
        <button ref={first} type="button" className="button" onClick={onLeave}>
          {words.back}
        </button>
        <button type="button" className="button button-quiet" onClick={onAgain}>
          {words.watch.again}
        </button>
      </div>
      {shown.length > 0 && (
        <div className="player-end-next">
          <h2>{words.watch.watchNext}</h2>
          <ul>
            {shown.map((card) => (
              <li key={card.id}>
                <Link to={`/title/${card.id}`} replace>
                  <span className="player-end-picture">
                    <Picture path={card.artwork.landscape || card.artwork.billboard} kind="landscape" sizes="14rem" tint={card.artwork.tint} name={card.name} eager />
                  </span>
                  <span className="player-end-name">{card.name}</span>
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
    </section>
  );
}
