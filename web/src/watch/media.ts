/** What the video element says of itself, as values that a page can be drawn from. */

import { type RefObject, useState, useSyncExternalStore } from "react";

export interface Media {
  playing: boolean;
  ended: boolean;
  timeS: number;
  durationS: number;
  bufferedToS: number;
  volume: number;
  muted: boolean;
  rate: number;
}

const EVENTS = ["play", "pause", "playing", "ended", "timeupdate", "seeking", "seeked", "durationchange", "progress", "volumechange", "ratechange", "emptied"];
const NOTHING: Media = { playing: false, ended: false, timeS: 0, durationS: 0, bufferedToS: 0, volume: 1, muted: false, rate: 1 };

export function useMedia(video: RefObject<HTMLVideoElement | null>): Media {
  const [store] = useState(() => mediaStore(video));
  return useSyncExternalStore(store.subscribe, store.last);
}

function mediaStore(video: RefObject<HTMLVideoElement | null>) {
  let last = NOTHING;
  const subscribe = (tell: () => void) => {
    const node = video.current;
    const update = () => {
      if (node) last = read(node);
      tell();
    };
    for (const event of EVENTS) node?.addEventListener(event, update);
    update();
    return () => {
      for (const event of EVENTS) node?.removeEventListener(event, update);
    };
  };
  return { subscribe, last: () => last };
}

function read(node: HTMLVideoElement): Media {
  const { buffered, currentTime } = node;
  let bufferedToS = currentTime;
  for (let at = 0; at < buffered.length; at++) {
    if (buffered.start(at) <= currentTime + 0.2) bufferedToS = Math.max(bufferedToS, buffered.end(at));
  }
  return {
    playing: !node.paused,
    ended: node.ended,
    timeS: currentTime,
    durationS: Number.isFinite(node.duration) ? node.duration : 0,
    bufferedToS,
    volume: node.volume,
    muted: node.muted,
    rate: node.playbackRate,
  };
}

/** "1:02:07", or "2:07" under an hour. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
