import { describe, expect, it } from "vitest";

import { en } from "../words/en";
import { fr } from "../words/fr";
import { fullText, trackNames } from "./trackNames";

const track = (language: string, ...roles: string[]) => ({ language, roles, label: null, channelsCount: 2 });

describe("the names of tracks", () => {
  it("is Original where one track says nothing of itself", () => {
    expect(trackNames(en, "en", [track("und", "main")])).toEqual(["Original"]);
    expect(trackNames(fr, "fr", [track("")])).toEqual(["Version originale"]);
  });

  it("tells two mixes of one sound apart", () => {
    expect(trackNames(en, "en", [track("und"), { ...track("und"), channelsCount: 6 }])).toEqual(["Original", "Original · 5.1"]);
  });

  it("counts several of which nothing is known", () => {
    expect(trackNames(en, "en", [track("und"), track("mul")])).toEqual(["Track 1", "Track 2"]);
  });

  it("says the language, and what kind of track it is", () => {
    expect(trackNames(en, "en", [track("en", "main"), { ...track("fr", "dub"), channelsCount: 6 }, track("en", "commentary")])).toEqual([
      "English",
      "French · 5.1 · dubbed",
      "English · commentary",
    ]);
    expect(trackNames(fr, "fr", [track("fr", "describes-video")])).toEqual(["Français · avec description"]);
  });

  it("takes the label of the one who sent it", () => {
    expect(trackNames(en, "en", [{ ...track("und"), label: "Live in Lyon" }])).toEqual(["Live in Lyon"]);
    expect(trackNames(en, "en", [{ ...track("en", "commentary"), label: "The director" }])).toEqual(["English · commentary · The director"]);
  });

  it("never calls two tracks the same, and none a dash", () => {
    const names = trackNames(en, "en", [track("en"), track("en"), track("und"), track("zxx", "description")]);
    expect(new Set(names).size).toBe(4);
    expect(names.filter((name) => /^[–-]?$/.test(name))).toEqual([]);
  });
});

describe("the subtitles that c brings", () => {
  const forced = { language: "en", forced: true };
  const full = { language: "en", forced: false };
  const french = { language: "fr-CA", forced: false };

  it("are the full ones, not those of a sign or two", () => {
    expect(fullText([forced, full], ["en"])).toBe(full);
    expect(fullText([forced], ["en"])).toBeUndefined();
  });

  it("are in the language that is wished for first, else in any", () => {
    expect(fullText([forced, full, french], ["de", "fr", "en"])).toBe(french);
    expect(fullText([full, french], ["de"])).toBe(full);
  });
});
