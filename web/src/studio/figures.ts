/** Numbers as people read them. */

import { bytesOf } from "../components/bytes";
import { pluralEn, pluralFr } from "../words/plural";

/** 83500 is "1:23.5". */
export function timeCode(milliseconds: number): string {
  const tenths = Math.round(milliseconds / 100);
  const seconds = (tenths % 600) / 10;
  const minutes = Math.floor(tenths / 600) % 60;
  const hours = Math.floor(tenths / 36_000);
  const tail = `${String(minutes).padStart(hours ? 2 : 1, "0")}:${seconds.toFixed(1).padStart(4, "0")}`;
  return hours ? `${hours}:${tail}` : tail;
}

/** "40%", or "40 %" in French; never 100 before the end. */
export function percentOf(share: number, language: string): string {
  return new Intl.NumberFormat(language, { style: "percent" }).format(Math.floor(share * 100) / 100);
}

/** Round tick values of a logarithmic axis from `low` to `high`: 1, 2, 5 of each decade. */
export function logTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let decade = 10 ** Math.floor(Math.log10(low)); decade <= high; decade *= 10) {
    for (const step of [1, 2, 5]) if (decade * step >= low && decade * step <= high) ticks.push(decade * step);
  }
  return ticks;
}

export interface Fact {
  name: "file" | "video" | "audio" | "subtitle";
  value: string;
}

type Probe = Record<string, unknown>;

/** What a partner wants to know of a master, out of all that ffprobe tells: a line a stream. */
export function masterFacts(master: Probe, language: string): Fact[] {
  const format = (master.format ?? {}) as Probe;
  const streams = (Array.isArray(master.streams) ? master.streams : []) as Probe[];
  const length = Number(format.duration);
  const file = [
    format.format_long_name,
    Number.isFinite(length) && timeCode(length * 1000),
    Number(format.size) > 0 && bytesOf(Number(format.size), language),
  ];
  const facts: Fact[] = [{ name: "file", value: listed(file) }];
  for (const stream of streams) {
    const name = stream.codec_type;
    if (name === "video") facts.push({ name, value: listed(picture(stream)) });
    if (name === "audio") facts.push({ name, value: listed(sound(stream, language)) });
    if (name === "subtitle") facts.push({ name, value: listed([stream.codec_name, languageOf(stream)]) });
  }
  return facts.filter((fact) => fact.value !== "");
}

const picture = (stream: Probe): unknown[] => [
  stream.codec_name,
  `${String(stream.width)} × ${String(stream.height)}`,
  `${rate(String(stream.avg_frame_rate ?? ""))} fps`,
  stream.pix_fmt,
  stream.color_transfer,
];

const sound = (stream: Probe, language: string): unknown[] => [
  stream.codec_name,
  stream.channel_layout ?? channels(Number(stream.channels), language),
  `${Number(stream.sample_rate) / 1000} kHz`,
  languageOf(stream),
];

const channels = (count: number, language: string): string =>
  language === "fr" ? `${count} ${pluralFr(count, "canal", "canaux")}` : `${count} ${pluralEn(count, "channel", "channels")}`;

const languageOf = (stream: Probe): unknown => ((stream.tags ?? {}) as Probe).language;

/** With two decimals at most, as the language writes them. */
export function amountOf(value: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumFractionDigits: 2 }).format(value);
}

/** "24000/1001" is "23.976". */
function rate(fraction: string): string {
  const [over = 0, under = 1] = fraction.split("/").map(Number);
  return String(Number((over / (under || 1)).toFixed(3)));
}

const listed = (parts: unknown[]): string => parts.filter((part) => part && part !== "und").join(" · ");
