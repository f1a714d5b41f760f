import { describe, expect, it, vi } from "vitest";

import { Problem } from "../api/problem";
import type { Thumbnails } from "../api/types";
import { en } from "../words/en";
import { fr } from "../words/fr";
import type { Actions } from "./actions";
import { meaningOf } from "./keys";
import { clock } from "./media";
import { below, edgeOf, withPathToken } from "./tokens";
import { frameOf } from "./SeekBar";
import { explainPlayback, explainProblem } from "./WatchTrouble";

describe("the path token", () => {
  it("is put in place of the old one, and only there", () => {
    const url = "http://edge-a.localhost:8801/s/k1.99.old/ast_1/v1/v720.mp4";
    expect(withPathToken(url, "k2.150.new")).toBe("http://edge-a.localhost:8801/s/k2.150.new/ast_1/v1/v720.mp4");
    expect(withPathToken(url, null)).toBe(url);
    expect(withPathToken("http://host/api/manifest/abc/main.mpd", "new")).toBe("http://host/api/manifest/abc/main.mpd");
  });

  it("is taken as it is, dollar signs and all", () => {
    expect(withPathToken("/s/old/a", "$1$&")).toBe("/s/$1$&/a");
  });

  it("stands with one slash between base and file", () => {
    expect(below("http://e/s/t/", "/ast/v/t-0.jpg")).toBe("http://e/s/t/ast/v/t-0.jpg");
    expect(below("http://e/s/t", "ast/v/t-0.jpg")).toBe("http://e/s/t/ast/v/t-0.jpg");
    expect(below("http://e/s/t", "https://other/x.jpg")).toBe("https://other/x.jpg");
  });
});

it("knows an edge by its host", () => {
  const edges = [
    { edge_id: "edge-a", base_url: "http://edge-a.localhost:8801/s/t" },
    { edge_id: "edge-b", base_url: "http://edge-b.localhost:8802/s/t" },
  ];
  expect(edgeOf(edges, "http://edge-b.localhost:8802/s/t/ast/v/f.mp4")).toBe("edge-b");
  expect(edgeOf(edges, "http://edge-c.localhost:8802/s/t/f.mp4")).toBeUndefined();
  expect(edgeOf(edges, "not an address")).toBeUndefined();
});

it("finds the seek preview's picture", () => {
  const sprites: Thumbnails = { url: "t-{index}.jpg", width: 160, height: 90, columns: 4, rows: 3, interval_ms: 2000, count: 20 };
  expect(frameOf(sprites, 0)).toEqual({ sheet: 0, x: 0, y: 0 });
  expect(frameOf(sprites, 11)).toEqual({ sheet: 0, x: 160, y: 90 });
  expect(frameOf(sprites, 25)).toEqual({ sheet: 1, x: 0, y: 0 });
  expect(frameOf(sprites, 9999)).toEqual({ sheet: 1, x: 480, y: 90 });
});

it("tells the time", () => {
  expect(clock(0)).toBe("0:00");
  expect(clock(127.9)).toBe("2:07");
  expect(clock(3727)).toBe("1:02:07");
  expect(clock(-1)).toBe("0:00");
});

describe("P10: keys", () => {
  const press = (key: string, target: Element | null = null, more = {}) =>
    meaningOf({ key, target, ctrlKey: false, metaKey: false, altKey: false, ...more });
  const inside = (markup: string) => {
    document.body.innerHTML = markup;
    return document.body.firstElementChild;
  };
  const done = (key: string) => {
    const calls: unknown[] = [];
    const actions = new Proxy({}, { get: (_all, name) => (...given: unknown[]) => calls.push([name, ...given]) });
    press(key)?.(actions as Actions);
    return calls;
  };

  it("do what the sheet of keys says", () => {
    expect(done(" ")).toEqual([["togglePlay"]]);
    expect(done("K")).toEqual([["togglePlay"]]);
    expect(done("j")).toEqual([["seekBy", -10]]);
    expect(done("ArrowRight")).toEqual([["seekBy", 10]]);
    expect(done("7")).toEqual([["seekToShare", 0.7]]);
  });

  it("are left to the element that has the focus", () => {
    expect(press(" ", inside("<button></button>"))).toBeNull();
    expect(press("ArrowLeft", inside('<input type="range">'))).toBeNull();
    expect(press("k", inside('<input type="text">'))).toBeNull();
    expect(press("k", inside("<button></button>"))).not.toBeNull();
  });

  it("are left to the browser with a modifier", () => {
    expect(press("f", null, { ctrlKey: true })).toBeNull();
    expect(press("l", null, { metaKey: true })).toBeNull();
  });
});

describe("P10: what went wrong", () => {
  it("lists the streams in use", () => {
    const devices = [{ device: "Phone", title: "Sintel", since_ms: 5 }];
    const reason = explainProblem(en, new Problem(429, "too-many-streams", "Both are taken.", { devices }));
    expect(reason).toMatchObject({ devices, plans: true, again: "retry" });
    expect(reason.text).toContain("Both are taken.");
  });

  it("keeps the service's own sentence for a code it does not know", () => {
    expect(explainProblem(en, new Problem(403, "eclipse", "The sun is in the way."))).toMatchObject({ text: "The sun is in the way." });
  });

  it("tells a lost edge from a refused licence and an ended session", () => {
    expect(explainPlayback(en, { category: 1, code: 1002 }).title).toBe(en.watch.errors.network);
    expect(explainPlayback(en, { category: 6, code: 6007 }).title).toBe(en.watch.errors.licence);
    expect(explainPlayback(en, { category: 1, code: 1001, data: ["url", 410] }).code).toBe("session-ended");
    expect(explainPlayback(en, { category: 6, code: 6001 }).code).toBe("no-drm");
  });
});

it("speaks French wherever it speaks English", () => {
  const told = (words: object): string[] =>
    Object.entries(words).flatMap(([key, value]) => (value && typeof value === "object" ? told(value).map((one) => `${key}.${one}`) : [key]));
  expect(told({ ...fr, problems: {} })).toEqual(told(en));
  const untranslated = Object.entries(en).filter(([key, value]) => typeof value === "string" && value.length > 14 && fr[key as keyof typeof fr] === value);
  expect(untranslated).toEqual([]);
});

vi.mock("./filmPlayer", () => ({ FilmPlayer: null }));
