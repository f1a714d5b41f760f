/** The picture and what lies over it. */

import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { useSession } from "../api/session";
import { titleQuery } from "../api/queries";
import type { EpisodeCard, PlayAnswer, TitleView } from "../api/types";
import { Icon } from "../components/Icon";
import { useWords } from "../words";
import { type Actions, useActions } from "./actions";
import { Controls } from "./Controls";
import { EndCard } from "./EndCard";
import { KeysSheet } from "./KeysSheet";
import { useKeys } from "./keys";
import { useMedia } from "./media";
import { useMediaSession } from "./mediaSession";
import { NextUp } from "./NextUp";
import { usePlaybackSession } from "./playbackSession";
import { useActivity } from "./activity";
import { useTouch } from "./touch";
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
  const playback = usePlaybackSession(answer, video, text);
  const media = useMedia(video);
  const [keysShown, setKeysShown] = useState(false);
  const leave = useCallback(() => void onLeave(answer.title_id), [onLeave, answer.title_id]);
  const goOn = useCallback(async () => {
    const { heartbeat } = playback;
    if (!answer.next_content_id || !heartbeat.current) return;
    await heartbeat.current.beat();
    heartbeat.current.hush();
    await onNext(answer.session_id, answer.next_content_id);
  }, [answer, playback, onNext]);
  const next = answer.next_content_id ? () => void goOn() : null;
  const over = media.ended && playback.begun;
  // The session ends with the film: what plays then plays in a new one.
  const done = over && !next;
  const onScreen = useActions({ video, room, filmPlayer: playback.filmPlayer, next, leave });
  const actions = useMemo(() => (done ? begunAnew(onScreen, onAgain) : onScreen), [done, onScreen, onAgain]);
  const activity = useActivity(room, !media.playing);
  useKeys({ room, actions, keysShown, showKeys: setKeysShown, noteActivity: activity.noteActivity });
  useEffect(() => room.current?.focus({ preventScroll: true }), []);
  useMediaSession(answer.name, actions);
  const autoplay = useAutoplay();
  const touch = useTouch({ actions, idle: activity.idle, rest: activity.rest });
  const view = useQuery({ ...titleQuery(answer.title_id), enabled: playback.begun }).data;
  useEndOfFilm(over, autoplay, next, playback.heartbeat);

  if (playback.trouble) {
    return <WatchTrouble reason={playback.trouble} onAgain={onAgain} onLeave={leave} />;
  }
  const atCredits = playback.begun && answer.credits_start_ms !== null && media.timeS * 1000 >= answer.credits_start_ms;
  return (
    <div className="player" ref={room} tabIndex={-1} data-first="" data-own-keys="" role="region" aria-label={words.watch.player} data-idle={activity.idle || undefined}>
      {/* Captions come from the manifest and are drawn into .player-text. */}
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption */}
      <video ref={video} className="player-video" playsInline {...touch} />
      <div ref={text} className="player-text" />
      {playback.buffering && !over && <div className="player-spinner" role="status" aria-label={words.watch.loading} />}
      {playback.buffering && playback.begun && playback.cutOff && (
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
      <Controls answer={answer} media={media} actions={actions} playback={playback} onKeys={() => setKeysShown(true)} />
      {next && (atCredits || over) && (
        <NextUp
          episode={episodeOf(view, answer.next_content_id)}
          picture={view?.title.card.artwork.landscape ?? ""}
          autoplay={autoplay}
          onNext={next}
          running={media.playing || over}
        />
      )}
      {done && <EndCard similar={view?.similar ?? []} onLeave={leave} onAgain={onAgain} />}
      {keysShown && <KeysSheet onClose={() => setKeysShown(false)} />}
    </div>
  );
}

/** Whatever would move the film begins it again. */
function begunAnew(actions: Actions, again: () => void): Actions {
  return { ...actions, play: again, togglePlay: again, seekTo: again, seekBy: again, seekToShare: again };
}

function episodeOf(view: TitleView | undefined, id: string | null): EpisodeCard | null {
  return view?.title.seasons.flatMap((season) => season.episodes).find((one) => one.id === id) ?? null;
}

function useAutoplay(): boolean {
  const session = useSession();
  return session.state === "in" ? (session.profile?.autoplay ?? true) : true;
}

function useEndOfFilm(ended: boolean, autoplay: boolean, next: (() => void) | null, heartbeat: ReturnType<typeof usePlaybackSession>["heartbeat"]): void {
  const step = useRef(next);
  useEffect(() => {
    step.current = next;
  });
  useEffect(() => {
    if (!ended) return;
    if (step.current && autoplay) step.current();
    else if (!step.current) void heartbeat.current?.stop();
  }, [ended, autoplay, heartbeat]);
}
