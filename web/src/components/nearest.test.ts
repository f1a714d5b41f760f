import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Box, nearest } from "./nearest";

const tile = (left: number, top: number): Box => ({ left, top, width: 100, height: 150 });

describe("the nearest tile", () => {
  const wall = [tile(0, 0), tile(120, 0), tile(240, 0), tile(0, 200), tile(120, 200), tile(0, 400)];
  const from = (at: number, direction: Parameters<typeof nearest>[2]) => nearest(wall[at] ?? tile(0, 0), wall, direction);

  it("is the neighbour in its line", () => {
    expect(from(0, "right")).toBe(1);
    expect(from(2, "left")).toBe(1);
  });

  it("is straight below, and the nearest when nothing is straight below", () => {
    expect(from(1, "down")).toBe(4);
    expect(from(2, "down")).toBe(4);
  });

  it("does not skip a line for a better column", () => {
    expect(nearest(tile(600, 0), [tile(0, 200), tile(600, 400)], "down")).toBe(0);
  });

  it("is nothing at the edge", () => {
    expect(from(0, "left")).toBe(-1);
    expect(from(0, "up")).toBe(-1);
  });

  it("always lies in the direction asked for", () => {
    const place = fc.record({ left: fc.integer({ min: 0, max: 2000 }), top: fc.integer({ min: 0, max: 2000 }) });
    fc.assert(
      fc.property(place, fc.array(place, { maxLength: 20 }), (start, others) => {
        const boxes = others.map(({ left, top }) => tile(left, top));
        const found = boxes[nearest(tile(start.left, start.top), boxes, "down")];
        expect(found === undefined || found.top > start.top).toBe(true);
      }),
    );
  });
});
