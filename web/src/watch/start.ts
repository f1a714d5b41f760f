/** Asking for a film: what this device can do, and giving the stream back if nobody waits for it any more. */

import { useCallback, useEffect, useRef, useState } from "react";

import { answered, api } from "../api/client";
import { asProblem, Problem } from "../api/problem";
import { thisDevice } from "../api/session";
import type { Codec, PlayAnswer } from "../api/types";
import { FilmPlayer } from "./filmPlayer";
import { screenLines, showsHdr } from "./pictures";

/** The same in 10 bits a sample. */
const TEN_BIT: [name: Codec, type: string][] = [
  ["hevc", 'video/mp4; codecs="hvc1.2.4.L120.90"'],
  ["vp9", 'video/mp4; codecs="vp09.02.40.10"'],
  ["av1", 'video/mp4; codecs="av01.0.08M.10"'],
];

const CODECS: [name: Codec, type: string][] = [
  ["h264", 'video/mp4; codecs="avc1.640028"'],
  ["hevc", 'video/mp4; codecs="hvc1.1.6.L120.90"'],
  ["vp9", 'video/mp4; codecs="vp09.00.40.08"'],
  ["av1", 'video/mp4; codecs="av01.0.08M.08"'],
  ["aac", 'audio/mp4; codecs="mp4a.40.2"'],
  ["opus", 'audio/mp4; codecs="opus"'],
];

export function capabilities() {
  const plays = (type: string) => "MediaSource" in window && MediaSource.isTypeSupported(type);
  return {
    max_height: screenLines() > 1080 ? 2160 : 1080,
    codecs: CODECS.filter(([, type]) => plays(type)).map(([name]) => name),
    ten_bit: TEN_BIT.filter(([, type]) => plays(type)).map(([name]) => name),
    drm: ["org.w3.clearkey"],
    hdr: showsHdr(),
    secure_decoder: false,
  };
}

interface Started {
  key: string;
  answer: PlayAnswer | null;
  problem: Problem | null;
}

/** With `preview`, a title, its partner plays it: what waits to be published before what is live. */
export function useStart(contentId: string, preview: string | null = null) {
  const [attempt, setAttempt] = useState(0);
  const [started, setStarted] = useState<Started | null>(null);
  const handedOver = useRef<string | null>(null);
  const key = `${contentId}#${attempt}`;
  useEffect(() => {
    let wanted = true;
    const sessionId = handedOver.current;
    handedOver.current = null;
    play(contentId, sessionId, preview).then(
      (answer) => (wanted ? setStarted({ key, answer, problem: null }) : giveBack(answer)),
      (error: unknown) => wanted && setStarted({ key, answer: null, problem: asProblem(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [contentId, key, preview]);
  const current = started?.key === key ? started : null;
  const again = useCallback(() => setAttempt((before) => before + 1), []);
  /** The next start goes on with this session: it needs no new stream. */
  const handOver = useCallback((sessionId: string) => {
    handedOver.current = sessionId;
  }, []);
  return { answer: current?.answer ?? null, problem: current?.problem ?? null, again, handOver };
}

async function play(contentId: string, sessionId: string | null, preview: string | null): Promise<PlayAnswer> {
  const device = { device_name: thisDevice().name, capabilities: capabilities() };
  const answer = await answered(
    preview
      ? api.POST("/api/studio/titles/{title_id}/contents/{content_id}/preview", {
          params: { path: { title_id: preview, content_id: contentId } },
          body: device,
        })
      : api.POST("/api/play", {
          body: { ...device, content_id: contentId, ...(sessionId ? { session_id: sessionId } : {}) },
        }),
  );
  if (FilmPlayer.plays(answer)) return answer;
  giveBack(answer);
  throw new Problem(0, "no-drm", "");
}

function giveBack(answer: PlayAnswer): void {
  const params = { path: { session_id: answer.session_id } };
  answered(api.POST("/api/play/{session_id}/stop", { params, keepalive: true })).catch(() => undefined);
}
