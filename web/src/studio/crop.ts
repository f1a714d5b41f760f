/** Which part of a picture is shown in a shape. */

export interface Frame {
  /** The middle of the part, in shares of the picture. */
  readonly x: number;
  readonly y: number;
  /** 1 is the largest part of this shape. */
  readonly zoom: number;
}

export interface Part {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export const WHOLE: Frame = { x: 0.5, y: 0.5, zoom: 1 };
export const MOST_ZOOM = 4;
const OFF_SHAPE = 0.02; // what the service cuts at the edges without asking

/** `shape` is the width by the height, of the picture and of the field. */
export function fits(picture: number, shape: number): boolean {
  return Math.abs(picture / shape - 1) <= OFF_SHAPE;
}

/** The part of the picture in the frame; never beyond its edges. */
export function partOf({ x, y, zoom }: Frame, picture: number, shape: number): Part {
  const width = Math.min(1, shape / picture) / zoom;
  const height = Math.min(1, picture / shape) / zoom;
  return { left: within(x - width / 2, 1 - width), top: within(y - height / 2, 1 - height), width, height };
}

/** How far one may zoom and still have `least` pixels across; below 1 the picture is too small. */
export function mostZoom(width: number, picture: number, shape: number, least: number): number {
  return Math.min(MOST_ZOOM, (width * Math.min(1, shape / picture)) / least);
}

/** As the service reads it. */
export function cropOf({ left, top, width, height }: Part): string {
  return [left, top, width, height].map((share) => share.toFixed(5)).join(",");
}

const within = (value: number, most: number) => Math.max(0, Math.min(most, value));
