import { describe, expect, test, vi } from "vitest";

vi.mock("./shaka", () => ({ shaka: {} }));

const { withSampleSizes } = await import("./cueSamples");

const u32 = (...numbers: number[]) => numbers.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
const box = (kind: string, ...content: number[]) => [...u32(content.length + 8), ...Array.from(kind, (letter) => letter.charCodeAt(0)), ...content];
const segment = (tfhd: number[], trun: number[]) =>
  new Uint8Array([...box("styp"), ...box("moof", ...box("mfhd", ...u32(0, 1)), ...box("traf", ...box("tfhd", ...tfhd), ...box("trun", ...trun))), ...box("mdat", 1, 2, 3)]);

describe("sizes of samples", () => {
  test("the one size of a fragment is written with each of its samples", () => {
    const plain = segment(u32(0x20018, 1, 1000, 77), u32(0x000901, 2, 99, 500, 0, 600, 1));
    expect([...withSampleSizes(plain)]).toEqual([...segment(u32(0x20018, 1, 1000, 77), u32(0x000b01, 2, 99, 500, 77, 0, 600, 77, 1))]);
  });

  test("samples without any field of their own get one", () => {
    const plain = segment(u32(0x20018, 1, 1000, 77), u32(0x000001, 1, 99));
    expect([...withSampleSizes(plain)]).toEqual([...segment(u32(0x20018, 1, 1000, 77), u32(0x000201, 1, 99, 77))]);
  });

  test.each([
    [u32(0x20008, 1, 1000), u32(0x000001, 1, 99)], // the size is nowhere
    [u32(0x20018, 1, 1000, 77), u32(0x000201, 1, 99, 5)], // it is there already
    [u32(0x20018, 1, 1000, 77), u32(0x000101, 9, 99, 5)], // more samples than are described
  ])("what can't be told, or needs nothing, stays as it is", (tfhd, trun) => {
    const plain = segment(tfhd, trun);
    expect([...withSampleSizes(plain)]).toEqual([...plain]);
  });
});
