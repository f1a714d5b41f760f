/**
 * One way to the API. A 401 is answered by one refresh, shared by all who wait for it, and one
 * more try; a second 401 means that the session is over.
 */

import { Problem, problemOf } from "./problem";
import { accessToken, currentSession, enter, leave } from "./session";
import type { SignedIn } from "./types";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Options {
  /** A file goes as it is, anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Let the request outlive the page. */
  keepalive?: boolean;
  /** Asked without a token, and a 401 means what it says: wrong password. */
  anonymous?: boolean;
}

export async function call<T>(method: Method, path: string, options: Options = {}): Promise<T> {
  const used = accessToken();
  let answer = await send(method, path, options);
  if (answer.status === 401 && !options.anonymous) {
    // Another call may have renewed the token while this one was under way.
    if (accessToken() !== used || (await refresh())) answer = await send(method, path, options);
    if (answer.status === 401 && currentSession().state === "in") leave(true);
  }
  if (!answer.ok) throw await problemOf(answer);
  if (answer.status === 204) return undefined as T;
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  call<T>("GET", path, signal ? { signal } : {});

let refreshing: Promise<boolean> | null = null;

/** True when there is a fresh token. Never two at once: the cookie works only once. */
export function refresh(): Promise<boolean> {
  refreshing ??= oncePerBrowser(renew).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function renew(): Promise<boolean> {
  const answer = await send("POST", "/api/refresh", { body: {}, anonymous: true });
  if (answer.ok) {
    enter((await answer.json()) as SignedIn);
    return true;
  }
  if (answer.status >= 500 || answer.status === 429) throw await problemOf(answer);
  leave(currentSession().state === "in");
  return false;
}

/** Tabs share the cookie, so they take turns: two at once would look like a stolen token. */
function oncePerBrowser<T>(work: () => Promise<T>): Promise<T> {
  if (typeof navigator === "undefined" || !navigator.locks) return work();
  return navigator.locks.request("vita.refresh", work) as Promise<T>;
}

async function send(method: Method, path: string, options: Options): Promise<Response> {
  const headers = new Headers({ Accept: "application/json", ...options.headers });
  const token = accessToken();
  if (token && !options.anonymous) headers.set("Authorization", `Bearer ${token}`);
  const raw = options.body instanceof Blob;
  if (options.body !== undefined && !raw) headers.set("Content-Type", "application/json");
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: "same-origin",
      ...(options.body === undefined ? {} : { body: raw ? (options.body as Blob) : JSON.stringify(options.body) }),
      ...(options.signal ? { signal: options.signal } : {}),
      ...(options.keepalive ? { keepalive: true } : {}),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "offline", "");
  }
}
