import { describe, expect, it } from "vitest";

import type { Job } from "../api/types";
import { bytesOf } from "../components/bytes";
import { logTicks, masterFacts, timeCode } from "./figures";
import { mergeJob } from "./live";
import { titleOf } from "./uploads";

const job = (id: string, change: number) => ({ id, change }) as Job;

describe("figures", () => {
  it("writes sizes as people read them", () => {
    const sizes = [0, 999, 22_718_509, 100_000_000_000];
    expect(sizes.map((size) => bytesOf(size, "en"))).toEqual(["0 bytes", "999 bytes", "22.7 MB", "100 GB"]);
    expect(sizes.slice(2).map((size) => bytesOf(size, "fr").replaceAll(/\s/g, " "))).toEqual(["22,7 Mo", "100 Go"]);
  });

  it("writes time codes to the tenth", () => {
    expect([0, 83_500, 3_723_400, 59_960].map(timeCode)).toEqual(["0:00.0", "1:23.5", "1:02:03.4", "1:00.0"]);
  });

  it("ticks a logarithmic axis at round values inside it", () => {
    expect(logTicks(150, 5200)).toEqual([200, 500, 1000, 2000, 5000]);
  });

  it("tells of a master what a partner wants to know", () => {
    const master = {
      format: { format_long_name: "QuickTime / MOV", duration: "30.000000", size: "6046245" },
      streams: [
        { codec_type: "video", codec_name: "h264", width: 1280, height: 720, avg_frame_rate: "24000/1001", pix_fmt: "yuv420p" },
        { codec_type: "audio", codec_name: "aac", channel_layout: "5.1", sample_rate: "48000", tags: { language: "und" } },
        { codec_type: "data" },
      ],
    };
    expect(masterFacts(master, "en")).toEqual([
      { name: "file", value: "QuickTime / MOV · 0:30.0 · 6.0 MB" },
      { name: "video", value: "h264 · 1280 × 720 · 23.976 fps · yuv420p" },
      { name: "audio", value: "aac · 5.1 · 48 kHz" },
    ]);
    expect(masterFacts({}, "en")).toEqual([]);
  });

  it("makes a title of a file's name", () => {
    expect(titleOf("the_Lost.World-1925.mov")).toBe("The Lost World 1925");
  });
});

describe("live jobs", () => {
  it("puts a new job first and replaces a known one", () => {
    expect(mergeJob([job("a", 1)], job("b", 2)).map((j) => j.id)).toEqual(["b", "a"]);
    expect(mergeJob([job("a", 1)], job("a", 3))[0]?.change).toBe(3);
  });

  it("never lets an older state replace a newer one", () => {
    expect(mergeJob([job("a", 5)], job("a", 4))[0]?.change).toBe(5);
  });
});
