/**
 * One session from load to leave: the projector, the heart, and what the page is told of them.
 */

import { type RefObject, useEffect, useRef, useState } from "react";

import { Problem } from "../api/problem";
import { queryClient } from "../api/queries";
import { currentSession } from "../api/session";
import type { PlayAnswer } from "../api/types";
import { useWords } from "../words";
import { bufferAhead } from "./abr";
import { Heart } from "./beat";
import { expose } from "./hooks";
import { Projector } from "./projector";
import { explainPlayback, explainProblem, type Reason } from "./WatchTrouble";

const FATAL = 2;

export interface Screening {
  /** A picture was shown: from now on, an end is the film's own. */
  begun: boolean;
  buffering: boolean;
  /** Nobody can be reached just now: the film goes on when the network is back. */
  cutOff: boolean;
  trouble: Reason | null;
  /** Counts up when tracks changed, so that menus are read again. */
  tracks: number;
  projector: RefObject<Projector | null>;
  heart: RefObject<Heart | null>;
}

export function useScreening(
  answer: PlayAnswer,
  video: RefObject<HTMLVideoElement | null>,
  text: RefObject<HTMLElement | null>,
): Screening {
  const words = useWords();
  const [begun, setBegun] = useState(false);
  const [buffering, setBuffering] = useState(true);
  const [cutOff, setCutOff] = useState(false);
  const [trouble, setTrouble] = useState<Reason | null>(null);
  const [tracks, setTracks] = useState(0);
  const projector = useRef<Projector | null>(null);
  const heart = useRef<Heart | null>(null);
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
    const machine = new Projector(node, container, answer, wishes(), {
      onError: fail,
      onTracks: () => setTracks((before) => before + 1),
      onBuffering: setBuffering,
      onReach: (reached) => setCutOff(!reached),
    });
    const pulse = new Heart({
      sessionId: answer.session_id,
      everyS: answer.heartbeat_s,
      place: () => ({ positionMs: placeOf(machine, node, answer), playing: !node.paused }),
      failedEdges: () => machine.takeFailedEdges(),
      onPasses: ({ path_token, licence_token }) => {
        if (path_token) machine.passes.pathToken = path_token;
        if (licence_token) machine.passes.licenceToken = licence_token;
      },
      onEnded: (problem: Problem) => {
        node.pause();
        setTrouble(explainProblem(say.current, ended(problem)));
      },
    });
    projector.current = machine;
    heart.current = pulse;
    const unhook = expose(machine, node, () => bufferAhead(node));
    const quiet = followPage(node, pulse);
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
      node.removeEventListener("playing", shown);
      unhook();
      void pulse.stop().then(forgetPlaces);
      void machine.destroy();
    };
  }, [answer, video, text]);

  return { begun, buffering, cutOff, trouble, tracks, projector, heart };
}

/** Before the first picture one is still where one stopped last time: a start that fails moves nothing. */
function placeOf(machine: Pick<Projector, "stats">, node: HTMLVideoElement, answer: PlayAnswer): number {
  return machine.stats.startupMs === null ? answer.resume_position_ms : node.currentTime * 1000;
}

/** Home and title pages show the place one has reached. They may be on the screen again already. */
function forgetPlaces(): void {
  void queryClient.invalidateQueries({ queryKey: ["home"] });
  void queryClient.invalidateQueries({ queryKey: ["title"] });
}

/** Beats on pause and seek; a farewell when the page is hidden, a stop when it is closed. */
function followPage(node: HTMLVideoElement, pulse: Heart): () => void {
  const soon = () => pulse.soon();
  const hidden = () => {
    if (document.visibilityState === "hidden") pulse.farewell();
  };
  const leaving = (event: PageTransitionEvent) => (event.persisted ? pulse.farewell() : void pulse.stop());
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
  const languages = [profile?.locale, ...navigator.languages].filter((one): one is string => !!one);
  return { dataSaver: profile?.data_saver ?? false, languages: [...new Set(languages.map((one) => one.split("-")[0] ?? one))] };
}

/** Whatever refuses a heartbeat for good, for the viewer the screening is over. */
function ended(problem: Problem): Problem {
  return problem.status === 410 || problem.status === 404
    ? new Problem(problem.status, "session-ended", problem.detail, problem.extra)
    : problem;
}
