/** The head of a title's page: its picture, its words, and what one can do with it. */

import type { ReactNode } from "react";

import type { TitleCard } from "../api/types";
import { Backdrop } from "../components/Backdrop";
import { factsOf } from "../components/facts";
import { useWords } from "../words";

export function TitleHead({ card, synopsis, children }: { card: TitleCard; synopsis: string; children: ReactNode }) {
  const words = useWords();
  return (
    <header className="title-head on-dark">
      <Backdrop artwork={card.artwork} />
      <div className="title-words">
        <h1>{card.name}</h1>
        {card.tagline && <p className="title-tagline">{card.tagline}</p>}
        <p className="facts">
          {factsOf(words, card).map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </p>
        <p className="title-synopsis">{synopsis}</p>
        {children}
      </div>
    </header>
  );
}
