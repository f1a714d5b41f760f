import { useSyncExternalStore } from "react";

/** As in `bar.css`: up to here the navigation is a bar at the bottom. */
const NARROW = window.matchMedia("(max-width: 719px)");

/** Returns true on a screen as narrow as a phone's. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => NARROW.matches);
}

function subscribe(changed: () => void): () => void {
  NARROW.addEventListener("change", changed);
  return () => NARROW.removeEventListener("change", changed);
}
