/** The rate-quality plane of a title: trials as dots, their hull as a line, the rungs chosen. */

import type { HullPoint, Rung } from "../api/types";
import { SideScroll } from "./SideScroll";
import { logTicks } from "./figures";
import { useStudioWords } from "./words";

const WIDTH = 760;
const HEIGHT = 400;
const LEFT = 52;
const RIGHT = 18;
const TOP = 16;
const BOTTOM = 46;

export function HullPlot({ trials, rungs: ladder }: { trials: HullPoint[]; rungs: Rung[] }) {
  const words = useStudioWords();
  const rungs = ladder.flatMap((rung) => (rung.vmaf === null ? [] : [{ ...rung, vmaf: rung.vmaf }]));
  const rates = [...trials.map((t) => t.bitrate_kbps), ...rungs.map((r) => r.bitrate_kbps)];
  const scores = [...trials.map((t) => t.vmaf), ...rungs.map((r) => r.vmaf)];
  const low = Math.max(10, Math.min(...rates) * 0.85);
  const high = Math.max(...rates) * 1.2;
  const floor = Math.max(0, Math.floor((Math.min(...scores) - 4) / 10) * 10);
  const x = (rate: number) =>
    LEFT + ((Math.log(rate) - Math.log(low)) / (Math.log(high) - Math.log(low))) * (WIDTH - LEFT - RIGHT);
  const y = (score: number) => TOP + ((100 - score) / (100 - floor)) * (HEIGHT - TOP - BOTTOM);
  const hull = trials.filter((t) => t.on_hull).toSorted((a, b) => a.bitrate_kbps - b.bitrate_kbps);
  const heights = [...new Set(trials.map((t) => t.height))].toSorted((a, b) => a - b);

  return (
    <figure className="studio-plot">
      <SideScroll label={words.hull}>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words.hullAlt(trials.length, rungs.length)}>
          {scoreTicks(floor).map((score) => (
            <g key={score}>
              <line className="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(score)} y2={y(score)} />
              <text className="tick" x={LEFT - 8} y={y(score) + 4} textAnchor="end">
                {score}
              </text>
            </g>
          ))}
          {logTicks(low, high).map((rate) => (
            <g key={rate}>
              <line className="grid" x1={x(rate)} x2={x(rate)} y1={TOP} y2={HEIGHT - BOTTOM} />
              <text className="tick" x={x(rate)} y={HEIGHT - BOTTOM + 18} textAnchor="middle">
                {rate}
              </text>
            </g>
          ))}
          <text className="axis" x={(LEFT + WIDTH) / 2} y={HEIGHT - 6} textAnchor="middle">
            {words.bitrate}
          </text>
          <text className="axis" transform={`translate(14 ${HEIGHT / 2 - 20}) rotate(-90)`} textAnchor="middle">
            {words.vmaf}
          </text>
          <polyline className="hull" points={hull.map((t) => `${x(t.bitrate_kbps)},${y(t.vmaf)}`).join(" ")} />
          {trials.map((t) => (
            <circle
              key={`${t.height}-${t.crf}`}
              className={`trial h${heights.indexOf(t.height) % 6}`}
              cx={x(t.bitrate_kbps)}
              cy={y(t.vmaf)}
              r={t.on_hull ? 4.5 : 3}
            >
              <title>{`${t.height}p CRF ${t.crf}: ${Math.round(t.bitrate_kbps)} kbit/s, VMAF ${t.vmaf.toFixed(1)}`}</title>
            </circle>
          ))}
          {rungs.map((rung) => (
            <g key={rung.name} className="rung">
              <circle cx={x(rung.bitrate_kbps)} cy={y(rung.vmaf)} r={8}>
                <title>{`${rung.name}: ${rung.bitrate_kbps} kbit/s, VMAF ${rung.vmaf.toFixed(1)}`}</title>
              </circle>
              <text x={x(rung.bitrate_kbps)} y={y(rung.vmaf) - 14} textAnchor="middle">
                {rung.height}p
              </text>
            </g>
          ))}
        </svg>
      </SideScroll>
      <figcaption className="quiet">
        {heights.map((height, at) => (
          <span key={height} className={`key h${at % 6}`}>
            {height}p
          </span>
        ))}
        <span className="key chosen">{words.chosen}</span>
      </figcaption>
    </figure>
  );
}

function scoreTicks(floor: number): number[] {
  const step = 100 - floor > 50 ? 20 : 10;
  return Array.from({ length: Math.floor((100 - floor) / step) + 1 }, (_, at) => 100 - at * step);
}
