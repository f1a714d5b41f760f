/** What the tracks of a film are called in the menus, and which subtitles a key brings back. */

import { languageName, type Words } from "../words";

export interface NamedTrack {
  language: string;
  roles: string[];
  label?: string | null;
  channelsCount?: number | null;
}

/** Names of sound or subtitle tracks, in their order; no two are the same. */
export function trackNames(words: Words, language: string, tracks: NamedTrack[]): string[] {
  const alone = tracks.map((track) => nameOf(words, language, track, 0));
  const isOne = (at: number) => alone.indexOf(alone[at] ?? "") === alone.lastIndexOf(alone[at] ?? "");
  const plain = tracks.map((track, at) => nameOf(words, language, track, isOne(at) ? 0 : at + 1));
  return plain.map((name, at) => {
    const before = plain.slice(0, at).filter((one) => one === name).length;
    return before ? `${name} (${before + 1})` : name;
  });
}

/** `number` is the place among several that nothing tells apart, 0 where there is one alone. */
function nameOf(words: Words, language: string, track: NamedTrack, number: number): string {
  const say = words.watch;
  const has = (part: string) => track.roles.some((role) => role.toLowerCase().includes(part));
  const spoken = languageName(track.language, language) || track.label || (number ? say.track(number) : say.original);
  const label = track.label && track.label !== spoken ? track.label : "";
  const facts = [
    track.channelsCount && track.channelsCount > 2 ? (track.channelsCount > 6 ? "7.1" : say.surround) : "",
    has("descri") ? say.described : "",
    has("commentary") ? say.commentary : "",
    has("dub") ? say.dubbed : "",
    label,
  ];
  return [spoken, ...new Set(facts.filter(Boolean))].join(" · ");
}

/** The role by which a chosen sound is found again in another film. */
export const roleOf = (track: Pick<NamedTrack, "roles">): string =>
  track.roles.find((role) => /descri|commentary/.test(role)) ?? "";

/**
 * The subtitles that are switched on: those of `languages`, the first that there are, else any. Never
 * the forced ones alone, which translate a sign or two.
 */
export function fullText<T extends { language: string; forced?: boolean | null }>(tracks: T[], languages: string[]): T | undefined {
  const full = tracks.filter((track) => !track.forced);
  const same = (track: T, language: string) => track.language.split("-")[0] === language.split("-")[0];
  for (const language of languages) {
    const found = full.find((track) => track.language === language) ?? full.find((track) => same(track, language));
    if (found) return found;
  }
  return full[0];
}
