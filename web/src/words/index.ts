/** The words of the viewer's language: the profile's, else the browser's. */

import type { Problem } from "../api/problem";
import { useSession } from "../api/session";
import { en, type Words } from "./en";
import { fr } from "./fr";

export type { Words } from "./en";

export const LANGUAGES = ["en", "fr"] as const;
const CATALOGUE: Record<string, Words> = { en, fr };

export function languageOf(locale: string | undefined): "en" | "fr" {
  return (locale ?? navigator.language).split("-")[0] === "fr" ? "fr" : "en";
}

export function useLanguage(): "en" | "fr" {
  const session = useSession();
  return languageOf(session.state === "in" ? session.profile?.locale : undefined);
}

export function useWords(): Words {
  return CATALOGUE[useLanguage()] ?? en;
}

/** What a problem says, in the viewer's language where we can, else in the service's own words. */
export function sentenceOf(words: Words, problem: Pick<Problem, "code" | "detail" | "offline">): string {
  if (problem.offline) return words.offlineLong;
  return words.problems[problem.code] || problem.detail || words.troubleLong;
}

/** "1 h 35 min", or "40 s" for what is shorter than a minute and a half. */
export function lengthOf(words: Words, milliseconds: number): string {
  if (milliseconds < 90_000) return words.seconds(Math.round(milliseconds / 1000));
  const minutes = Math.round(milliseconds / 60_000);
  return minutes < 60 ? words.minutes(minutes) : words.hours(Math.floor(minutes / 60), minutes % 60);
}

/** A language's name in the viewer's language, as an entry of a list: "French" or "Français". Empty
 * when it is not known. */
export function languageName(code: string, language: string): string {
  const name = languageInText(code, language);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The same within a sentence: "French" or "français". */
export function languageInText(code: string, language: string): string {
  if (!code || ["und", "mul", "zxx", "mis"].includes(code)) return "";
  try {
    return new Intl.DisplayNames([language], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

export function countryName(code: string, language: string): string {
  try {
    return new Intl.DisplayNames([language], { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** "3 hours ago" */
export function agoOf(atMs: number, language: string, nowMs = Date.now()): string {
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ["day", 86_400_000],
    ["hour", 3_600_000],
    ["minute", 60_000],
  ];
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const [unit, size] = steps.find(([, size]) => nowMs - atMs >= size) ?? ["minute", 60_000];
  return format.format(-Math.round((nowMs - atMs) / size), unit);
}
