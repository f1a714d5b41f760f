/** A title in a few words: "1924 · All ages · 45 min". */

import type { Maturity, Tile, TitleCard } from "../api/types";
import { lengthOf, type Words } from "../words";

export const maturityOf = (words: Words, maturity: Maturity): string =>
  maturity === 0 ? words.forAll : words.fromAge(maturity);

export function factsOf(words: Words, card: TitleCard): string[] {
  const length =
    card.kind === "series" ? words.seasons(card.seasons) : card.duration_ms ? lengthOf(words, card.duration_ms) : "";
  return [String(card.year), maturityOf(words, card.maturity), length].filter(Boolean);
}

/** 0 to 1, or null when it was not begun. */
export function shareWatched(tile: Pick<Tile, "position_ms" | "duration_ms">): number | null {
  if (!tile.position_ms || !tile.duration_ms) return null;
  return Math.min(1, tile.position_ms / tile.duration_ms);
}
