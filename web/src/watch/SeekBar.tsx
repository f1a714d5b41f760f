/** Where one is, where one could go, and what is to be seen there. */

import { type PointerEvent, type RefObject, useState } from "react";

import type { PlayAnswer, Thumbnails } from "../api/types";
import { useWords } from "../words";
import { clock, type Media } from "./media";
import { below, withPathToken } from "./tokens";
import type { FilmPlayer } from "./filmPlayer";

interface Props {
  answer: PlayAnswer;
  media: Media;
  tokens: RefObject<FilmPlayer | null>;
  onSeek: (seconds: number) => void;
}

export function SeekBar({ answer, media, tokens, onSeek }: Props) {
  const words = useWords();
  const [aim, setAim] = useState<number | null>(null);
  const duration = media.durationS || answer.duration_ms / 1000;
  const share = (seconds: number) => (duration ? `${Math.min(100, (seconds / duration) * 100)}%` : "0%");
  const point = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setAim(Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * duration);
  };
  return (
    <div className="seek" onPointerMove={point} onPointerLeave={() => setAim(null)}>
      <div className="seek-track" aria-hidden="true">
        <span className="seek-buffered" style={{ inlineSize: share(media.bufferedToS) }} />
        <span className="seek-played" style={{ inlineSize: share(media.timeS) }} />
      </div>
      <input
        type="range"
        min={0}
        max={Math.max(1, Math.floor(duration))}
        step={1}
        value={Math.floor(media.timeS)}
        aria-label={words.watch.seek}
        aria-valuetext={words.watch.of(clock(media.timeS), clock(duration))}
        onChange={(event) => onSeek(Number(event.target.value))}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -10, ArrowRight: 10 }[event.key];
          if (!step) return;
          event.preventDefault();
          onSeek(media.timeS + step);
        }}
      />
      {aim !== null && (
        <div className="seek-aim" style={{ insetInlineStart: share(aim) }} aria-hidden="true">
          {answer.thumbnails && <Frame thumbnails={answer.thumbnails} answer={answer} atS={aim} token={tokens.current?.tokens.pathToken ?? null} />}
          <span>{clock(aim)}</span>
        </div>
      )}
    </div>
  );
}

/** Which sprite, and where in it, shows the film at this second. */
export function frameOf(thumbnails: Thumbnails, atS: number): { sheet: number; x: number; y: number } {
  const { columns, rows, interval_ms, count, width, height } = thumbnails;
  const frame = Math.min(Math.max(0, Math.floor((atS * 1000) / interval_ms)), count - 1);
  const within = frame % (columns * rows);
  return {
    sheet: Math.floor(frame / (columns * rows)),
    x: (within % columns) * width,
    y: Math.floor(within / columns) * height,
  };
}

function Frame(props: { thumbnails: Thumbnails; answer: PlayAnswer; atS: number; token: string | null }) {
  const { thumbnails, answer } = props;
  const base = answer.edges[0]?.base_url;
  if (!base) return null;
  const { sheet, x, y } = frameOf(thumbnails, props.atS);
  const url = withPathToken(below(base, thumbnails.url.replace("{index}", String(sheet))), props.token);
  return (
    <span
      className="seek-frame"
      style={{
        width: thumbnails.width,
        height: thumbnails.height,
        backgroundImage: `url("${url}")`,
        backgroundPosition: `-${x}px -${y}px`,
        backgroundSize: `${thumbnails.width * thumbnails.columns}px auto`,
      }}
    />
  );
}
