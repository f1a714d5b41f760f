import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { enter, leave } from "../api/session";
import type { SignedIn } from "../api/types";
import { Heart } from "./beat";

interface Sent {
  session_id: string;
  sequence: number;
  position_ms: number;
  state: string;
  failed_edges: string[];
}

let sent: Sent[] = [];
let answer: () => Response;
let place = { positionMs: 0, playing: true };
let failed: string[] = [];
const onPasses = vi.fn();
const onEnded = vi.fn();

const heart = () => new Heart({ sessionId: "ses_1", everyS: 30, place: () => place, failedEdges: () => failed.splice(0), onPasses, onEnded });
const fine = () => new Response(JSON.stringify({ expires_at_ms: 1, path_token: "p2", licence_token: "l2", heartbeat_s: 20 }));
const refusal = (status: number, code: string) => new Response(JSON.stringify({ code }), { status });

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  answer = fine;
  place = { positionMs: 1234.6, playing: true };
  onPasses.mockClear();
  onEnded.mockClear();
  enter({ account: {}, device: { id: "d" }, profile: null, tokens: { access_token: "t" } } as unknown as SignedIn);
  vi.stubGlobal("fetch", async (request: Request) => {
    sent.push((await request.json()) as Sent);
    return answer();
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  leave();
});

describe("the heartbeat", () => {
  it("beats at the pace it is told, counting up, and takes the fresh passes", async () => {
    heart();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(sent).toEqual([{ session_id: "ses_1", sequence: 1, position_ms: 1235, state: "playing", failed_edges: [] }]);
    expect(onPasses).toHaveBeenCalledWith(expect.objectContaining({ path_token: "p2" }));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it("tells many seeks in a moment once", async () => {
    const pulse = heart();
    for (let times = 0; times < 20; times++) pulse.soon();
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toHaveLength(1);
  });

  it("goes on after a stumble of the service, soon", async () => {
    answer = () => refusal(503, "unavailable");
    heart();
    await vi.advanceTimersByTimeAsync(30_000);
    answer = fine;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sent).toHaveLength(2);
    expect(onEnded).not.toHaveBeenCalled();
  });

  it("ends with the session, and is silent from then on", async () => {
    answer = () => refusal(410, "session-ended");
    const pulse = heart();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(onEnded).toHaveBeenCalledOnce();
    pulse.soon();
    pulse.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sent).toHaveLength(1);
  });

  it("tells of an edge that failed, once", async () => {
    heart();
    failed = ["edge-a"];
    await vi.advanceTimersByTimeAsync(50_000);
    expect(sent.map(({ failed_edges }) => failed_edges)).toEqual([["edge-a"], []]);
  });

  it("says that it stopped exactly once", async () => {
    const pulse = heart();
    pulse.stop();
    pulse.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent.map(({ state }) => state)).toEqual(["stopped"]);
  });

  it("says farewell and lives on when the page is only hidden", async () => {
    const pulse = heart();
    place = { positionMs: 5000, playing: false };
    pulse.farewell();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(sent.map(({ state, sequence }) => [state, sequence])).toEqual([["paused", 1], ["paused", 2]]);
  });
});
