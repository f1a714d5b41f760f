/**
 * Arrow keys move the focus from tile to tile, as on a television's remote control.
 *
 * Whatever can be reached carries `data-tile`; tiles of one row stand in a `data-row`. Left and right
 * stay in the row; up and down go to the nearest tile of another line. In a text field left and
 * right are the cursor's; down goes to what lies below its beginning.
 */

import { useEffect } from "react";

export type Direction = "left" | "right" | "up" | "down";

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

const DIRECTIONS: Record<string, Direction> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

const IN_A_CLOSED_MENU = "details:not([open]) > :not(summary)";

/**
 * The index of the box that lies nearest in `direction`, or -1. Going up or down, the nearest line
 * comes first and within it the box whose middle is nearest.
 */
export function nearest(from: Box, boxes: Box[], direction: Direction): number {
  const upright = direction === "up" || direction === "down";
  const middle = (box: Box, vertical: boolean) =>
    vertical ? box.top + box.height / 2 : box.left + box.width / 2;
  const sign = direction === "up" || direction === "left" ? -1 : 1;
  let best = -1;
  let bestCost = Infinity;
  boxes.forEach((box, at) => {
    const along = sign * (middle(box, upright) - middle(from, upright));
    const across = Math.abs(middle(box, !upright) - middle(from, !upright));
    const size = upright ? Math.min(from.height, box.height) : Math.min(from.width, box.width);
    if (along < size / 2) return;
    // A line further away costs more than any distance along the line.
    const cost = upright ? along * 4 + across : along + across * 4;
    if (cost < bestCost) [best, bestCost] = [at, cost];
  });
  return best;
}

export function useArrowKeys(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const direction = DIRECTIONS[event.key];
      if (direction && !event.altKey && !event.ctrlKey && !event.metaKey && move(direction, event)) {
        event.preventDefault();
      }
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

function move(direction: Direction, event: KeyboardEvent): boolean {
  const from = event.target instanceof Element ? tileOf(event.target) : null;
  const sideways = direction === "left" || direction === "right";
  if (!from || (sideways && from instanceof HTMLInputElement)) return false;
  const row = from.closest("[data-row]");
  const page = from.closest("main") ?? document;
  // The bar stays at the top while the page scrolls beneath it: all of the page comes before it.
  const places = sideways ? [row ?? page] : [page, document];
  for (const place of places) {
    const tiles = [...place.querySelectorAll<HTMLElement>("[data-tile]")].filter(
      (tile) => tile !== from && !tile.closest(IN_A_CLOSED_MENU) && (sideways || !row || tile.closest("[data-row]") !== row),
    );
    const next = tiles[nearest(startOf(from), tiles.map(boxOf), direction)];
    if (!next) continue;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest", inline: "nearest", behavior: event.repeat ? "auto" : "smooth" });
    return true;
  }
  return false;
}

/** The tile that a key was pressed on, or the page itself when it was just reached by keyboard. */
function tileOf(target: Element): HTMLElement | null {
  return target.closest<HTMLElement>("[data-tile], main:focus-visible");
}

/** Where one starts from: a tile's box, or the beginning of what is wider than tiles. */
function startOf(from: HTMLElement): Box {
  const box = boxOf(from);
  if (from instanceof HTMLInputElement) return { ...box, width: 0 };
  return from.matches("main") ? { ...box, width: 0, height: 0 } : box;
}

function boxOf(tile: HTMLElement): Box {
  const { left, top, width, height } = tile.getBoundingClientRect();
  return { left, top, width, height };
}
