/**
 * Subtitles whose cues are shown together, whole.
 *
 * In packaged WebVTT a sample is all that is on the screen for its time, several cues perhaps. Where
 * all samples of a fragment have one size, a packager writes that size once, in the head of the
 * fragment (`tfhd`). Shaka 5.2 looks for it with each sample alone (`trun`), and reads the first cue
 * of the last sample where it finds none: of a sign at the top and a line at the bottom, one is
 * shown. So the size is written where it looks.
 */

import { shaka } from "./shaka";

const DEFAULT_SIZE = 0x10; // flags of a `tfhd`, in the order of its fields
const BEFORE_SIZE = [[0x1, 8], [0x2, 4], [0x8, 4]] as const;
const OFFSET = 0x1; // of a `trun`
const FIRST_FLAGS = 0x4;
const DURATION = 0x100;
const SIZE = 0x200;
const FLAGS = 0x400;
const COMPOSITION = 0x800;

interface Box {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

function boxes(view: DataView, start: number, end: number): Box[] {
  const found: Box[] = [];
  for (let at = start; at + 8 <= end; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > end) break;
    const kind = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5), view.getUint8(at + 6), view.getUint8(at + 7));
    found.push({ kind, start: at, end: at + size });
    at += size;
  }
  return found;
}

function defaultSize(view: DataView, tfhd: Box): number {
  const flags = view.getUint32(tfhd.start + 8) & 0xffffff;
  if (!(flags & DEFAULT_SIZE)) return 0;
  const before = BEFORE_SIZE.reduce((bytes, [flag, size]) => bytes + (flags & flag ? size : 0), 0);
  return view.getUint32(tfhd.start + 16 + before);
}

/** Returns the `trun` with `size` for each sample. */
function sized(data: Uint8Array, view: DataView, trun: Box, size: number): Uint8Array {
  const flags = view.getUint32(trun.start + 8) & 0xffffff;
  const count = view.getUint32(trun.start + 12);
  const head = 16 + (flags & OFFSET ? 4 : 0) + (flags & FIRST_FLAGS ? 4 : 0);
  const early = flags & DURATION ? 4 : 0;
  const late = (flags & FLAGS ? 4 : 0) + (flags & COMPOSITION ? 4 : 0);
  if (trun.end - trun.start !== head + count * (early + late)) return data.subarray(trun.start, trun.end);
  const made = new Uint8Array(trun.end - trun.start + 4 * count);
  made.set(data.subarray(trun.start, trun.start + head));
  const out = new DataView(made.buffer);
  out.setUint32(0, made.length);
  out.setUint32(8, view.getUint32(trun.start + 8) | SIZE);
  for (let n = 0; n < count; n++) {
    const from = trun.start + head + n * (early + late);
    const to = head + n * (early + 4 + late);
    made.set(data.subarray(from, from + early), to);
    out.setUint32(to + early, size);
    made.set(data.subarray(from + early, from + early + late), to + early + 4);
  }
  return made;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const made = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

/** Returns a box with `parts` as its content. */
function boxed(data: Uint8Array, box: Box, parts: readonly Uint8Array[]): Uint8Array {
  const made = joined([data.subarray(box.start, box.start + 8), ...parts]);
  new DataView(made.buffer).setUint32(0, made.length);
  return made;
}

function traf(data: Uint8Array, view: DataView, box: Box): Uint8Array {
  const inside = boxes(view, box.start + 8, box.end);
  const head = inside.find((each) => each.kind === "tfhd");
  const size = head ? defaultSize(view, head) : 0;
  const parts = inside.map((each) => {
    const hasSizes = each.kind !== "trun" || (view.getUint32(each.start + 8) & SIZE) !== 0;
    return hasSizes || !size ? data.subarray(each.start, each.end) : sized(data, view, each, size);
  });
  return boxed(data, box, parts);
}

/** Returns a segment in which each sample has its size. */
export function withSampleSizes(data: Uint8Array): Uint8Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const parts = boxes(view, 0, data.length).map((box) => {
    if (box.kind !== "moof") return data.subarray(box.start, box.end);
    const inside = boxes(view, box.start + 8, box.end);
    return boxed(data, box, inside.map((each) => (each.kind === "traf" ? traf(data, view, each) : data.subarray(each.start, each.end))));
  });
  return joined(parts);
}

class WholeSamples implements shaka.extern.TextParser {
  private readonly parser = new shaka.text.Mp4VttParser();

  parseInit(data: Uint8Array): void {
    this.parser.parseInit(data);
  }

  parseMedia(data: Uint8Array, ...more: [shaka.extern.TextParser.TimeContext, string | null, string[]]): shaka.text.Cue[] {
    return this.parser.parseMedia(withSampleSizes(data), ...more) as shaka.text.Cue[];
  }

  setManifestType(kind: string): void {
    this.parser.setManifestType(kind);
  }
}

/** Has Shaka read packaged WebVTT in this way. */
export function readWholeSamples(): void {
  shaka.text.TextEngine.registerParser('application/mp4; codecs="wvtt"', () => new WholeSamples());
}
