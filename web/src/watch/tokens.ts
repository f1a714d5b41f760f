/**
 * The freshest tokens of a session: the path token in every edge address, and the licence token.
 * Heartbeats renew both; requests made from an older manifest get the new ones on their way out.
 */

import type { EdgeAddress } from "../api/types";

export interface Tokens {
  pathToken: string | null;
  licenceToken: string;
}

export const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : "");

/** Which of the edges an address belongs to, told by its host. */
export function edgeOf(edges: readonly EdgeAddress[], url: string): string | undefined {
  const host = hostOf(url);
  return host ? edges.find((edge) => hostOf(edge.base_url) === host)?.edge_id : undefined;
}

const SIGNED_PATH = /(\/s\/)[^/]+(\/)/;

/** `https://edge-a/s/OLD/asset/v1/v720.mp4` with the token of now. Other addresses stay as they are. */
export function withPathToken(url: string, token: string | null): string {
  return token ? url.replace(SIGNED_PATH, (_all, before: string, after: string) => before + token + after) : url;
}

/** An edge's base URL and a file below it, with exactly one slash between them. */
export function below(base: string, path: string): string {
  if (/^https?:\/\//.test(path)) return path;
  return `${base.replace(/\/+$/, "")}/${path.replace(/^\/+/, "")}`;
}
