/** A title on a row: a poster, or a frame of what was begun. */

import { useEffect, useRef } from "react";
import { Link } from "react-router";

import { useForget } from "../api/queries";
import type { Tile } from "../api/types";
import { factsOf, shareWatched } from "../components/facts";
import { Icon } from "../components/Icon";
import { Meter } from "../components/Meter";
import { isNameless, Picture, TILE_SIZES } from "../components/Picture";
import { fetchPlayer, PlayLink } from "../components/PlayLink";
import { Preview } from "../components/Preview";
import { lengthOf, useWords, type Words } from "../words";

interface Props {
  tile: Tile;
  wide: boolean;
  eager: boolean;
  reachable: boolean;
  open: boolean;
  onPoint: () => void;
  onFocus: () => void;
  onBlur: () => void;
  onForget?: (() => void) | undefined;
}

export function RowTile(props: Props) {
  const words = useWords();
  const { tile, wide, open } = props;
  const { card, episode } = tile;
  const art = wide && episode?.artwork.landscape ? episode.artwork : card.artwork;
  const share = shareWatched(tile);
  const item = useRef<HTMLLIElement>(null);
  useKeepInView(item, open);
  const resumes = wide && tile.content_id;
  return (
    <li
      className="tile"
      ref={item}
      data-open={open || undefined}
      onPointerEnter={(event) => event.pointerType === "mouse" && props.onPoint()}
      onFocus={(event) => event.target.matches(":focus-visible") && props.onFocus()}
      onBlur={(event) => !item.current?.contains(event.relatedTarget) && props.onBlur()}
    >
      <Link
        className="tile-link"
        data-tile=""
        to={resumes ? `/watch/${tile.content_id}` : `/title/${card.id}`}
        tabIndex={props.reachable ? 0 : -1}
        aria-label={labelOf(words, tile)}
        {...(resumes ? { onPointerEnter: fetchPlayer, onFocus: fetchPlayer } : {})}
      >
        <Picture
          path={wide ? art.landscape : art.poster}
          kind={wide ? "landscape" : "poster"}
          tint={art.tint}
          name={card.name}
          eager={props.eager}
          nameless={!wide && isNameless(art)}
        />
        {open && (
          <span className="tile-screen">
            <Picture
              path={card.artwork.landscape || card.artwork.billboard}
              kind={card.artwork.landscape ? "landscape" : "billboard"}
              sizes={TILE_SIZES.billboard}
              tint={art.tint}
              name={card.name}
              eager
            />
            <Preview path={card.artwork.preview} />
          </span>
        )}
        {!card.playable && <span className="ribbon">{words.comingSoon}</span>}
        {share !== null && <Meter share={share} />}
      </Link>
      {wide && <TileCaption tile={tile} onForget={props.onForget} />}
      {open && <TileFacts tile={tile} />}
    </li>
  );
}

function TileFacts({ tile }: { tile: Tile }) {
  const words = useWords();
  const { card } = tile;
  return (
    <div className="tile-facts">
      <div className="tile-facts-words" aria-hidden="true">
        <p className="tile-name">{card.name}</p>
        <p className="facts">
          {factsOf(words, card).map((fact) => (
            <span key={fact}>{fact}</span>
          ))}
        </p>
      </div>
      {card.playable && tile.content_id && <PlayLink tile={tile} small />}
    </div>
  );
}

function TileCaption({ tile, onForget }: { tile: Tile; onForget?: (() => void) | undefined }) {
  const words = useWords();
  const forget = useForget();
  const { card, episode } = tile;
  return (
    <div className="tile-caption">
      <p>
        <span className="tile-name">{card.name}</span>
        <span className="quiet">
          {episode ? `S${episode.season} E${episode.number} · ${episode.name}` : leftOf(words, tile)}
        </span>
      </p>
      {onForget && (
        <button
          type="button"
          className="round round-small tile-forget"
          aria-label={`${words.removeFromHistory}: ${card.name}`}
          title={words.removeFromHistory}
          tabIndex={-1}
          onClick={() => {
            onForget();
            forget.mutate(card.id);
          }}
        >
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

function leftOf(words: Words, tile: Tile): string {
  if (!tile.duration_ms) return "";
  const left = Math.max(0, tile.duration_ms - (tile.position_ms ?? 0));
  return words.timeLeft(lengthOf(words, left));
}

function labelOf(words: Words, tile: Tile): string {
  const { card, episode } = tile;
  const part = episode ? `S${episode.season} E${episode.number} ${episode.name}` : "";
  const coming = card.playable ? "" : words.comingSoon;
  return [card.name, part, ...factsOf(words, card), coming].filter(Boolean).join(", ");
}

/** An opened poster is wider than before: bring all of it into view. */
function useKeepInView(item: React.RefObject<HTMLLIElement | null>, open: boolean): void {
  useEffect(() => {
    const track = item.current?.parentElement;
    if (!open || !item.current || !track) return;
    const width = item.current.clientHeight * (16 / 9);
    const past = item.current.offsetLeft + width + 48 - (track.scrollLeft + track.clientWidth);
    if (past > 0) track.scrollBy({ left: past, behavior: "smooth" });
  }, [open, item]);
}
