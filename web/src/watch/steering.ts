/**
 * DASH content steering, asked by us and not by Shaka. Shaka 5.2 compares an index's addresses before
 * and after it is fetched, to tell whether it lies in a file of its own; a steering answer in between
 * changes them, and every segment is then asked for at the wrong bytes. So the element is taken out
 * of what Shaka reads, and the answers go to `EdgeOrder`. docs/decisions/0014-steering.md has more.
 */

import type { shaka } from "./shaka";

type Node = shaka.extern.xml.Node;

export interface SteeringNeeds {
  /** The id of the edge that the last segment was asked of, if any. */
  pathway: () => string | undefined;
  throughputBps: () => number;
  /** Edges, best first, by id. */
  onOrder: (pathways: string[]) => void;
}

interface Answer {
  TTL?: number;
  "RELOAD-URI"?: string;
  "PATHWAY-PRIORITY"?: string[];
}

const TTL_S = 300; // what the standard has a client wait when it was not told
const PATIENCE_MS = 5000;

export class SteeringClient {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ttlS = TTL_S;
  private url: URL | null = null;
  private readonly stopped = new AbortController();

  constructor(private readonly needs: SteeringNeeds) {}

  /** Takes the steering element out of a manifest, as Shaka's preprocessor, and begins to ask. */
  takeFrom(mpd: Node): void {
    const found = mpd.children.find((child): child is Node => typeof child !== "string" && child.tagName === "ContentSteering");
    if (!found) return;
    mpd.children.splice(mpd.children.indexOf(found), 1);
    this.url = new URL(found.children.filter((child) => typeof child === "string").join("").trim(), window.location.href);
    void this.ask();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.stopped.abort();
  }

  private async ask(): Promise<void> {
    const { url } = this;
    if (!url || this.stopped.signal.aborted) return;
    clearTimeout(this.timer);
    try {
      const answer = await fetch(this.asked(url), { signal: AbortSignal.any([this.stopped.signal, AbortSignal.timeout(PATIENCE_MS)]) });
      if (!answer.ok) throw new Error(`steering answered ${answer.status}`);
      this.heed((await answer.json()) as Answer, url);
    } catch {
      // An answer that fails changes nothing: the order of before stands, and the next is asked for in its time.
    }
    if (!this.stopped.signal.aborted) this.timer = setTimeout(() => void this.ask(), this.ttlS * 1000);
  }

  private asked(url: URL): URL {
    const asked = new URL(url);
    const pathway = this.needs.pathway();
    if (pathway) asked.searchParams.set("_DASH_pathway", `"${pathway}"`);
    const throughput = Math.round(this.needs.throughputBps());
    if (throughput > 0) asked.searchParams.set("_DASH_throughput", String(throughput));
    return asked;
  }

  private heed(answer: Answer, url: URL): void {
    this.ttlS = answer.TTL || this.ttlS;
    if (answer["RELOAD-URI"]) this.url = new URL(answer["RELOAD-URI"], url);
    this.needs.onOrder(answer["PATHWAY-PRIORITY"] ?? []);
  }
}
