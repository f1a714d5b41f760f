/**
 * Arrow keys move the light from tile to tile, as on a television's remote control.
 *
 * Whatever can be lit carries `data-tile`; tiles of one row stand in a `data-row`. Left and right
 * stay in the row; up and down go to the nearest tile of another line.
 */

import { type RefObject, useEffect } from "react";

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

export function useArrowKeys(area: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const node = area.current;
    if (!node) return;
    const press = (event: KeyboardEvent) => {
      const direction = DIRECTIONS[event.key];
      if (direction && !event.altKey && !event.ctrlKey && !event.metaKey && move(node, direction, event)) {
        event.preventDefault();
      }
    };
    node.addEventListener("keydown", press);
    return () => node.removeEventListener("keydown", press);
  }, [area]);
}

function move(area: HTMLElement, direction: Direction, event: KeyboardEvent): boolean {
  const from = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-tile]") : null;
  if (!from) return false;
  const row = from.closest("[data-row]");
  const sideways = direction === "left" || direction === "right";
  const all = [...(sideways && row ? row : area).querySelectorAll<HTMLElement>("[data-tile]")];
  const others = all.filter((tile) => tile !== from && (sideways || !row || tile.closest("[data-row]") !== row));
  const next = others[nearest(boxOf(from), others.map(boxOf), direction)];
  if (!next) return false;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest", inline: "nearest", behavior: event.repeat ? "auto" : "smooth" });
  return true;
}

const boxOf = (tile: HTMLElement): Box => tile.getBoundingClientRect();
