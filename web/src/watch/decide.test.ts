import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type AbrState, CUSHION_S, decide, predictedBps, RESERVOIR_S, type RungOption, START_WITHIN_S } from "./decide";

const LADDER: RungOption[] = [
  { bps: 300_000, height: 240 },
  { bps: 700_000, height: 360 },
  { bps: 1_400_000, height: 480 },
  { bps: 2_800_000, height: 720 },
  { bps: 5_000_000, height: 1080 },
];

const state = (change: Partial<AbrState> = {}): AbrState => ({
  rungs: LADDER,
  current: 2,
  samples: [{ bps: 4_000_000 }],
  priorBps: null,
  bufferS: 12,
  segmentS: 4,
  playbackRate: 1,
  firstSegmentComplete: true,
  sinceSwitchS: 60,
  maxHeight: 1080,
  mostHeight: Infinity,
  ...change,
});

const anyLadder = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 100_000, max: 16_000_000 }), fc.constantFrom(240, 360, 480, 720, 1080, 2160)), {
    minLength: 1,
    maxLength: 10,
    selector: ([bps]) => bps,
  })
  .map((pairs) => {
    const heights = pairs.map(([, height]) => height).toSorted((a, b) => a - b);
    const rates = pairs.map(([bps]) => bps).toSorted((a, b) => a - b);
    return rates.map((bps, at): RungOption => ({ bps, height: heights[at] ?? 240 }));
  });

const anyState = anyLadder.chain((rungs) =>
  fc.record({
    rungs: fc.constant(rungs),
    current: fc.option(fc.integer({ min: 0, max: rungs.length - 1 })),
    samples: fc.array(fc.record({ bps: fc.integer({ min: 50_000, max: 50_000_000 }) }), { maxLength: 8 }),
    priorBps: fc.option(fc.integer({ min: 50_000, max: 50_000_000 })),
    bufferS: fc.double({ min: 0, max: 60, noNaN: true }),
    segmentS: fc.double({ min: 1, max: 8, noNaN: true }),
    playbackRate: fc.constantFrom(0.5, 1, 1.5, 2),
    firstSegmentComplete: fc.boolean(),
    sinceSwitchS: fc.double({ min: 0, max: 60, noNaN: true }),
    maxHeight: fc.constantFrom(1, 240, 480, 720, 1080, 2160, Infinity),
    mostHeight: fc.constantFrom(480, Infinity),
  }),
);

describe("P6: the start", () => {
  it("takes the best rung whose first segment fits the time", () => {
    expect(decide(state({ current: null, priorBps: 10_000_000 }))).toBe(2);
    expect(decide(state({ current: null, priorBps: 1_000_000 }))).toBe(0);
    expect(decide(state({ current: null, priorBps: 4_000_000, segmentS: 2 }))).toBe(1);
  });

  it("never asks for a first segment that takes longer, unless it is the lowest", () => {
    fc.assert(
      fc.property(anyState, (any) => {
        const link = any.priorBps ?? 2_500_000;
        const chosen = decide({ ...any, current: null });
        const seconds = ((any.rungs[chosen]?.bps ?? 0) * any.segmentS) / link;
        expect(chosen === 0 || seconds <= START_WITHIN_S).toBe(true);
      }),
    );
  });

  it("switches nothing before the first segment is complete", () => {
    fc.assert(
      fc.property(anyState, (any) => {
        const current = any.current ?? 0;
        expect(decide({ ...any, current, firstSegmentComplete: false })).toBe(current);
      }),
    );
  });
});

describe("P6: while playing", () => {
  it("always answers with a rung of the ladder", () => {
    fc.assert(
      fc.property(anyState, (any) => {
        const chosen = decide(any);
        expect(Number.isInteger(chosen) && chosen >= 0 && chosen < any.rungs.length).toBe(true);
      }),
    );
  });

  it("rises by one rung at most", () => {
    fc.assert(
      fc.property(anyState, (any) => {
        if (any.current !== null) expect(decide(any)).toBeLessThanOrEqual(any.current + 1);
      }),
    );
  });

  it("does not choose a lower rung because the link got faster", () => {
    fc.assert(
      fc.property(anyState, fc.double({ min: 1, max: 8, noNaN: true }), (any, times) => {
        if (any.current === null) return;
        const faster = any.samples.map(({ bps }) => ({ bps: bps * times }));
        expect(decide({ ...any, samples: faster })).toBeGreaterThanOrEqual(decide(any));
      }),
    );
  });

  it("does not choose a lower rung because the buffer is fuller", () => {
    fc.assert(
      fc.property(anyState, fc.double({ min: 0, max: 40, noNaN: true }), (any, more) => {
        if (any.current === null) return;
        expect(decide({ ...any, bufferS: any.bufferS + more })).toBeGreaterThanOrEqual(decide(any));
      }),
    );
  });

  it("falls as far as it must in one step when the buffer is short", () => {
    expect(decide(state({ current: 4, samples: [{ bps: 700_000 }], bufferS: 3 }))).toBe(0);
  });

  it("never keeps, on an empty buffer, what the link cannot carry", () => {
    fc.assert(
      fc.property(anyState, (any) => {
        const throughput = predictedBps(any.samples);
        if (any.current === null || throughput === null || !any.firstSegmentComplete) return;
        const chosen = decide({ ...any, bufferS: RESERVOIR_S / 2 });
        const rung = any.rungs[chosen]?.bps ?? 0;
        expect(chosen === 0 || rung * any.playbackRate <= throughput).toBe(true);
      }),
    );
  });

  it("lingers on a full buffer when the link is just short", () => {
    const short = { current: 3, samples: [{ bps: 2_700_000 }] };
    expect(decide(state({ ...short, bufferS: CUSHION_S + 2 }))).toBe(3);
    expect(decide(state({ ...short, bufferS: 6 }))).toBeLessThan(3);
  });

  it("rests between two rises", () => {
    const rich = { current: 1, samples: [{ bps: 20_000_000 }], bufferS: 20 };
    expect(decide(state({ ...rich, sinceSwitchS: 1 }))).toBe(1);
    expect(decide(state({ ...rich, sinceSwitchS: 5 }))).toBe(2);
  });

  it("heeds a downward trend before the mean does", () => {
    const falling = [{ bps: 8_000_000 }, { bps: 8_000_000 }, { bps: 8_000_000 }, { bps: 2_000_000 }];
    const rising = falling.toReversed();
    expect(predictedBps(falling)).toBeLessThan(predictedBps(rising) ?? 0);
  });
});

describe("caps", () => {
  it("takes nothing beyond the first rung that fills the screen", () => {
    fc.assert(
      fc.property(anyState, (any) => {
        const filling = any.rungs.find((rung) => rung.height >= any.maxHeight)?.height ?? Infinity;
        const chosen = any.rungs[decide({ ...any, firstSegmentComplete: true })];
        expect(chosen?.height ?? 0).toBeLessThanOrEqual(filling);
      }),
    );
  });

  it("takes nothing beyond what the data saver allows, where there is anything below", () => {
    fc.assert(
      fc.property(anyState, (any) => {
        const least = any.rungs[0]?.height ?? 0;
        const chosen = any.rungs[decide({ ...any, firstSegmentComplete: true })];
        expect(chosen?.height ?? 0).toBeLessThanOrEqual(Math.max(least, any.mostHeight));
      }),
    );
    const rungs = [{ bps: 500_000, height: 360 }, { bps: 2_000_000, height: 720 }];
    expect(decide(state({ rungs, current: 1, maxHeight: 1080, mostHeight: 480 }))).toBe(0);
  });

  it("comes down at once when a cap arrives", () => {
    expect(decide(state({ current: 4, maxHeight: 480, samples: [{ bps: 50_000_000 }] }))).toBe(2);
  });
});

/** A player and a link, segment by segment: the same loop that the simulator runs at length. */
function watch(linkBps: (atS: number) => number, seconds: number) {
  const samples: { bps: number }[] = [];
  const rungs: number[] = [];
  let [now, buffer, stalledS, sinceSwitchS] = [0, 0, 0, 60];
  let current: number | null = null;
  while (now < seconds) {
    const chosen = decide(state({ current, samples, bufferS: buffer, firstSegmentComplete: samples.length > 0, sinceSwitchS, priorBps: 3_000_000 }));
    sinceSwitchS = chosen === current ? sinceSwitchS : 0;
    current = chosen;
    rungs.push(chosen);
    const bps = linkBps(now);
    const fetchS = ((LADDER[chosen]?.bps ?? 0) * 4) / bps;
    if (samples.length > 0) stalledS += Math.max(0, fetchS - buffer);
    buffer = Math.max(0, buffer - fetchS) + 4;
    samples.push({ bps });
    const waitS = Math.max(0, buffer - 30);
    buffer -= waitS;
    now += fetchS + waitS;
    sinceSwitchS += fetchS + waitS;
  }
  return { rungs, stalledS, switches: rungs.filter((rung, at) => at > 0 && rung !== rungs[at - 1]).length };
}

describe("over a whole evening", () => {
  it("climbs on a steady link, stays, and never stalls", () => {
    fc.assert(
      fc.property(fc.integer({ min: 450_000, max: 20_000_000 }), (bps) => {
        const evening = watch(() => bps, 300);
        expect(evening.stalledS).toBe(0);
        const settled = evening.rungs.slice(Math.floor(evening.rungs.length / 2));
        expect(new Set(settled).size).toBe(1);
      }),
      { numRuns: 60 },
    );
  });

  it("survives a link that falls to a fifth without stalling", () => {
    const evening = watch((atS) => (atS < 60 ? 6_000_000 : 1_200_000), 200);
    expect(evening.stalledS).toBeLessThan(0.5);
    expect(evening.rungs.at(-1)).toBeLessThanOrEqual(1);
  });

  it("uses the best rung that a fast link allows", () => {
    expect(watch(() => 12_000_000, 120).rungs.at(-1)).toBe(4);
  });
});
