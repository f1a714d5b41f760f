/** A line of numbers over time, to be looked at; its figures are in the text for screen readers. */

const WIDTH = 320;
const HEIGHT = 64;

export function Sparkline({ points, label }: { points: { at_ms: number; value: number }[]; label: string }) {
  const path = pathOf(points);
  return (
    <svg className="operator-spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label} preserveAspectRatio="none">
      <line x1="0" x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} className="operator-spark-ground" />
      {path && <path d={`${path} L${WIDTH} ${HEIGHT} L${startOf(points)} ${HEIGHT} Z`} className="operator-spark-area" />}
      {path && <path d={path} className="operator-spark-line" vectorEffect="non-scaling-stroke" />}
    </svg>
  );
}

/** The last hour ends at the right edge; a service that has just started fills it from there. */
const HOUR = 3_600_000;

function xOf(atMs: number, endMs: number): number {
  return Math.max(0, WIDTH * (1 - (endMs - atMs) / HOUR));
}

function startOf(points: { at_ms: number }[]): number {
  const first = points[0];
  const last = points.at(-1);
  return first && last ? xOf(first.at_ms, last.at_ms) : 0;
}

export function pathOf(points: { at_ms: number; value: number }[]): string {
  const last = points.at(-1);
  if (!last || points.length < 2) return "";
  const top = Math.max(1, ...points.map((point) => point.value));
  return points
    .map(({ at_ms, value }, index) => {
      const x = xOf(at_ms, last.at_ms).toFixed(1);
      const y = (HEIGHT - 3 - (value / top) * (HEIGHT - 10)).toFixed(1);
      return `${index ? "L" : "M"}${x} ${y}`;
    })
    .join(" ");
}
