/** What people call the formats of a picture. */

import type { Codec, Rung } from "../api/types";

type Range = NonNullable<Rung["dynamic_range"]>;

const NAMES: Partial<Record<Codec, string>> = { h264: "H.264", hevc: "HEVC", vp9: "VP9", av1: "AV1" };
const RANGES: Record<Range, string> = { sdr: "", hdr10: " HDR10", hlg: " HLG" };

export const formatName = ({ codec, dynamic_range: range = "sdr" }: { codec: Codec; dynamic_range?: Range }): string =>
  (NAMES[codec] ?? codec) + RANGES[range];

/** In HDR what is ordered comes in the range of the master. */
export function offerName(offered: string): string {
  const codec = offered.replace(/-hdr$/, "") as Codec;
  return (NAMES[codec] ?? codec) + (offered === codec ? "" : " HDR");
}
