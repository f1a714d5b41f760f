/**
 * Where the focus is when a page begins: on its first element, or, when one comes back, on the
 * element that one had left it by. A page that is still being fetched is waited for, until the
 * viewer does something else.
 */

import { useEffect } from "react";
import { useLocation, useNavigationType } from "react-router";

import { firstOf, reachable } from "./arrows";

/** By the key of the history's entry: what had the focus there last. */
const left = new Map<string, Place>();

/** What stands where the page's content will be. */
const WAITING = ".splash, .grid > .bone, .billboard-waiting";

interface Place {
  /** The row or part of the page that it stood in. */
  part: string;
  name: string;
}

export function useArrival(wanted: boolean): void {
  const { pathname, key } = useLocation();
  const back = useNavigationType() === "POP";
  useEffect(() => {
    const keep = (event: Event) => {
      const target = event.target instanceof Element ? event.target.closest<HTMLElement>("a, button, input, [data-tile]") : null;
      if (target?.closest("main")) left.set(key, placeOf(target));
    };
    document.addEventListener("focusin", keep);
    document.addEventListener("click", keep, true);
    return () => {
      document.removeEventListener("focusin", keep);
      document.removeEventListener("click", keep, true);
    };
  }, [key]);
  useEffect(() => {
    if (!wanted) return;
    return arrive(back ? left.get(key) : undefined);
    // A page that changes only its parameters is the same page.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [pathname, wanted]);
}

/** Moves the focus as soon as there is something to move it to. Returns the way to stop. */
function arrive(place: Place | undefined): () => void {
  // A screen reader hears a new page begin; a mouse notices nothing.
  document.querySelector<HTMLElement>("main[tabindex]")?.focus({ preventScroll: true });
  const observer = new MutationObserver(() => look());
  const stop = () => {
    observer.disconnect();
    for (const event of ["keydown", "pointerdown"]) document.removeEventListener(event, stop, true);
  };
  let given: Element | null = null;
  const look = () => {
    const main = document.querySelector("main");
    const active = document.activeElement;
    if (!main || main.querySelector(WAITING)) return;
    if (!place && active && active !== given && active.matches("main *")) return stop();
    const all = place ? reachable(main) : [];
    const same = all.find((one) => isAt(one, place, true));
    const next = same ?? all.find((one) => isAt(one, place, false)) ?? firstOf(main);
    if (!next) return;
    if (next !== active) {
      given = next;
      next.focus({ preventScroll: !place });
    }
    if (!place || same) stop();
  };
  for (const event of ["keydown", "pointerdown"]) document.addEventListener(event, stop, true);
  observer.observe(document.body, { childList: true, subtree: true });
  look();
  return stop;
}

function placeOf(element: Element): Place {
  const part = element.closest("section, nav, [role=group]");
  const named = element.getAttribute("href") ?? element.getAttribute("aria-label") ?? element.getAttribute("name");
  return { part: part ? (part.getAttribute("aria-label") ?? part.className) : "", name: named ?? element.textContent };
}

/** `whole`: the very element, not only its part of the page. */
function isAt(element: Element, place: Place | undefined, whole: boolean): boolean {
  const own = placeOf(element);
  return own.part === place?.part && (whole ? own.name === place.name : own.part !== "");
}
