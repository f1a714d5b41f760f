import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Abr, bufferAhead } from "./abr";
import { shaka, type Variant } from "./shaka";

const LADDER = [240, 360, 480, 720, 1080].map(
  (height) => ({ bandwidth: height * 3000, video: { height } }) as unknown as Variant,
);
const { MEDIA_SEGMENT, INIT_SEGMENT } = shaka.net.NetworkingEngine.AdvancedRequestType;

const switched: number[] = [];
let media: { clientHeight: number; currentTime: number; buffered: TimeRanges };

const ranges = (...spans: [number, number][]) =>
  ({ length: spans.length, start: (at: number) => spans[at]?.[0], end: (at: number) => spans[at]?.[1] }) as TimeRanges;

/** A manager whose link was `priorBps` last time, with the picture on a screen of many lines. */
function manager(priorBps: number | null, dataSaver = false): Abr {
  const abr = new Abr({ dataSaver }, priorBps);
  abr.init((variant) => switched.push(variant.video?.height ?? 0));
  abr.setMediaElement(media as unknown as HTMLMediaElement);
  abr.setVariants(LADDER.toReversed());
  return abr;
}

/** A segment of two seconds came at `bps`. */
function arrives(abr: Abr, bps: number, stream = "video", type = MEDIA_SEGMENT): void {
  const segment = { getStartTime: () => 0, getEndTime: () => 2 };
  const context = { type, stream: { type: stream }, segment } as unknown as shaka.extern.RequestContext;
  abr.segmentDownloaded(1000, bps / 8, true, undefined, context);
}

beforeEach(() => {
  vi.useFakeTimers();
  switched.length = 0;
  localStorage.clear();
  media = { clientHeight: 2160, currentTime: 0, buffered: ranges([0, 20]) };
});

afterEach(() => vi.useRealTimers());

describe("P6: Shaka's port for bitrate choice", () => {
  it("starts at the rung whose first segment fits what the last play measured", () => {
    expect(manager(20_000_000).chooseVariant().video?.height).toBe(1080);
    expect(manager(10_000_000).chooseVariant().video?.height).toBe(480);
    expect(manager(1_000_000).chooseVariant().video?.height).toBe(240);
  });

  it("switches nothing before the first segment of the picture is complete", () => {
    const abr = manager(1_000_000);
    abr.chooseVariant();
    abr.enable();
    vi.advanceTimersByTime(10_000);
    arrives(abr, 50_000_000, "audio");
    arrives(abr, 50_000_000, "video", INIT_SEGMENT);
    abr.trySuggestStreams();
    expect(switched).toEqual([]);
    arrives(abr, 50_000_000);
    expect(switched).toEqual([360]);
  });

  it("leaves it to the viewer while it is disabled", () => {
    const abr = manager(1_000_000);
    abr.chooseVariant();
    abr.enable();
    abr.disable();
    vi.advanceTimersByTime(10_000);
    arrives(abr, 50_000_000);
    expect(switched).toEqual([]);
  });

  it("takes nothing that is larger than the picture, or than the data saver allows", () => {
    media.clientHeight = 300;
    expect(manager(50_000_000).chooseVariant().video?.height).toBe(360);
    media.clientHeight = 2160;
    expect(manager(50_000_000, true).chooseVariant().video?.height).toBe(480);
  });

  it("remembers for the next play what this one measured", () => {
    const abr = manager(null);
    abr.chooseVariant();
    arrives(abr, 8_000_000);
    expect(abr.getBandwidthEstimate()).toBe(8_000_000);
    abr.stop();
    const next = new Abr({ dataSaver: false });
    expect(next.getBandwidthEstimate()).toBe(8_000_000);
  });
});

it("counts what is buffered from here on, and no island further on", () => {
  expect(bufferAhead({ buffered: ranges([0, 4], [10, 30]), currentTime: 1 })).toBe(3);
  expect(bufferAhead({ buffered: ranges([0, 4], [10, 30]), currentTime: 6 })).toBe(0);
});
