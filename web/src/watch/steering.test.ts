import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { shaka } from "./shaka";
import { SteeringClient } from "./steering";

type Node = shaka.extern.xml.Node;

const node = (tagName: string, children: (Node | string)[]): Node => ({ tagName, children, attributes: {}, parent: null });
const mpd = () => node("MPD", [node("BaseURL", ["http://a.localhost/"]), node("ContentSteering", [" /api/steering/tok "]), node("Period", [])]);

const asked: string[] = [];
let answer: () => Response;

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  vi.stubGlobal("fetch", (url: URL) => {
    asked.push(`${url.pathname}${url.search}`);
    return Promise.resolve().then(answer);
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function steered() {
  const orders: string[][] = [];
  const client = new SteeringClient({ pathway: () => "edge-a", throughputBps: () => 5_140_000.4, onOrder: (order) => orders.push(order) });
  return { client, orders };
}

it("P5: takes the element from what Shaka reads, and asks at once", async () => {
  answer = () => Response.json({ VERSION: 1, TTL: 10, "PATHWAY-PRIORITY": ["edge-b", "edge-a"] });
  const { client, orders } = steered();
  const manifest = mpd();
  client.takeFrom(manifest);
  await vi.advanceTimersByTimeAsync(0);
  expect(manifest.children.map((child: Node) => child.tagName)).toEqual(["BaseURL", "Period"]);
  expect(asked).toEqual(["/api/steering/tok?_DASH_pathway=%22edge-a%22&_DASH_throughput=5140000"]);
  expect(orders).toEqual([["edge-b", "edge-a"]]);
  client.stop();
});

it("asks again after the TTL, where it was told to, until it is stopped", async () => {
  answer = () => Response.json({ TTL: 10, "RELOAD-URI": "later", "PATHWAY-PRIORITY": ["edge-a"] });
  const { client, orders } = steered();
  client.takeFrom(mpd());
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked[1]).toMatch(/^\/api\/steering\/later\?/);
  expect(orders).toHaveLength(2);
  client.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(2);
});

it("keeps the order of before when nobody answers, and asks again", async () => {
  answer = () => Response.json({ TTL: 10, "PATHWAY-PRIORITY": ["edge-b"] });
  const { client, orders } = steered();
  client.takeFrom(mpd());
  await vi.advanceTimersByTimeAsync(0);
  answer = () => new Response("", { status: 503 });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(orders).toEqual([["edge-b"]]);
  answer = () => {
    throw new TypeError("no network");
  };
  await vi.advanceTimersByTimeAsync(20_000);
  expect(asked).toHaveLength(4);
  client.stop();
});

it("asks nobody when the manifest names nobody", async () => {
  const { client } = steered();
  client.takeFrom(node("MPD", [node("Period", [])]));
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toEqual([]);
});
