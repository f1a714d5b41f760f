/**
 * The heartbeat: says where one is, keeps the session, brings fresh tokens. One write path for
 * progress and for staying alive. Sequence numbers count up, so that late ones change nothing.
 */

import { answered, api } from "../api/client";
import { asProblem, type Problem } from "../api/problem";
import type { Beat, BeatAnswer } from "../api/types";

export type BeatState = "playing" | "paused" | "stopped";

export interface HeartbeatNeeds {
  sessionId: string;
  everyS: number;
  /** Where the picture is now. */
  place: () => { positionMs: number; playing: boolean };
  /** Edges that failed since it was last asked. */
  failedEdges: () => string[];
  onTokens: (answer: BeatAnswer) => void;
  /** The session is over: stopped elsewhere, or silent for too long. */
  onEnded: (problem: Problem) => void;
}

const SOON_MS = 400; // a seek bar that is dragged makes many seeks and one beat
/** Seconds until the next try, by how many have failed: a session lives for two minutes without one. */
const RETRY_S = [5, 10, 20, 30];

export class Heartbeat {
  private sequence = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private soonTimer: ReturnType<typeof setTimeout> | undefined;
  private everyS: number;
  private over = false;
  private failures = 0;

  constructor(private readonly needs: HeartbeatNeeds) {
    this.everyS = needs.everyS;
    this.plan(this.everyS);
  }

  /** A pause or a seek: worth telling, not more than once in a moment. */
  soon(): void {
    clearTimeout(this.soonTimer);
    this.soonTimer = setTimeout(() => void this.beat(), SOON_MS);
  }

  async beat(): Promise<void> {
    if (this.over) return;
    const { positionMs, playing } = this.needs.place();
    try {
      const answer = await this.send(playing ? "playing" : "paused", positionMs);
      if (this.over) return;
      this.failures = 0;
      this.everyS = answer.heartbeat_s || this.everyS;
      this.needs.onTokens(answer);
      this.plan(this.everyS);
    } catch (error) {
      const problem = asProblem(error);
      if (this.over) return;
      if (problem.passing) this.plan(RETRY_S[Math.min(this.failures++, RETRY_S.length - 1)] ?? 30);
      else this.end(problem);
    }
  }

  /** The page goes away, or the film was left. Sent so that it outlives the page; done when the
   * service knows, or cannot be told. */
  async stop(): Promise<void> {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    clearTimeout(this.soonTimer);
    await this.send("stopped", this.needs.place().positionMs, true).catch(() => undefined);
  }

  /** The page is hidden and may never come back: say where we are, and stay alive. */
  farewell(): void {
    if (this.over) return;
    const { positionMs, playing } = this.needs.place();
    this.send(playing ? "playing" : "paused", positionMs, true).catch(() => undefined);
  }

  /** The session goes on under another heartbeat (the next episode). */
  hush(): void {
    this.over = true;
    clearTimeout(this.timer);
    clearTimeout(this.soonTimer);
  }

  private end(problem: Problem): void {
    this.hush();
    this.needs.onEnded(problem);
  }

  private plan(seconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.beat(), seconds * 1000);
  }

  private send(state: BeatState, positionMs: number, keepalive = false): Promise<BeatAnswer> {
    this.sequence += 1;
    const body: Beat = {
      session_id: this.needs.sessionId,
      sequence: this.sequence,
      position_ms: Math.max(0, Math.round(positionMs)),
      state,
      failed_edges: this.needs.failedEdges(),
    };
    return answered(api.POST("/api/progress", { body, keepalive }));
  }
}
