/** The button that starts the film. Reaching for it already fetches the player. */

import { Link } from "react-router";

import type { Tile } from "../api/types";
import { useWords, type Words } from "../words";
import { Icon } from "./Icon";

export const fetchPlayer = (): void => {
  void import("../watch/Watch");
  void import("../watch/shaka");
};

export function PlayLink({ tile, small, tabIndex }: { tile: Tile; small?: boolean; tabIndex?: number }) {
  const words = useWords();
  const label = labelOf(words, tile);
  const named = `${label}: ${tile.card.name}`;
  return (
    <Link
      className={small ? "round round-small round-primary" : "button"}
      to={`/watch/${tile.content_id}`}
      aria-label={named}
      tabIndex={tabIndex}
      {...(small ? {} : { "data-tile": "" })}
      onPointerEnter={fetchPlayer}
      onFocus={fetchPlayer}
    >
      <Icon name="play" />
      {!small && <span>{label}</span>}
    </Link>
  );
}

function labelOf(words: Words, tile: Tile): string {
  const begun = !!tile.position_ms;
  if (tile.episode) {
    const say = begun ? words.resumeEpisode : words.playEpisode;
    return say(tile.episode.season, tile.episode.number);
  }
  return begun ? words.resume : words.play;
}
