import { describe, expect, it } from "vitest";

import { byStream, verdictOf, type Check } from "./checks";
import { formatName, offerName } from "./formats";
import { cropOf, mostZoom, partOf } from "./crop";

const check = (subject: string, passed: boolean, decided = true): Check => ({
  name: `${subject} ${passed} ${decided}`, subject, passed, decided, sentence: "",
});

describe("checks", () => {
  it("never calls passed what could not be decided", () => {
    expect([check("a", true), check("a", true, false), check("a", false), check("a", false, false)].map(verdictOf)).toEqual([
      "passed", "undecided", "failed", "failed",
    ]);
  });

  it("are grouped by stream, the gravest first", () => {
    const streams = byStream([check("v240", true), check("a-en", true, false), check("v240", true), check("v360", false), check("a-en", true)]);
    expect(streams.map(({ subject, verdict, checks }) => [subject, verdict, checks.length])).toEqual([
      ["v360", "failed", 1],
      ["a-en", "undecided", 2],
      ["v240", "passed", 2],
    ]);
    expect(streams[1]?.checks[0]?.decided).toBe(false);
  });
});

describe("crops", () => {
  it("leave as many pixels across as the service wants", () => {
    expect(mostZoom(1920, 16 / 9, 16 / 9, 640)).toBeCloseTo(3);
    expect(mostZoom(1920, 16 / 9, 2 / 3, 300)).toBeCloseTo(2.4);
    expect(mostZoom(3840, 16 / 9, 16 / 9, 640)).toBe(4);
    expect(mostZoom(854, 16 / 9, 16 / 9, 1280)).toBeLessThan(1);
  });

  it("never leave the picture, and have the shape that is asked for", () => {
    for (const picture of [0.5, 1, 1.5, 2.4]) {
      for (const shape of [2 / 3, 16 / 9]) {
        for (const [x, y, zoom] of [[0, 1, 1], [0.5, 0.5, 2], [1, 0, 4]] as const) {
          const part = partOf({ x, y, zoom }, picture, shape);
          expect(part.left).toBeGreaterThanOrEqual(0);
          expect(part.left + part.width).toBeLessThanOrEqual(1.00001);
          expect(part.top + part.height).toBeLessThanOrEqual(1.00001);
          expect((part.width * picture) / part.height).toBeCloseTo(shape);
        }
      }
    }
    expect(cropOf(partOf({ x: 0.5, y: 0.5, zoom: 1 }, 1.5, 2 / 3))).toBe("0.27778,0.00000,0.44444,1.00000");
  });
});

describe("formats", () => {
  it("have the names that people use, with the range where it is not the usual one", () => {
    expect(formatName({ codec: "h264" })).toBe("H.264");
    expect(formatName({ codec: "hevc", dynamic_range: "hdr10" })).toBe("HEVC HDR10");
    expect(["vp9", "av1-hdr"].map(offerName)).toEqual(["VP9", "AV1 HDR"]);
  });
});
