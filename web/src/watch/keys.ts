/** The keyboard of the player. Fields and focused buttons keep the keys that are theirs. */

import { useEffect } from "react";

import type { Actions } from "./actions";

type Press = (actions: Actions) => void;

const KEYS: Record<string, Press> = {
  " ": (act) => act.togglePlay(),
  k: (act) => act.togglePlay(),
  j: (act) => act.seekBy(-10),
  l: (act) => act.seekBy(10),
  ArrowLeft: (act) => act.seekBy(-10),
  ArrowRight: (act) => act.seekBy(10),
  ArrowUp: (act) => act.louder(0.1),
  ArrowDown: (act) => act.louder(-0.1),
  m: (act) => act.toggleMute(),
  c: (act) => act.toggleCaptions(),
  f: (act) => act.toggleFullscreen(),
  n: (act) => act.next?.(),
  Home: (act) => act.seekTo(0),
};

/** What a key press does, or null when it belongs to the focused element or to the browser. */
export function meaningOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "target">): Press | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("select, textarea, input:not([type=range]), [role=radiogroup]")) return null;
  if (target?.closest("button, a") && key === " ") return null;
  if (target?.closest("input[type=range]") && /^(Arrow|Home|End)/.test(key)) return null;
  if (/^\d$/.test(key)) return (act) => act.seekToShare(Number(key) / 10);
  return KEYS[key] ?? null;
}

export function useKeys(actions: Actions, keysShown: boolean, showKeys: (shown: boolean) => void, noteActivity: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      noteActivity();
      if (event.key === "?") return showKeys(!keysShown);
      // Leaving full screen is the browser's, and an open sheet closes itself.
      if (event.key === "Escape") return keysShown || document.fullscreenElement ? undefined : actions.leave();
      const act = meaningOf(event);
      if (!act || keysShown) return;
      event.preventDefault();
      act(actions);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [actions, keysShown, showKeys, noteActivity]);
}
