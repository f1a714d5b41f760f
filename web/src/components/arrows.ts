/**
 * Arrow keys move the focus over the page, as on a television's remote control.
 *
 * Whatever takes the focus can be reached. In a `data-row` only what carries `data-tile` counts, and
 * left and right stay inside the row; up and down go to the nearest element of another line. A field
 * keeps the arrows that move its cursor.
 */

import { useEffect } from "react";

import { nearest, startOf, boxOf, type Box, type Direction } from "./nearest";

const DIRECTIONS: Record<string, Direction> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

const FOCUSABLE =
  "[data-tile], :is(a[href], button, input, select, textarea, summary, [tabindex]):not([tabindex='-1'], .skip, [data-row] *)";
/** The player has keys of its own. */
export const OWN_KEYS = "[data-own-keys]";
const IN_A_CLOSED_MENU = "details:not([open]) > :not(summary)";
const TEXT = "input:not([type=checkbox], [type=radio], [type=range], [type=button], [type=submit], [type=color], [type=file])";

/** What the arrow keys can reach inside `place`, in the order of the document. */
export function reachable(place: ParentNode): HTMLElement[] {
  return [...place.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
    (one) => !one.matches(":disabled, [inert] *") && !one.closest(IN_A_CLOSED_MENU) && one.getClientRects().length > 0,
  );
}

/** Where the page's content begins for somebody who arrives by keyboard: among links to parts of a
 * page, with the part that is shown. */
export function firstOf(place: ParentNode): HTMLElement | undefined {
  const all = reachable(place);
  const harmless = all.filter((one) => !one.matches(".button-danger"));
  const first = place.querySelector<HTMLElement>("[data-first]") ?? all.find((one) => one.matches("[data-tile]")) ?? harmless[0];
  return first?.closest("nav")?.querySelector<HTMLElement>("[aria-current='page']") ?? first;
}

export function useArrowKeys(wanted: boolean): void {
  useEffect(() => {
    if (!wanted) return;
    let last: Box | null = null;
    // What had the focus may be gone by the next key.
    const keep = (event: Event) => {
      if (event.target instanceof HTMLElement && event.target.matches(FOCUSABLE)) last = boxOf(event.target);
    };
    const press = (event: KeyboardEvent) => {
      keep(event);
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || document.querySelector(OWN_KEYS)) return;
      const direction = DIRECTIONS[event.key];
      const handled = direction ? move(direction, event, last) : event.key === "Enter" && chooses(event.target);
      if (handled) event.preventDefault();
    };
    document.addEventListener("focusin", keep);
    document.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("focusin", keep);
      document.removeEventListener("keydown", press);
    };
  }, [wanted]);
}

function move(direction: Direction, event: KeyboardEvent, last: Box | null): boolean {
  const sideways = direction === "left" || direction === "right";
  const from = event.target instanceof HTMLElement && event.target.matches(`${FOCUSABLE}, main:focus-visible`) ? event.target : null;
  if (from && keeps(from, direction)) return false;
  const dialog = [...document.querySelectorAll("dialog:modal")].at(-1);
  const page = dialog ?? from?.closest("main") ?? document.querySelector("main") ?? document;
  if (!from && !last) return go(firstOf(page), event);
  const row = from?.closest("[data-row]");
  // The bar stays at the top while the page scrolls beneath it: all of the page comes before it.
  const menu = from?.closest("details[open]");
  const places = sideways ? [row ?? page] : [menu, page, dialog ?? document];
  const start = from ? startOf(from) : (last as Box);
  for (const place of places) {
    if (!place) continue;
    // What is scrolled beneath the bar, or still on its way down, lies below it all the same.
    const begin = place === document && !from?.closest("header") ? { ...start, top: Math.max(start.top, barEnds()) } : start;
    const others = reachable(place).filter((one) => one !== from && (sideways || !row || one.closest("[data-row]") !== row));
    const next = others[nearest(begin, others.map(boxOf), direction)];
    if (next) return !(isFar(next, direction) && scrolls(direction)) && go(next, event);
  }
  // Where nothing had the focus and nothing lies that way, one begins at the beginning.
  return !from && go(firstOf(page), event);
}

function barEnds(): number {
  return document.querySelector("header")?.getBoundingClientRect().bottom ?? 0;
}

function go(next: HTMLElement | undefined, event: KeyboardEvent): boolean {
  if (!next) return false;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest", inline: "nearest", behavior: event.repeat ? "auto" : "smooth" });
  return true;
}

/** The arrow belongs to the element: it moves a cursor or a slider, or chooses in a group. */
function keeps(from: HTMLElement, direction: Direction): boolean {
  const sideways = direction === "left" || direction === "right";
  if (from instanceof HTMLTextAreaElement) {
    const back = direction === "left" || direction === "up";
    return from.selectionStart !== (back ? 0 : from.value.length) || from.selectionEnd !== from.selectionStart;
  }
  if (from.matches("input:is([type=radio], [type=range])")) return sideways;
  return sideways && from.matches(TEXT);
}

/**
 * Enter does what a remote control has no other key for. A list to choose from opens: the arrows that
 * would change it unopened lead past it. A box is ticked, where Enter would send its form.
 */
function chooses(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && target.matches("[type=checkbox], [type=radio]")) {
    target.click();
    return true;
  }
  if (!(target instanceof HTMLSelectElement) || typeof target.showPicker !== "function") return false;
  target.showPicker();
  return true;
}

/** More than a screen away: what lies between is to be read, and the arrow scrolls. */
function isFar(next: HTMLElement, direction: Direction): boolean {
  const { top, bottom } = next.getBoundingClientRect();
  if (next.closest("header, [role=banner]")) return false;
  return direction === "down" ? top > window.innerHeight * 1.9 : direction === "up" && bottom < -window.innerHeight * 0.9;
}

function scrolls(direction: Direction): boolean {
  const { scrollTop, scrollHeight, clientHeight } = document.documentElement;
  return direction === "down" ? scrollTop + clientHeight < scrollHeight - 1 : scrollTop > 0;
}
