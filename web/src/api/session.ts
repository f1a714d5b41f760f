/**
 * Who is signed in, and the access token. The token lives in memory only: a reload gets a new one
 * with the refresh cookie, which scripts cannot read.
 */

import { useSyncExternalStore } from "react";

import type { Account, Device, Profile, SignedIn } from "./types";

export type Session =
  | { state: "unknown" }
  | { state: "out"; ended?: boolean }
  | { state: "in"; account: Account; device: Device; profile: Profile | null };

const DEVICE_KEY = "vita.device";

let session: Session = { state: "unknown" };
let token: string | null = null;
const listeners = new Set<() => void>();

export const currentSession = (): Session => session;
export const accessToken = (): string | null => token;

export function enter(signedIn: SignedIn): void {
  token = signedIn.tokens.access_token;
  try {
    localStorage.setItem(DEVICE_KEY, signedIn.device.id);
  } catch {
    // A browser that keeps nothing is only a new device each time.
  }
  change({
    state: "in",
    account: signedIn.account,
    device: signedIn.device,
    profile: signedIn.profile,
  });
}

/** `ended`: not by the viewer's own wish, so that the sign-in page can say so. */
export function leave(ended = false): void {
  token = null;
  change(ended ? { state: "out", ended } : { state: "out" });
}

export function profileChanged(profile: Profile): void {
  if (session.state === "in" && session.profile?.id === profile.id) change({ ...session, profile });
}

export function useSession(): Session {
  return useSyncExternalStore(subscribe, currentSession);
}

export function thisDevice(): { name: string; kind: "web"; id?: string } {
  let id: string | null = null;
  try {
    id = localStorage.getItem(DEVICE_KEY);
  } catch {
    // See enter().
  }
  return { name: deviceName(navigator.userAgent), kind: "web", ...(id ? { id } : {}) };
}

/** "Chrome on Linux": enough for a person to know the device in a list. */
export function deviceName(agent: string): string {
  const first = (table: [RegExp, string][], fallback: string) =>
    table.find(([pattern]) => pattern.test(agent))?.[1] ?? fallback;
  const browser = first(
    [
      [/Edg\//, "Edge"],
      [/OPR\//, "Opera"],
      [/Firefox\//, "Firefox"],
      [/Chrome\//, "Chrome"],
      [/Safari\//, "Safari"],
    ],
    "Browser",
  );
  const system = first(
    [
      [/iPhone|iPad/, "iOS"],
      [/Android/, "Android"],
      [/Windows/, "Windows"],
      [/Mac OS/, "macOS"],
      [/Linux|X11/, "Linux"],
    ],
    "this device",
  );
  return `${browser} on ${system}`;
}

function change(next: Session): void {
  session = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
