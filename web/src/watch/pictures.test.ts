import { describe, expect, it } from "vitest";

import type { Codec, PlayAnswer } from "../api/types";
import { type Ask, chosen, decoded, type Decoded, keepPictures, type XmlNode } from "./pictures";

type Rung = PlayAnswer["rungs"][number];

const rung = (codec: Codec, height: number): Rung => ({
  name: `v${height}-${codec}`,
  width: (height * 16) / 9,
  height,
  codec,
  bitrate_kbps: height,
  peak_kbps: 2 * height,
  vmaf: 90,
  vmaf_model: "v",
  dynamic_range: "sdr",
  codec_string: codec,
  frame_rate: 24,
  bit_depth: 8,
});

const inHdr = (one: Rung, range: Rung["dynamic_range"] = "hdr10"): Rung => ({ ...one, name: `${one.name}-${range}`, dynamic_range: range, bit_depth: 10 });

const ladder = (codec: Codec, has: Partial<Decoded> & { upTo?: number; heights?: number[]; range?: Rung["dynamic_range"] } = {}): Decoded[] =>
  (has.heights ?? [480, 1080]).map((height) => ({
    rung: has.range ? inHdr(rung(codec, height), has.range) : rung(codec, height),
    smooth: has.smooth ?? height <= (has.upTo ?? Infinity),
    powerEfficient: has.powerEfficient ?? false,
  }));

const names = (all: Decoded[][], lines = 1080, dataSaver = false) => chosen(all.flat(), lines, { dataSaver }).map(({ name }) => name);

describe("the format of a play", () => {
  it("is the one with the fewest bits that is smooth, and one only", () => {
    const all = [ladder("h264"), ladder("vp9"), ladder("hevc"), ladder("av1")];
    expect(names(all)).toEqual(["v480-av1", "v1080-av1"]);
    expect(names(all.slice(0, 3))).toEqual(["v480-hevc", "v1080-hevc"]);
    expect(names(all.slice(0, 2))).toEqual(["v480-vp9", "v1080-vp9"]);
    expect(names(all.slice(0, 1))).toEqual(["v480-h264", "v1080-h264"]);
  });

  it("falls to H.264 where no other is smooth", () => {
    expect(names([ladder("h264"), ladder("av1", { smooth: false })])).toEqual(["v480-h264", "v1080-h264"]);
  });

  it("is not one that is smooth in small pictures alone, unless the screen is small", () => {
    const all = [ladder("h264"), ladder("av1", { upTo: 480 })];
    expect(names(all)).toEqual(["v480-h264", "v1080-h264"]);
    expect(names(all, 480)).toEqual(["v480-av1"]);
  });

  it("may have a ladder that ends lower, when all of it is smooth", () => {
    expect(names([ladder("h264"), ladder("av1", { heights: [360, 720] })])).toEqual(["v360-av1", "v720-av1"]);
  });

  it("is one that the hardware decodes, unless data is to be saved", () => {
    const all = [ladder("h264", { powerEfficient: true }), ladder("av1")];
    expect(names(all)).toEqual(["v480-h264", "v1080-h264"]);
    expect(names(all, 1080, true)).toEqual(["v480-av1", "v1080-av1"]);
  });

  it("is one in HDR where the device shows it, and never two ranges", () => {
    const hdr = { range: "hdr10" } as const;
    const all = [ladder("h264", { powerEfficient: true }), ladder("av1"), ladder("hevc", hdr), ladder("av1", hdr)];
    expect(names(all)).toEqual(["v480-av1-hdr10", "v1080-av1-hdr10"]);
    expect(names([ladder("av1"), ladder("hevc", { range: "hlg" })])).toEqual(["v480-hevc-hlg", "v1080-hevc-hlg"]);
    expect(names([ladder("av1", hdr), ladder("hevc", { ...hdr, powerEfficient: true })])).toEqual(["v480-hevc-hdr10", "v1080-hevc-hdr10"]);
  });

  it("is not HDR that is smooth in small pictures alone, nor where data is to be saved for it", () => {
    const hdr = { range: "hdr10" } as const;
    expect(names([ladder("h264"), ladder("av1", { ...hdr, upTo: 480 })])).toEqual(["v480-h264", "v1080-h264"]);
    expect(names([ladder("av1"), ladder("hevc", hdr)], 1080, true)).toEqual(["v480-av1", "v1080-av1"]);
    expect(names([ladder("av1"), ladder("av1", hdr)], 1080, true)).toEqual(["v480-av1-hdr10", "v1080-av1-hdr10"]);
    expect(names([ladder("hevc", { ...hdr, smooth: false }), ladder("av1", { smooth: false })])).toEqual(["v480-av1", "v1080-av1"]);
  });

  it("is H.264, whole, where nothing is smooth", () => {
    const slow = { smooth: false };
    expect(names([ladder("av1", slow), ladder("h264", slow), ladder("hevc", slow)])).toEqual(["v480-h264", "v1080-h264"]);
    expect(names([ladder("av1", slow), ladder("hevc", slow)])).toHaveLength(2);
    expect(names([])).toEqual([]);
  });

  it("leaves out the rungs that are not smooth where nothing reaches higher", () => {
    const heights = [480, 1080, 2160];
    expect(names([ladder("h264", { heights, upTo: 1080 }), ladder("av1", { heights, upTo: 1080 })], 2160)).toEqual(["v480-av1", "v1080-av1"]);
  });
});

describe("asking a device", () => {
  const yes = { supported: true, smooth: true, powerEfficient: true };

  it("tells what each rung takes, with keys where it is protected", async () => {
    const asked: MediaDecodingConfiguration[] = [];
    const ask: Ask = (one) => (asked.push(one), Promise.resolve(yes));
    expect(await decoded([rung("av1", 1080)], true, ask)).toEqual([{ rung: rung("av1", 1080), smooth: true, powerEfficient: true }]);
    expect(asked).toEqual([
      {
        type: "media-source",
        video: { contentType: 'video/mp4; codecs="av1"', width: 1920, height: 1080, bitrate: 2_160_000, framerate: 24 },
        keySystemConfiguration: { keySystem: "org.w3.clearkey" },
      },
    ]);
  });

  it("tells which light and colours HDR has", async () => {
    const asked: MediaDecodingConfiguration[] = [];
    const ask: Ask = (one) => (asked.push(one), Promise.resolve(yes));
    await decoded([inHdr(rung("hevc", 1080)), inHdr(rung("hevc", 1080), "hlg")], false, ask);
    expect(asked.map(({ video }) => video)).toMatchObject([
      { colorGamut: "rec2020", transferFunction: "pq", hdrMetadataType: "smpteSt2086" },
      { colorGamut: "rec2020", transferFunction: "hlg" },
    ]);
    expect(asked[1]?.video).not.toHaveProperty("hdrMetadataType");
  });

  it("takes no HDR of which it cannot be asked", async () => {
    expect(await decoded([inHdr(rung("av1", 720))], false, () => Promise.reject(new TypeError("no")))).toEqual([]);
    expect(await decoded([inHdr(rung("av1", 720))], false, undefined)).toEqual([]);
    expect(await decoded([inHdr(rung("av1", 720))], false, () => Promise.resolve({ ...yes, supported: false }))).toEqual([]);
  });

  it("asks without keys where a browser refuses to be asked with them", async () => {
    const ask: Ask = (one) => ("keySystemConfiguration" in one ? Promise.reject(new TypeError("no")) : Promise.resolve({ ...yes, smooth: false }));
    expect((await decoded([rung("av1", 720)], true, ask))[0]?.smooth).toBe(false);
  });

  it("leaves out what is not supported, and believes the server where it cannot ask", async () => {
    expect(await decoded([rung("av1", 720)], false, () => Promise.resolve({ ...yes, supported: false }))).toEqual([]);
    expect((await decoded([rung("av1", 720)], false, () => Promise.reject(new TypeError("no"))))[0]?.smooth).toBe(true);
    expect((await decoded([rung("av1", 720)], false, undefined))[0]?.smooth).toBe(true);
  });
});

it("keeps the pictures of a manifest that are played, its sound and its text", () => {
  const node = (tagName: string, attributes: Record<string, string>, ...children: (XmlNode | string)[]): XmlNode => ({ tagName, attributes, children });
  const picture = (name: string) => node("Representation", { id: name }, node("BaseURL", {}, ` e/${name}.mp4 `));
  const set = (contentType: string, ...children: XmlNode[]) => node("AdaptationSet", { contentType }, ...children);
  const mpd = node(
    "MPD",
    {},
    node("Period", {}, set("video", node("Role", {}), picture("v480-2"), picture("v720")), set("video", picture("v480-av1")), set("audio", picture("a-en")), set("text", picture("t-en"))),
  );
  keepPictures(mpd, new Set(["v480-2"]));
  const text = JSON.stringify(mpd);
  expect(text).toContain("v480-2");
  expect(text).toContain("a-en");
  expect(text).toContain("t-en");
  expect(text).not.toContain("v720");
  expect(text).not.toContain("av1");
  expect(text.match(/AdaptationSet/g)).toHaveLength(3);
});
