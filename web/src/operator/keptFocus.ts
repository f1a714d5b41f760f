/**
 * Where the focus goes when a button is done with and leaves the page, with its row or by itself: to
 * the next one that does the same, else to the last one before, else to the heading of the part.
 */

import { type RefObject, useLayoutEffect, useRef } from "react";

interface Held {
  readonly button: HTMLElement;
  readonly does: string;
  readonly place: number;
}

/** Buttons say in `data-does` which of them do the same. To be called with every change of `part`. */
export function useKeptFocus(part: RefObject<HTMLElement | null>): void {
  const held = useRef<Held | null>(null);
  useLayoutEffect(() => {
    const here = part.current;
    if (!here) return;
    const hold = (event: Event) => {
      const button = (event.target as Element).closest<HTMLElement>("[data-does]");
      const does = button?.dataset.does ?? "";
      held.current = button && { button, does, place: alike(here, does).indexOf(button) };
    };
    here.addEventListener("focusin", hold);
    return () => here.removeEventListener("focusin", hold);
  }, [part]);
  useLayoutEffect(() => {
    const lost = held.current;
    if (!lost || lost.button.isConnected || !part.current || document.activeElement !== document.body) return;
    held.current = null;
    const others = alike(part.current, lost.does);
    const next = others[Math.min(lost.place, others.length - 1)] ?? part.current.querySelector<HTMLElement>("h2");
    next?.focus({ preventScroll: true });
  });
}

function alike(part: HTMLElement, does: string): HTMLElement[] {
  return [...part.querySelectorAll<HTMLElement>("[data-does]")].filter((one) => one.dataset.does === does);
}
