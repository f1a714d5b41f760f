/**
 * Which rung next: one pure function of what is known, so that the player and a simulator decide
 * alike.
 *
 * Throughput is the harmonic mean of the last segments (one slow segment weighs more than one fast
 * one), lowered when the trend points down. How much of it may be spent depends on the buffer: near
 * empty, a reservoir is kept; well filled, the buffer pays for hesitation. Up goes one rung at a
 * time, down goes at once as far as it must. Playback starts at the best rung whose first segment
 * is likely to arrive within START_WITHIN_S, and nothing is switched before that segment is
 * complete: a first segment fetched and thrown away costs more than any rung gains.
 */

export interface RungOption {
  /** Bits per second, averaged over the rendition, audio included. */
  bps: number;
  height: number;
}

export interface Sample {
  bps: number;
}

export interface AbrState {
  /** Lowest first. */
  rungs: readonly RungOption[];
  /** Index of the rung being fetched; null before the start. */
  current: number | null;
  /** Media segments as they came, oldest first. */
  samples: readonly Sample[];
  /** What an earlier play measured, or what the browser thinks of its link; null when unknown. */
  priorBps: number | null;
  bufferS: number;
  segmentS: number;
  playbackRate: number;
  firstSegmentComplete: boolean;
  sinceSwitchS: number;
  /** Lines of the screen it is shown on; nothing above the first rung that fills it. */
  maxHeight: number;
  /** Lines that the data saver allows; Infinity without it. */
  mostHeight: number;
}

export const START_WITHIN_S = 0.65;
export const RESERVOIR_S = 4;
export const CUSHION_S = 18;
const REST_BETWEEN_UPS_S = 3;
const UNKNOWN_LINK_BPS = 2_500_000;
const WINDOW = 5;

export function decide(state: AbrState): number {
  const useful = highestUseful(state.rungs, state.maxHeight);
  const top = lastIndex(state.rungs, useful, (rung) => rung.height <= state.mostHeight);
  if (state.current === null) return startRung(state, top);
  if (!state.firstSegmentComplete) return Math.min(state.current, state.rungs.length - 1);
  const current = Math.min(state.current, top);
  const throughput = predictedBps(state.samples) ?? state.priorBps;
  if (throughput === null) return current;
  const affordable = highestWithin(state, top, throughput * spendable(state.bufferS));
  if (affordable > current) return mayRise(state, throughput, current) ? current + 1 : current;
  if (affordable < current) return mayLinger(state, throughput, current) ? current : affordable;
  return current;
}

/** Harmonic mean of the last segments, times the trend when that is downward. Null without samples. */
export function predictedBps(samples: readonly Sample[]): number | null {
  const last = samples.slice(-WINDOW);
  if (last.length === 0) return null;
  const mean = last.length / last.reduce((sum, sample) => sum + 1 / sample.bps, 0);
  return mean * trend(last, mean);
}

/** Below 1 when the newest segments came slower than the mean: 0.5 at the least, never above 1. */
function trend(last: readonly Sample[], mean: number): number {
  const newest = last.at(-1)?.bps ?? mean;
  return Math.min(1, Math.max(0.5, newest / mean));
}

/** The share of the throughput that may be spent: 0.6 on an empty buffer, 0.95 on a full one. */
function spendable(bufferS: number): number {
  const fill = Math.min(1, Math.max(0, (bufferS - RESERVOIR_S) / (CUSHION_S - RESERVOIR_S)));
  return 0.6 + 0.35 * fill;
}

function mayRise(state: AbrState, throughput: number, current: number): boolean {
  const next = state.rungs[current + 1];
  if (!next || state.sinceSwitchS < REST_BETWEEN_UPS_S) return false;
  // The next segment has to arrive before half of the buffer is played.
  const fetchS = (next.bps * state.segmentS) / throughput;
  return state.bufferS >= RESERVOIR_S && fetchS * state.playbackRate <= state.bufferS / 2;
}

/** With a cushion, a rung that is only slightly too dear is kept: it may be a passing cloud. */
function mayLinger(state: AbrState, throughput: number, current: number): boolean {
  const bps = (state.rungs[current]?.bps ?? 0) * state.playbackRate;
  return state.bufferS >= CUSHION_S && throughput >= 0.9 * bps;
}

function startRung(state: AbrState, top: number): number {
  const link = state.priorBps ?? UNKNOWN_LINK_BPS;
  return lastIndex(state.rungs, top, (rung) => (rung.bps * state.segmentS) / link <= START_WITHIN_S);
}

function highestWithin(state: AbrState, top: number, budgetBps: number): number {
  return lastIndex(state.rungs, top, (rung) => rung.bps * state.playbackRate <= budgetBps);
}

/** The first rung that fills `maxHeight` lines, else the last one. */
function highestUseful(rungs: readonly RungOption[], maxHeight: number): number {
  const filling = rungs.findIndex((rung) => rung.height >= maxHeight);
  return filling === -1 ? rungs.length - 1 : lastOfHeight(rungs, filling);
}

function lastOfHeight(rungs: readonly RungOption[], at: number): number {
  return lastIndex(rungs, rungs.length - 1, (rung) => rung.height === rungs[at]?.height);
}

function lastIndex(rungs: readonly RungOption[], top: number, fits: (rung: RungOption) => boolean): number {
  for (let at = Math.min(top, rungs.length - 1); at > 0; at--) {
    const rung = rungs[at];
    if (rung && fits(rung)) return at;
  }
  return 0;
}
