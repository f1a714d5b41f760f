/**
 * Which of a title's formats is played: one for the whole play, so that nothing switches codecs or
 * dynamic ranges on the way. What the server granted, this device can play; here it is asked how well.
 */

import type { Codec, PlayAnswer } from "../api/types";

type Rung = PlayAnswer["rungs"][number];

/** A rung, and what `MediaCapabilities` says of it here. */
export interface Decoded {
  rung: Rung;
  smooth: boolean;
  powerEfficient: boolean;
}

/** The fewest bits for the same picture come first. */
const ORDER: readonly Codec[] = ["av1", "hevc", "vp9", "h264"];

const place = (format: Decoded[]): number => ORDER.indexOf(format[0]?.rung.codec ?? "h264");
const formatOf = ({ codec, dynamic_range }: Rung): string => `${codec} ${dynamic_range}`;
const inHdr = (format: Decoded[]): boolean => !!format[0] && isHdr(format[0].rung);
/** Those that are so; all where none is. */
const first = (all: Decoded[][], are: (each: Decoded[]) => boolean): Decoded[][] => (all.some(are) ? all.filter(are) : all);
const linesOf = (decoded: Decoded[]): number => Math.max(0, ...decoded.map((each) => each.rung.height));

/**
 * The rungs to play. A format is out where this device decodes less of it smoothly than a screen of
 * `screenLines` could use of another; of what is left, those in HDR come first, which only screens
 * that show it are given; then those that its hardware decodes. Where data is to be saved, those
 * with the fewest bits come first. Where nothing is smooth, H.264 is tried.
 */
export function chosen(all: Decoded[], screenLines: number, { dataSaver }: { dataSaver: boolean }): Rung[] {
  const formats = [...new Set(all.map((each) => formatOf(each.rung)))].map((format) => all.filter((each) => formatOf(each.rung) === format));
  const able = formats.map((each) => ({ whole: each.length, smooth: each.filter(({ smooth }) => smooth) })).filter(({ smooth }) => smooth.length > 0);
  const enough = Math.min(screenLines, Math.max(0, ...able.map(({ smooth }) => linesOf(smooth))));
  const good = able.filter(({ whole, smooth }) => smooth.length === whole || linesOf(smooth) >= enough).map(({ smooth }) => smooth);
  const thrifty = (all: Decoded[][]) => first(all, (each) => each.every(({ powerEfficient }) => powerEfficient));
  const [best] = (dataSaver ? good : thrifty(first(good, inHdr))).toSorted((a, b) => place(a) - place(b) || Number(inHdr(b)) - Number(inHdr(a)));
  if (best) return best.map(({ rung }) => rung);
  const [plainest] = formats.toSorted((a, b) => Number(inHdr(a)) - Number(inHdr(b)) || place(b) - place(a));
  return plainest?.map(({ rung }) => rung) ?? [];
}

export type Ask = (asked: MediaDecodingConfiguration) => Promise<{ supported: boolean; smooth: boolean; powerEfficient: boolean }>;

/** How well each rung is decoded here; one that is not decoded at all is left out. */
export async function decoded(rungs: readonly Rung[], isProtected: boolean, ask: Ask | undefined = asking()): Promise<Decoded[]> {
  const found = await Promise.all(rungs.map((rung) => told(rung, isProtected, ask)));
  return found.filter((each) => each !== null);
}

async function told(rung: Rung, isProtected: boolean, ask: Ask | undefined): Promise<Decoded | null> {
  // A rung of before codecs were told, or a browser that cannot be asked: then as the server said;
  // but HDR is shown right or not at all.
  const unknown = isHdr(rung) ? null : { rung, smooth: true, powerEfficient: false };
  if (!ask || !rung.codec_string) return unknown;
  const video: VideoConfiguration = {
    contentType: `video/mp4; codecs="${rung.codec_string}"`,
    width: rung.width,
    height: rung.height,
    bitrate: Math.max(1, rung.peak_kbps) * 1000,
    framerate: rung.frame_rate || 30,
    ...(isHdr(rung) ? rangeOf(rung) : {}),
  };
  const asked: MediaDecodingConfiguration = { type: "media-source", video };
  const withKeys = isProtected ? { ...asked, keySystemConfiguration: { keySystem: "org.w3.clearkey" } } : asked;
  // Some browsers refuse to be asked about keys this way.
  const answer = await ask(withKeys).catch(() => ask(asked)).catch(() => null);
  if (!answer) return unknown;
  return answer.supported ? { rung, smooth: answer.smooth, powerEfficient: answer.powerEfficient } : null;
}

function rangeOf(rung: Rung): Pick<VideoConfiguration, "colorGamut" | "hdrMetadataType" | "transferFunction"> {
  const colours = { colorGamut: "rec2020" } as const;
  return rung.dynamic_range === "hlg" ? { ...colours, transferFunction: "hlg" } : { ...colours, transferFunction: "pq", hdrMetadataType: "smpteSt2086" };
}

function asking(): Ask | undefined {
  const { mediaCapabilities } = navigator as { mediaCapabilities?: MediaCapabilities };
  return mediaCapabilities && ((asked) => mediaCapabilities.decodingInfo(asked));
}

export const isHdr = ({ dynamic_range }: Rung): boolean => dynamic_range !== "sdr";

/** Whether this screen shows more than SDR. What it decodes is asked for each rung. */
export function showsHdr(): boolean {
  return window.matchMedia("(dynamic-range: high)").matches;
}

/** Lines of the screen, as a picture would fill it. */
export function screenLines(): number {
  return Math.max(window.screen.height, 720) * window.devicePixelRatio;
}

/** A node of a manifest, as Shaka hands it out. */
export interface XmlNode {
  tagName: string;
  attributes: Record<string, string>;
  children: (XmlNode | string)[];
}

/** Leave out the pictures of a manifest that are not of these rungs, and what is empty then. */
export function keepPictures(mpd: XmlNode, names: ReadonlySet<string>): void {
  for (const period of inside(mpd, "Period")) {
    for (const set of inside(period, "AdaptationSet").filter((each) => each.attributes["contentType"] === "video")) {
      set.children = set.children.filter((each) => typeof each === "string" || each.tagName !== "Representation" || names.has(stemOf(each)));
      if (inside(set, "Representation").length === 0) period.children = period.children.filter((each) => each !== set);
    }
  }
}

function inside(node: XmlNode, tagName: string): XmlNode[] {
  return node.children.filter((each): each is XmlNode => typeof each !== "string" && each.tagName === tagName);
}

/** A rung's name is the stem of its one file. */
function stemOf(representation: XmlNode): string {
  const file = inside(representation, "BaseURL")[0]?.children.find((each) => typeof each === "string") ?? "";
  return file.trim().replace(/^.*\//, "").replace(/\.[^.]*$/, "");
}
