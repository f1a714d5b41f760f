/**
 * Which edge a segment is asked of. With an index inside the file (SegmentBase) Shaka 5.2 fixes a
 * segment's addresses when it reads the index: neither content steering nor its own ban of a failed
 * edge reaches them. So their order is made here, for every request, from the last steering answer;
 * a host that failed comes last for a minute. Edges of one host name are told apart by their ports. docs/decisions/0014-steering.md has the figures.
 */

import type { EdgeAddress } from "../api/types";

const BAN_MS = 60_000;
const UNKNOWN = 50;
const BANNED = 100;

export class EdgeOrder {
  private readonly hostOf: ReadonlyMap<string, string>;
  private readonly badUntil = new Map<string, number>();
  private order: string[];

  constructor(edges: readonly EdgeAddress[], private readonly now: () => number = Date.now) {
    this.hostOf = new Map(edges.map((edge) => [edge.edge_id, new URL(edge.base_url).host]));
    this.order = [...this.hostOf.values()];
  }

  /**
   * The same addresses, best first, counted from the one that Shaka will take for this attempt
   * (`attempt % length`): a second attempt must not go where the first one failed.
   */
  sorted(uris: readonly string[], attempt = 0): string[] {
    const best = [...uris].toSorted((one, other) => this.place(one) - this.place(other));
    const turn = best.length ? best.length - (attempt % best.length) : 0;
    return [...best.slice(turn), ...best.slice(0, turn)];
  }

  /** A request to this address failed or was silent. */
  failed(uri: string): void {
    this.badUntil.set(new URL(uri, window.location.href).host, this.now() + BAN_MS);
  }

  /** What content steering answered: edges by id, best first. */
  steered(pathways: readonly string[]): void {
    this.order = pathways.flatMap((pathway) => this.hostOf.get(pathway) ?? []);
  }

  private place(uri: string): number {
    const { host } = new URL(uri, window.location.href);
    const rank = this.order.indexOf(host);
    const banned = (this.badUntil.get(host) ?? 0) > this.now();
    return (rank < 0 ? UNKNOWN : rank) + (banned ? BANNED : 0);
  }
}
