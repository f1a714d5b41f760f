/** An answer that is not the one hoped for: RFC 9457's body, or what we know without one. */

import type { StreamingDevice } from "./types";

export class Problem extends Error {
  constructor(
    readonly status: number,
    /** Stable, for programs: "too-many-streams". "offline" when nothing answered. */
    readonly code: string,
    /** A sentence for people, from the service. */
    readonly detail: string,
    readonly extra: Record<string, unknown> = {},
  ) {
    super(detail || code);
    this.name = "Problem";
  }

  get offline(): boolean {
    return this.code === "offline";
  }

  /** Asking again later may help; asking again now may not. */
  get passing(): boolean {
    return this.offline || this.status === 429 || this.status >= 500;
  }

  get devices(): StreamingDevice[] {
    return Array.isArray(this.extra.devices) ? (this.extra.devices as StreamingDevice[]) : [];
  }

  get requestId(): string | undefined {
    return typeof this.extra.request_id === "string" ? this.extra.request_id : undefined;
  }
}

/** `body` as it was read: an object where it was JSON. */
export function problemOf(status: number, body: unknown): Problem {
  const members = body && typeof body === "object" ? (body as Record<string, unknown>) : {};
  const { code, detail, ...extra } = members;
  return new Problem(
    status,
    typeof code === "string" ? code : `http-${status}`,
    typeof detail === "string" ? detail : "",
    extra,
  );
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, "unexpected", error instanceof Error ? error.message : String(error));
}
