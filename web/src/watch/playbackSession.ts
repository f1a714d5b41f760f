/**
 * One session from load to leave: the player, the heartbeat, and what the page is told of them.
 */

import { type RefObject, useEffect, useRef, useState } from "react";

import { Problem } from "../api/problem";
import { queryClient } from "../api/queries";
import { currentSession } from "../api/session";
import type { PlayAnswer } from "../api/types";
import { useWords } from "../words";
import { bufferAhead } from "./abr";
import { Heartbeat } from "./heartbeat";
import { wantedLanguages } from "./languages";
import { followMedia, preferences } from "./preferences";
import { expose } from "./testStats";
import { FilmPlayer } from "./filmPlayer";
import { explainPlayback, explainProblem, type Reason } from "./WatchTrouble";

const FATAL = 2;

export interface PlaybackSession {
  /** A picture was shown: from now on, an end is the film's own. */
  begun: boolean;
  buffering: boolean;
  /** Nobody can be reached just now: the film goes on when the network is back. */
  cutOff: boolean;
  trouble: Reason | null;
  /** Counts up when tracks changed, so that menus are read again. */
  tracks: number;
  filmPlayer: RefObject<FilmPlayer | null>;
  heartbeat: RefObject<Heartbeat | null>;
}

export function usePlaybackSession(
  answer: PlayAnswer,
  video: RefObject<HTMLVideoElement | null>,
  text: RefObject<HTMLElement | null>,
): PlaybackSession {
  const words = useWords();
  const [begun, setBegun] = useState(false);
  const [buffering, setBuffering] = useState(true);
  const [cutOff, setCutOff] = useState(false);
  const [trouble, setTrouble] = useState<Reason | null>(null);
  const [tracks, setTracks] = useState(0);
  const filmPlayer = useRef<FilmPlayer | null>(null);
  const heartbeat = useRef<Heartbeat | null>(null);
  const say = useRef(words);
  useEffect(() => {
    say.current = words;
  }, [words]);

  useEffect(() => {
    const node = video.current;
    const container = text.current;
    if (!node || !container) return;
    const fail = (error: { category: number; code: number; severity?: number; data?: unknown[] }) => {
      if (error.severity === undefined || error.severity === FATAL) setTrouble(explainPlayback(say.current, error));
    };
    const machine = new FilmPlayer(node, container, answer, wishes(), {
      onError: fail,
      onTracks: () => setTracks((before) => before + 1),
      onBuffering: setBuffering,
      onReach: (reached) => setCutOff(!reached),
    });
    const beats = new Heartbeat({
      sessionId: answer.session_id,
      everyS: answer.heartbeat_s,
      place: () => ({ positionMs: placeOf(machine, node, answer), playing: !node.paused }),
      failedEdges: () => machine.takeFailedEdges(),
      onTokens: ({ path_token, licence_token }) => {
        if (path_token) machine.tokens.pathToken = path_token;
        if (licence_token) machine.tokens.licenceToken = licence_token;
      },
      onEnded: (problem: Problem) => {
        node.pause();
        setTrouble(explainProblem(say.current, ended(problem)));
      },
    });
    filmPlayer.current = machine;
    heartbeat.current = beats;
    const unhook = expose(machine, node, () => bufferAhead(node));
    const quiet = followPage(node, beats);
    const unfollow = followMedia(node);
    let gone = false;
    const shown = () => setBegun(true);
    node.addEventListener("playing", shown, { once: true });
    void machine.start(startAtMs(answer)).then(
      () => (gone ? undefined : node.play().catch(() => undefined)),
      (error: unknown) => {
        if (!gone) fail(error as { category: number; code: number });
      },
    );
    return () => {
      gone = true;
      quiet();
      unfollow();
      node.removeEventListener("playing", shown);
      unhook();
      void beats.stop().then(forgetPlaces);
      void machine.destroy();
    };
  }, [answer, video, text]);

  return { begun, buffering, cutOff, trouble, tracks, filmPlayer, heartbeat };
}

/** Before the first picture one is still where one stopped last time: a start that fails moves nothing. */
function placeOf(machine: Pick<FilmPlayer, "stats">, node: HTMLVideoElement, answer: PlayAnswer): number {
  return machine.stats.startupMs === null ? answer.resume_position_ms : node.currentTime * 1000;
}

/** Home and title pages show the place one has reached. They may be on the screen again already. */
function forgetPlaces(): void {
  void queryClient.invalidateQueries({ queryKey: ["home"] });
  void queryClient.invalidateQueries({ queryKey: ["title"] });
}

/** Beats on pause and seek; a farewell when the page is hidden, a stop when it is closed. */
function followPage(node: HTMLVideoElement, beats: Heartbeat): () => void {
  const soon = () => beats.soon();
  const hidden = () => {
    if (document.visibilityState === "hidden") beats.farewell();
  };
  const leaving = (event: PageTransitionEvent) => (event.persisted ? beats.farewell() : void beats.stop());
  for (const event of ["pause", "seeked", "playing"]) node.addEventListener(event, soon);
  document.addEventListener("visibilitychange", hidden);
  window.addEventListener("pagehide", leaving);
  return () => {
    for (const event of ["pause", "seeked", "playing"]) node.removeEventListener(event, soon);
    document.removeEventListener("visibilitychange", hidden);
    window.removeEventListener("pagehide", leaving);
  };
}

/** A film watched to the credits begins anew. */
function startAtMs(answer: PlayAnswer): number {
  const end = answer.credits_start_ms ?? answer.duration_ms * 0.95;
  return answer.resume_position_ms < end ? answer.resume_position_ms : 0;
}

function wishes() {
  const session = currentSession();
  const profile = session.state === "in" ? session.profile : null;
  return { dataSaver: profile?.data_saver ?? false, languages: wantedLanguages(), preferred: preferences() };
}

/** Whatever refuses a heartbeat for good, for the viewer the session is over. */
function ended(problem: Problem): Problem {
  return problem.status === 410 || problem.status === 404
    ? new Problem(problem.status, "session-ended", problem.detail, problem.extra)
    : problem;
}
