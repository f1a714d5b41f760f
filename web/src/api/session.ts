/**
 * Who is signed in, and the access token. The token lives in memory only: a reload gets a new one
 * with the refresh cookie, which scripts cannot read.
 */

import { useSyncExternalStore } from "react";

import { chooseCatalogue } from "./catalogue";
import type { Account, Device, Profile, SignedIn } from "./types";

export type Session =
  | { state: "unknown" }
  | { state: "out"; ended: boolean }
  | { state: "in"; account: Account; device: Device; profile: Profile | null };

const DEVICE_KEY = "vita.device";
const BROWSER_KEY = "vita.browser";
/** Of this tab: another may act for another profile, and both share the refresh cookie. */
const PROFILE_KEY = "vita.profile";

/** Tabs tell each other who signed out or in: what one knows must not outlive the other's session. */
const tabs = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("vita.session");
type Told = { left: true; ended: boolean } | { entered: string };

export function followOtherTabs(onLeft: () => void): void {
  if (!tabs) return;
  tabs.addEventListener("message", ({ data }: MessageEvent<Told>) => {
    if ("left" in data && session.state === "in") {
      end({ state: "out", ended: data.ended });
      onLeft();
    } else if ("entered" in data && session.state !== "unknown") {
      const here = session.state === "in" ? session.account.id : "";
      if (here !== data.entered) window.location.reload();
    }
  });
}

function tell(told: Told): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has no target: it is of this origin
  tabs?.postMessage(told);
}

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
  keepProfile(signedIn.tokens.profile_token);
  const before = session.state === "in" ? session.account.id : "";
  if (before !== signedIn.account.id) tell({ entered: signedIn.account.id });
  change({
    state: "in",
    account: signedIn.account,
    device: signedIn.device,
    profile: signedIn.profile,
  });
}

/** `ended`: not by the viewer's own wish, so that the sign-in page can say so. */
export function leave(ended = false): void {
  if (session.state === "out") return; // several requests hear of the same end
  if (session.state === "in") tell({ left: true, ended });
  end({ state: "out", ended });
}

function end(next: Session): void {
  token = null;
  keepProfile("");
  chooseCatalogue(null);
  change(next);
}

/** What a refresh says of the profile that this tab acts for. */
export function tabsProfile(): { profile_token?: string } {
  try {
    const kept = sessionStorage.getItem(PROFILE_KEY);
    return kept ? { profile_token: kept } : {};
  } catch {
    return {};
  }
}

function keepProfile(profileToken: string): void {
  try {
    if (profileToken) sessionStorage.setItem(PROFILE_KEY, profileToken);
    else sessionStorage.removeItem(PROFILE_KEY);
  } catch {
    // Without it a reload brings back the profile that was chosen last in this browser.
  }
}

export function accountChanged(account: Account): void {
  if (session.state === "in") change({ ...session, account });
}

export function profileChanged(profile: Profile): void {
  if (session.state === "in" && session.profile?.id === profile.id) change({ ...session, profile });
}

export function useSession(): Session {
  return useSyncExternalStore(subscribe, currentSession);
}

/** `browser` stays when another account signs in here: each has one device in this browser. */
export function thisDevice(): { name: string; kind: "web"; id?: string; browser?: string } {
  let id: string | null = null;
  let browser: string | null = null;
  try {
    id = localStorage.getItem(DEVICE_KEY);
    browser = localStorage.getItem(BROWSER_KEY) ?? drawn();
    localStorage.setItem(BROWSER_KEY, browser);
  } catch {
    // See enter().
  }
  return { name: deviceName(navigator.userAgent), kind: "web", ...(id ? { id } : {}), ...(browser ? { browser } : {}) };
}

function drawn(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
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
