/**
 * `window.__vita`: what browser tests and benchmarks read while a film plays. Read only, and there
 * only while one watches. See docs/web.md.
 */

import type { FilmPlayer } from "./filmPlayer";

export interface Vita {
  /** Everything at this moment; milliseconds unless the name says otherwise. */
  stats: () => {
    height: number;
    bitrateKbps: number;
    bufferS: number;
    positionS: number;
    startupMs: number | null;
    stalls: number;
    stalledMs: number;
    switches: number;
    decodedFrames: number;
    estimateKbps: number;
    edge: string;
  };
}

declare global {
  interface Window {
    __vita?: Vita;
  }
}

export function expose(filmPlayer: FilmPlayer, video: HTMLVideoElement, bufferS: () => number): () => void {
  const vita: Vita = {
    stats: () => {
      const shaka = filmPlayer.player.getStats();
      return {
        height: video.videoHeight,
        bitrateKbps: Math.round((shaka.streamBandwidth || 0) / 1000),
        bufferS: bufferS(),
        positionS: video.currentTime,
        ...filmPlayer.stats,
        decodedFrames: video.getVideoPlaybackQuality().totalVideoFrames,
        estimateKbps: Math.round((shaka.estimatedBandwidth || 0) / 1000),
        edge: filmPlayer.lastEdge,
      };
    },
  };
  window.__vita = vita;
  return () => {
    if (window.__vita === vita) delete window.__vita;
  };
}
