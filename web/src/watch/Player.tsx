/** The picture and what lies over it. */

import { useCallback, useEffect, useRef, useState } from "react";

import { useSession } from "../api/session";
import type { PlayAnswer } from "../api/types";
import { Icon } from "../pieces/Icon";
import { useWords } from "../words";
import { useActions } from "./actions";
import { Controls } from "./Controls";
import { KeysSheet } from "./KeysSheet";
import { useKeys } from "./keys";
import { useMedia } from "./media";
import { useMediaSession } from "./mediaSession";
import { NextUp } from "./NextUp";
import { useScreening } from "./screening";
import { useStirring } from "./stirring";
import { WatchTrouble } from "./WatchTrouble";

interface Props {
  answer: PlayAnswer;
  onAgain: () => void;
  onLeave: (titleId: string) => Promise<void>;
  onNext: (sessionId: string, contentId: string) => Promise<void>;
}

export function Player({ answer, onAgain, onLeave, onNext }: Props) {
  const words = useWords();
  const room = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const text = useRef<HTMLDivElement>(null);
  const screening = useScreening(answer, video, text);
  const media = useMedia(video);
  const [keysShown, setKeysShown] = useState(false);
  const leave = useCallback(() => void onLeave(answer.title_id), [onLeave, answer.title_id]);
  const goOn = useCallback(async () => {
    const { heart } = screening;
    if (!answer.next_content_id || !heart.current) return;
    await heart.current.beat();
    heart.current.hush();
    await onNext(answer.session_id, answer.next_content_id);
  }, [answer, screening, onNext]);
  const next = answer.next_content_id ? () => void goOn() : null;
  const actions = useActions({ video, room, projector: screening.projector, next, leave });
  const stirring = useStirring(room, !media.playing);
  useKeys(actions, keysShown, setKeysShown, stirring.stir);
  useMediaSession(answer.name, actions);
  const autoplay = useAutoplay();
  const over = media.ended && screening.begun;
  useEndOfFilm(over, autoplay, next, screening.heart);

  if (screening.trouble) {
    return <WatchTrouble reason={screening.trouble} onAgain={onAgain} onLeave={leave} />;
  }
  const atCredits = screening.begun && answer.credits_start_ms !== null && media.timeS * 1000 >= answer.credits_start_ms;
  return (
    <div className="player" ref={room} role="region" aria-label={words.watch.player} data-idle={stirring.idle || undefined}>
      {/* Captions come from the manifest and are drawn into .player-text. */}
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption */}
      <video ref={video} className="player-video" playsInline onClick={actions.togglePlay} onDoubleClick={actions.toggleFullscreen} />
      <div ref={text} className="player-text" />
      {screening.buffering && !over && <div className="player-lamp" role="status" aria-label={words.watch.loading} />}
      {screening.buffering && screening.begun && screening.cutOff && (
        <p className="player-cut-off" role="status">
          {words.watch.cutOff}
        </p>
      )}
      <header className="player-head">
        <button type="button" className="round" aria-label={words.watch.leave} title={words.watch.leave} onClick={leave}>
          <Icon name="left" />
        </button>
        <h1>{answer.name}</h1>
      </header>
      <Controls answer={answer} media={media} actions={actions} screening={screening} onKeys={() => setKeysShown(true)} />
      {next && (atCredits || over) && (
        <NextUp autoplay={autoplay} onNext={next} running={media.playing || over} />
      )}
      {over && !next && (
        <div className="player-end">
          <p>{words.watch.ended}</p>
          <div className="actions">
            <button type="button" className="button" onClick={leave} autoFocus>
              {words.back}
            </button>
            <button type="button" className="button button-quiet" onClick={onAgain}>
              {words.watch.again}
            </button>
          </div>
        </div>
      )}
      {keysShown && <KeysSheet onClose={() => setKeysShown(false)} />}
    </div>
  );
}

function useAutoplay(): boolean {
  const session = useSession();
  return session.state === "in" ? (session.profile?.autoplay ?? true) : true;
}

function useEndOfFilm(ended: boolean, autoplay: boolean, next: (() => void) | null, heart: ReturnType<typeof useScreening>["heart"]): void {
  const step = useRef(next);
  useEffect(() => {
    step.current = next;
  });
  useEffect(() => {
    if (!ended) return;
    if (step.current && autoplay) step.current();
    else if (!step.current) void heart.current?.stop();
  }, [ended, autoplay, heart]);
}
