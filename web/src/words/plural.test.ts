import { describe, expect, it } from "vitest";

import { en as operatorEn, fr as operatorFr } from "../operator/words";
import { en as studioEn, fr as studioFr } from "../studio/words";
import { en as viewerEn } from "./en";
import { fr as viewerFr } from "./fr";
import { pluralEn, pluralFr } from "./plural";

const UNITS = ["chunks", "trials", "cues", "places"];
/** Their numbers are amounts with a unit, names, or never as small. */
const OTHERS = new Set(["free", "quota", "otherFile", "planCosts", "passwordHint", "estimateBytes"]);

/** Every text of a catalogue that takes numbers, with `count` for all of them. */
function said(catalogue: object, count: number): [string, string][] {
  return Object.entries(catalogue).flatMap(([key, text]): [string, string][] => {
    if (OTHERS.has(key)) return [];
    if (typeof text === "function") {
      const told = UNITS.map((unit) => (text as (...all: unknown[]) => unknown)(count, count, unit));
      return told.map((one) => [key, String(one)]);
    }
    return text && typeof text === "object" && !Array.isArray(text) ? said(text, count) : [];
  });
}

describe("what is counted", () => {
  it("is one by the rules of the language", () => {
    expect([0, 1, 2].map((count) => pluralEn(count, "stream", "streams"))).toEqual(["streams", "stream", "streams"]);
    expect([0, 1, 2].map((count) => pluralFr(count, "lecture", "lectures"))).toEqual(["lecture", "lecture", "lectures"]);
  });

  it("goes by the number beside it", () => {
    expect([operatorEn, operatorFr].map(({ streams }) => [1, 2].map(streams))).toEqual([
      ["stream", "streams"],
      ["lecture", "lectures"],
    ]);
  });

  it("is not many where there is one, in any text", () => {
    const all = [viewerEn, operatorEn, studioEn].flatMap((catalogue) => said(catalogue, 1));
    expect(all.length).toBeGreaterThan(100);
    expect(all.filter(([, text]) => /\b1 (?:(?!of )[a-z]+ )?[a-z]{2,}s\b/.test(text))).toEqual([]);
  });

  it("is not many where there is one or none, in any French text", () => {
    const all = [viewerFr, operatorFr, studioFr].flatMap((catalogue) => [...said(catalogue, 0), ...said(catalogue, 1)]);
    expect(all.filter(([, text]) => /\b[01] [a-zé]{2,}s(?![\w-])/.test(text))).toEqual([]);
  });
});
