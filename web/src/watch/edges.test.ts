import { describe, expect, it } from "vitest";
import { EdgeOrder } from "./edges";

const EDGES = ["a", "b", "c"].map((name) => ({ edge_id: `edge-${name}`, base_url: `http://${name}.localhost:1/s/t/x/v/` }));
const [a, b, c] = ["a", "b", "c"].map((name) => `http://${name}.localhost:1/s/t/x/v/f.mp4`) as [string, string, string];

describe("which edge a segment is asked of", () => {
  it("keeps the order of the answer until steering speaks", () => {
    expect(new EdgeOrder(EDGES).sorted([c, a, b])).toEqual([a, b, c]);
  });

  it("follows steering, and puts last whom it leaves out", () => {
    const order = new EdgeOrder(EDGES);
    order.steered(["edge-c", "edge-a"]);
    expect(order.sorted([a, b, c])).toEqual([c, a, b]);
  });

  it("leaves an edge that failed for a minute", () => {
    let now = 0;
    const order = new EdgeOrder(EDGES, () => now);
    order.failed(a);
    expect(order.sorted([a, b, c])).toEqual([b, c, a]);
    now = 60_000;
    expect(order.sorted([a, b, c])).toEqual([a, b, c]);
  });

  it("P13: tells edges of one host apart by their ports", () => {
    const there = [1, 2].map((port) => ({ edge_id: `edge-${port}`, base_url: `http://192.168.1.5:${port}/s/t/x/v/` }));
    const [one, two] = there.map((edge) => `${edge.base_url}f.mp4`) as [string, string];
    const order = new EdgeOrder(there);
    order.failed(one);
    expect(order.sorted([one, two])).toEqual([two, one]);
    order.steered(["edge-2", "edge-1"]);
    expect(order.sorted([one, two])).toEqual([two, one]);
  });

  it("has the best where Shaka's next attempt looks", () => {
    const order = new EdgeOrder(EDGES);
    order.failed(a);
    for (const attempt of [0, 1, 2, 3, 4]) {
      const uris = order.sorted([a, b, c], attempt);
      expect(uris[attempt % 3]).toBe(b);
      expect([...uris].toSorted()).toEqual([a, b, c]);
    }
  });
});
