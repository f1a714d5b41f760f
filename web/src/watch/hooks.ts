/**
 * `window.__vita`: what browser tests and benchmarks read while a film plays. Read only, and there
 * only while one watches. See docs/web.md.
 */

import type { Projector } from "./projector";

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

export function expose(projector: Projector, video: HTMLVideoElement, bufferS: () => number): () => void {
  const vita: Vita = {
    stats: () => {
      const shaka = projector.player.getStats();
      return {
        height: video.videoHeight,
        bitrateKbps: Math.round((shaka.streamBandwidth || 0) / 1000),
        bufferS: bufferS(),
        positionS: video.currentTime,
        ...projector.stats,
        decodedFrames: video.getVideoPlaybackQuality().totalVideoFrames,
        estimateKbps: Math.round((shaka.estimatedBandwidth || 0) / 1000),
        edge: projector.lastEdge,
      };
    },
  };
  window.__vita = vita;
  return () => {
    if (window.__vita === vita) delete window.__vita;
  };
}
