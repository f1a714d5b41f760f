import { beforeEach, expect, it } from "vitest";

import { enter } from "../api/session";
import type { SignedIn } from "../api/types";
import { followMedia, prefer, preferences } from "./preferences";

const as = (id: string) => enter({ tokens: { access_token: "t" }, device: { id: "d" }, account: {}, profile: { id } } as SignedIn);

beforeEach(() => {
  localStorage.clear();
  as("ada");
});

it("is kept for each profile by itself", () => {
  prefer({ text: "fr" });
  prefer({ rate: 1.5 });
  as("mimi");
  expect(preferences()).toEqual({});
  as("ada");
  expect(preferences()).toEqual({ text: "fr", rate: 1.5 });
});

it("does not trip over what it cannot read", () => {
  localStorage.setItem("vita.player.ada", "{ no json");
  expect(preferences()).toEqual({});
  localStorage.setItem("vita.player.ada", "null");
  expect(preferences()).toEqual({});
});

it("sets volume and speed, and keeps the volume that is chosen", () => {
  prefer({ volume: 0.3, muted: true, rate: 1.25 });
  const node = document.createElement("video");
  const stop = followMedia(node);
  expect([node.volume, node.muted, node.playbackRate]).toEqual([0.3, true, 1.25]);
  node.volume = 0.7;
  node.dispatchEvent(new Event("volumechange"));
  expect(preferences().volume).toBe(0.7);
  stop();
});
