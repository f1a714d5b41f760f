import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { enter, leave } from "../api/session";
import type { SignedIn } from "../api/types";
import { Heartbeat } from "./heartbeat";

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
const onTokens = vi.fn();
const onEnded = vi.fn();

const heartbeat = () => new Heartbeat({ sessionId: "ses_1", everyS: 30, place: () => place, failedEdges: () => failed.splice(0), onTokens, onEnded });
const fine = () => new Response(JSON.stringify({ expires_at_ms: 1, path_token: "p2", licence_token: "l2", heartbeat_s: 20 }));
const refusal = (status: number, code: string) => new Response(JSON.stringify({ code }), { status });

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  answer = fine;
  place = { positionMs: 1234.6, playing: true };
  onTokens.mockClear();
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
  it("beats at the pace it is told, counting up, and takes the fresh tokens", async () => {
    heartbeat();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(sent).toEqual([{ session_id: "ses_1", sequence: 1, position_ms: 1235, state: "playing", failed_edges: [] }]);
    expect(onTokens).toHaveBeenCalledWith(expect.objectContaining({ path_token: "p2" }));
    await vi.advanceTimersByTimeAsync(20_000);
    expect(sent.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it("tells many seeks in a moment once", async () => {
    const beats = heartbeat();
    for (let times = 0; times < 20; times++) beats.soon();
    await vi.advanceTimersByTimeAsync(1000);
    expect(sent).toHaveLength(1);
  });

  it("goes on after a stumble of the service, soon", async () => {
    answer = () => refusal(503, "unavailable");
    heartbeat();
    await vi.advanceTimersByTimeAsync(30_000);
    answer = fine;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sent).toHaveLength(2);
    expect(onEnded).not.toHaveBeenCalled();
  });

  it("ends with the session, and is silent from then on", async () => {
    answer = () => refusal(410, "session-ended");
    const beats = heartbeat();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(onEnded).toHaveBeenCalledOnce();
    beats.soon();
    beats.stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(sent).toHaveLength(1);
  });

  it("tells of an edge that failed, once", async () => {
    heartbeat();
    failed = ["edge-a"];
    await vi.advanceTimersByTimeAsync(50_000);
    expect(sent.map(({ failed_edges }) => failed_edges)).toEqual([["edge-a"], []]);
  });

  it("says that it stopped exactly once", async () => {
    const beats = heartbeat();
    beats.stop();
    beats.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent.map(({ state }) => state)).toEqual(["stopped"]);
  });

  it("says farewell and lives on when the page is only hidden", async () => {
    const beats = heartbeat();
    place = { positionMs: 5000, playing: false };
    beats.farewell();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(sent.map(({ state, sequence }) => [state, sequence])).toEqual([["paused", 1], ["paused", 2]]);
  });
});
