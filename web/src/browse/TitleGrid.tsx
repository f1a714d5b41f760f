import { Link } from "react-router";

import type { TitleCard } from "../api/types";
import { factsOf } from "../components/facts";
import { isNameless, Picture } from "../components/Picture";
import { useWords } from "../words";

/** Posters on a wall. */
export function TitleGrid({ cards }: { cards: TitleCard[] }) {
  const words = useWords();
  return (
    <ul className="grid">
      {cards.map((card) => (
        <li key={card.id}>
          <Link
            className="card"
            data-tile=""
            to={`/title/${card.id}`}
            aria-label={[card.name, ...factsOf(words, card), card.playable ? "" : words.comingSoon].filter(Boolean).join(", ")}
          >
            <Picture
              path={card.artwork.poster}
              kind="poster"
              tint={card.artwork.tint}
              name={card.name}
              nameless={isNameless(card.artwork)}
            />
            {!card.playable && <span className="ribbon">{words.comingSoon}</span>}
          </Link>
        </li>
      ))}
    </ul>
  );
}

export function GridSkeleton() {
  return (
    <div className="grid" aria-hidden="true">
      {Array.from({ length: 14 }, (_, at) => (
        <span key={at} className="bone" style={{ aspectRatio: "2 / 3" }} />
      ))}
    </div>
  );
}
