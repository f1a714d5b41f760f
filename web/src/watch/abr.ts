/**
 * Shaka's port for bitrate choice, around our own `decide`. Here is only the mechanism: what was
 * measured, what is in the buffer, how large the picture is. The rule is in decide.ts.
 */

import { decide, predictedBps, type Sample } from "./decide";
import { shaka, type Variant } from "./shaka";

const SMALLEST_SAMPLE_BYTES = 16_000; // below, the round trip is measured rather than the link
const KEPT_SAMPLES = 12;
const REMEMBERED = "vita.link-bps";
export const DATA_SAVER_LINES = 480;
const USUAL_SEGMENT_S = 4;

export interface AbrWishes {
  dataSaver: boolean;
}

export class Abr implements shaka.extern.AbrManager {
  private switchTo: shaka.extern.AbrManager.SwitchCallback | null = null;
  private variants: Variant[] = [];
  private current: Variant | null = null;
  private media: HTMLMediaElement | null = null;
  private enabled = false;
  private samples: Sample[] = [];
  private firstSegmentComplete = false;
  private segmentS = USUAL_SEGMENT_S;
  private rate = 1;
  private switchedAtMs = 0;

  constructor(
    private readonly wishes: AbrWishes,
    private readonly priorBps: number | null = rememberedBps(),
  ) {}

  init(switchTo: shaka.extern.AbrManager.SwitchCallback): void {
    this.switchTo = switchTo;
  }

  stop(): void {
    this.switchTo = null;
    this.enabled = false;
    this.variants = [];
    this.current = null;
    this.media = null;
    this.firstSegmentComplete = false;
    const measured = predictedBps(this.samples);
    if (measured) rememberBps(measured);
  }

  release(): void {
    this.stop();
  }

  setVariants(variants: Variant[]): boolean {
    const same = variants.length === this.variants.length && variants.every((one) => this.variants.includes(one));
    if (!same) this.variants = variants.toSorted((a, b) => a.bandwidth - b.bandwidth);
    return !same;
  }

  chooseVariant(): Variant {
    const chosen = this.variants[this.decide()];
    if (!chosen) throw new Error("There is no rung to choose from");
    this.take(chosen);
    return chosen;
  }

  enable(): void {
    this.enabled = true;
  }

  disable(): void {
    this.enabled = false;
  }

  segmentDownloaded(
    deltaTimeMs: number,
    bytes: number,
    allowSwitch: boolean,
    _request?: shaka.extern.Request,
    context?: shaka.extern.RequestContext,
  ): void {
    const isMedia = context?.type === shaka.net.NetworkingEngine.AdvancedRequestType.MEDIA_SEGMENT;
    const isVideo = context?.stream?.type === "video";
    if (isMedia && bytes >= SMALLEST_SAMPLE_BYTES && deltaTimeMs > 0) this.measure(bytes, deltaTimeMs);
    if (isMedia && isVideo) {
      this.firstSegmentComplete = true;
      const segment = context.segment;
      if (segment) this.segmentS = Math.max(0.5, segment.getEndTime() - segment.getStartTime());
    }
    if (allowSwitch) this.suggest();
  }

  trySuggestStreams(): void {
    this.suggest();
  }

  getBandwidthEstimate(): number {
    return predictedBps(this.samples) ?? this.priorBps ?? 0;
  }

  playbackRateChanged(rate: number): void {
    this.rate = Math.max(0.25, Math.abs(rate) || 1);
  }

  setMediaElement(media: HTMLMediaElement): void {
    this.media = media;
  }

  setCmsdManager(): void {}

  configure(): void {}

  private measure(bytes: number, ms: number): void {
    this.samples = [...this.samples, { bps: (bytes * 8000) / ms }].slice(-KEPT_SAMPLES);
  }

  private suggest(): void {
    if (!this.enabled || !this.switchTo || !this.current) return;
    const next = this.variants[this.decide()];
    if (!next || next === this.current) return;
    this.take(next);
    this.switchTo(next, false);
  }

  private take(variant: Variant): void {
    if (variant !== this.current) this.switchedAtMs = performance.now();
    this.current = variant;
  }

  private decide(): number {
    const current = this.current ? this.variants.indexOf(this.current) : -1;
    return decide({
      rungs: this.variants.map((one) => ({ bps: one.bandwidth, height: one.video?.height ?? 0 })),
      current: current === -1 ? null : current,
      samples: this.samples,
      priorBps: predictedBps(this.samples) ?? this.priorBps,
      bufferS: this.media ? bufferAhead(this.media) : 0,
      segmentS: this.segmentS,
      playbackRate: this.rate,
      firstSegmentComplete: this.firstSegmentComplete,
      sinceSwitchS: (performance.now() - this.switchedAtMs) / 1000,
      maxHeight: (this.media?.clientHeight ?? 0) * window.devicePixelRatio || Infinity,
      mostHeight: this.wishes.dataSaver ? DATA_SAVER_LINES : Infinity,
    });
  }
}

/** Seconds that can be played from here without another byte. */
export function bufferAhead(media: Pick<HTMLMediaElement, "buffered" | "currentTime">): number {
  const { buffered, currentTime } = media;
  for (let at = 0; at < buffered.length; at++) {
    if (buffered.start(at) - 0.2 <= currentTime && currentTime < buffered.end(at)) {
      return buffered.end(at) - currentTime;
    }
  }
  return 0;
}

/** What the last play measured; else the browser's own idea, which it caps at 10 Mbit/s. */
function rememberedBps(): number | null {
  try {
    const kept = Number(localStorage.getItem(REMEMBERED));
    if (kept > 0) return kept;
  } catch {
    // Then the browser's idea has to do.
  }
  const link = (navigator as Navigator & { connection?: { downlink?: number } }).connection;
  return link?.downlink ? link.downlink * 1_000_000 : null;
}

function rememberBps(bps: number): void {
  try {
    localStorage.setItem(REMEMBERED, String(Math.round(bps)));
  } catch {
    // The next start is a little less sure.
  }
}
