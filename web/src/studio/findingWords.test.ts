import { describe, expect, it } from "vitest";

import openapi from "../../openapi.json";
import { findingsFr, toldOf } from "./findingWords";

const CODES = openapi.components.schemas.Finding.properties.code.examples;
const found = (code: string) => ({ code, sentence: "Said by the service." });

describe("findings", () => {
  it("have a French text for every code that the service names, and none besides", () => {
    expect(CODES.length).toBeGreaterThan(50);
    expect(Object.keys(findingsFr).toSorted()).toEqual(CODES.toSorted());
    for (const code of CODES) {
      const { text } = toldOf(found(code), "fr");
      expect(text, code).toMatch(/\.$/);
      expect(text, code).not.toContain("service");
    }
  });

  it("are told in the service's own words in English", () => {
    for (const code of CODES) expect(toldOf(found(code), "en")).toEqual({ text: "Said by the service.", english: "" });
  });

  it("keep the service's sentence where the French text leaves out details, or is not there", () => {
    expect(toldOf(found("freeze"), "fr").english).toBe("");
    expect(toldOf(found("loudness"), "fr")).toEqual({ text: "Niveau sonore.", english: "Said by the service." });
    expect(toldOf(found("of-a-later-version"), "fr")).toEqual({ text: "", english: "Said by the service." });
  });

  it("that stand for many more are named by their kind", () => {
    expect(toldOf(found("black-more"), "fr").text).toMatch(/^Et d’autres encore : L’image est noire/);
  });
});
