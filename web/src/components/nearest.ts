/** Which of several boxes lies nearest in a direction. */

export type Direction = "left" | "right" | "up" | "down";

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

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

export function boxOf(element: Element): Box {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { left, top, width, height };
}

/** Where one starts from: an element's box, or the beginning of what is wider than tiles. */
export function startOf(from: Element): Box {
  const box = boxOf(from);
  if (from instanceof HTMLInputElement) return { ...box, width: 0 };
  return from.matches("main") ? { ...box, width: 0, height: 0 } : box;
}
