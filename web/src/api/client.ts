/**
 * One way to the API, typed by its OpenAPI document: `answered(api.GET("/api/genres"))`. A 401 is
 * answered by one refresh, shared by all who wait for it, and one more try; a second 401 means that
 * the session is over.
 */

import createClient from "openapi-fetch";

import { catalogueHeaders } from "./catalogue";
import { Problem, problemOf } from "./problem";
import type { paths } from "./schema";
import { accessToken, currentSession, enter, leave, tabsProfile } from "./session";
import type { Whole } from "./types";

export const api = createClient<paths>({
  baseUrl: location.origin,
  credentials: "same-origin",
  headers: { Accept: "application/json" },
  fetch: authorised,
});

/** What the service answered. Throws a `Problem` when it refused, or when nothing answered. */
export async function answered<T>(asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<Whole<T>> {
  const { data, error, response } = await asked;
  if (!response.ok) throw problemOf(response.status, error);
  return data as Whole<T>;
}

/** Options for what is asked without a token, where a 401 means what it says: wrong password. */
export const anonymous = { fetch: carried };

/** Options for a file, which goes as it is. */
export const asFile = (file: File) => ({
  body: file as never, // the document has no body for it
  bodySerializer: (body: unknown) => body as File,
  headers: { "Content-Type": file.type || "application/octet-stream" },
});

async function authorised(request: Request): Promise<Response> {
  const used = accessToken();
  // What outlives its page is sent once: there is nobody left to refresh a token for it.
  const again = request.keepalive ? null : request.clone();
  let answer = await carried(withToken(request));
  if (answer.status !== 401 || !again) return answer;
  // Another call may have renewed the token while this one was under way.
  if (accessToken() !== used || (await refresh())) answer = await carried(withToken(again));
  if (answer.status === 401 && currentSession().state === "in") leave(true);
  return answer;
}

function withToken(request: Request): Request {
  const token = accessToken();
  if (token) request.headers.set("Authorization", `Bearer ${token}`);
  const own = catalogueHeaders(new URL(request.url).pathname);
  for (const [name, value] of Object.entries(own)) request.headers.set(name, value);
  return request;
}

async function carried(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "offline", "");
  }
}

let refreshing: Promise<boolean> | null = null;

/** True when there is a fresh token. Never two at once: the cookie works only once. */
export function refresh(): Promise<boolean> {
  refreshing ??= oncePerBrowser(renew).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

async function renew(): Promise<boolean> {
  try {
    enter(await answered(api.POST("/api/refresh", { body: tabsProfile(), ...anonymous })));
    return true;
  } catch (error) {
    if (!(error instanceof Problem) || error.passing) throw error;
    leave(currentSession().state === "in");
    return false;
  }
}

/** Tabs share the cookie, so they take turns: two at once would look like a stolen token. */
function oncePerBrowser<T>(work: () => Promise<T>): Promise<T> {
  if (typeof navigator === "undefined" || !navigator.locks) return work();
  return navigator.locks.request("vita.refresh", work) as Promise<T>;
}
