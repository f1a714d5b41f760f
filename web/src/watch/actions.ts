/** What a viewer can do, the same whether by button, key, or the keyboard's media keys. */

import { type RefObject, useMemo } from "react";

import type { FilmPlayer } from "./filmPlayer";
import { wantedLanguages } from "./languages";
import { prefer, preferences } from "./preferences";
import { fullText } from "./trackNames";

export interface Actions {
  togglePlay: () => void;
  play: () => void;
  pause: () => void;
  seekTo: (seconds: number) => void;
  seekBy: (seconds: number) => void;
  seekToShare: (share: number) => void;
  toggleMute: () => void;
  louder: (by: number) => void;
  setVolume: (volume: number) => void;
  setRate: (rate: number) => void;
  toggleCaptions: () => void;
  toggleFullscreen: () => void;
  togglePip: () => void;
  next: (() => void) | null;
  leave: () => void;
}

interface Needs {
  video: RefObject<HTMLVideoElement | null>;
  room: RefObject<HTMLElement | null>;
  filmPlayer: RefObject<FilmPlayer | null>;
  next: (() => void) | null;
  leave: () => void;
}

export function useActions({ video, room, filmPlayer, next, leave }: Needs): Actions {
  const media = useMemo(() => mediaActions(video), [video]);
  const screen = useMemo(() => screenActions(video, room, filmPlayer), [video, room, filmPlayer]);
  return useMemo(() => ({ ...media, ...screen, next, leave }), [media, screen, next, leave]);
}

function mediaActions(video: RefObject<HTMLVideoElement | null>) {
  const on = (act: (node: HTMLVideoElement) => void) => () => {
    if (video.current) act(video.current);
  };
  const seek = (node: HTMLVideoElement, seconds: number) => {
    const end = Number.isFinite(node.duration) ? node.duration : Infinity;
    node.currentTime = Math.min(Math.max(0, seconds), Math.max(0, end - 0.1));
  };
  const play = on((node) => void node.play().catch(() => undefined));
  const pause = on((node) => node.pause());
  const setVolume = (volume: number) =>
    on((node) => {
      node.volume = Math.min(1, Math.max(0, volume));
      node.muted = node.volume === 0;
    })();
  return {
    play,
    pause,
    togglePlay: on((node) => (node.paused ? play() : pause())),
    seekTo: (seconds: number) => on((node) => seek(node, seconds))(),
    seekBy: (seconds: number) => on((node) => seek(node, node.currentTime + seconds))(),
    seekToShare: (share: number) => on((node) => seek(node, (node.duration || 0) * share))(),
    toggleMute: on((node) => {
      node.muted = !node.muted;
    }),
    louder: (by: number) => setVolume((video.current?.muted ? 0 : (video.current?.volume ?? 1)) + by),
    setVolume,
    setRate: (rate: number) =>
      on((node) => {
        node.playbackRate = rate;
        node.dispatchEvent(new Event("ratechange")); // the browser's own comes later: the menu shows it at once
        prefer({ rate });
      })(),
  };
}

function screenActions(
  video: RefObject<HTMLVideoElement | null>,
  room: RefObject<HTMLElement | null>,
  filmPlayer: RefObject<FilmPlayer | null>,
) {
  let last: string | null = null;
  return {
    toggleCaptions: () => {
      const player = filmPlayer.current?.player;
      const tracks = player?.getTextTracks() ?? [];
      const active = tracks.find((track) => track.active && !track.forced);
      last = active?.language ?? last;
      const kept = preferences().text;
      const wishes = [last, kept, ...wantedLanguages()].filter((one): one is string => !!one);
      const wanted = active ? null : (fullText(tracks, wishes) ?? null);
      player?.selectTextTrack(wanted);
      prefer({ text: wanted?.language ?? null });
    },
    toggleFullscreen: () => {
      const node = video.current as (HTMLVideoElement & { webkitEnterFullscreen?: () => void }) | null;
      if (document.fullscreenElement) void document.exitFullscreen();
      else if (document.fullscreenEnabled) void room.current?.requestFullscreen().catch(() => undefined);
      else node?.webkitEnterFullscreen?.(); // a telephone of Apple's lets only the video itself fill the screen
    },
    togglePip: () => {
      if (document.pictureInPictureElement) void document.exitPictureInPicture();
      else void video.current?.requestPictureInPicture().catch(() => undefined);
    },
  };
}
