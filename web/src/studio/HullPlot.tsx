/** The rate-quality plane of a title: trials as dots, their hull as a line, the rungs chosen. */

import { useId, useState } from "react";

import type { HullPoint, Rung } from "../api/types";
import { formatName } from "./formats";
import { SideScroll } from "./SideScroll";
import { logTicks } from "./figures";
import { useStudioWords } from "./words";

const WIDTH = 760;
const HEIGHT = 400;
const LEFT = 52;
const RIGHT = 18;
const TOP = 16;
const BOTTOM = 46;

interface Curve {
  name: string;
  trials: HullPoint[];
  hull: HullPoint[];
}

/** One format at a time, over the lines of the others: a bitrate buys another quality in each. */
export function HullPlot({ trials: all, rungs: ladder }: { trials: HullPoint[]; rungs: Rung[] }) {
  const words = useStudioWords();
  const group = useId();
  const curves = curvesOf(all);
  const [wanted, setWanted] = useState("");
  const shown = curves.find(({ name }) => name === wanted) ?? curves[0];
  if (shown === undefined) return null;
  const { trials } = shown;
  const measured = ladder.flatMap((rung) => (rung.vmaf === null ? [] : [{ ...rung, vmaf: rung.vmaf }]));
  const rungs = measured.filter((rung) => formatName(rung) === shown.name);
  const rates = [...all, ...measured].map((one) => one.bitrate_kbps);
  const scores = [...all, ...measured].map((one) => one.vmaf);
  const low = Math.max(10, Math.min(...rates) * 0.85);
  const high = Math.max(...rates) * 1.2;
  const floor = Math.max(0, Math.floor((Math.min(...scores) - 4) / 10) * 10);
  const x = (rate: number) =>
    LEFT + ((Math.log(rate) - Math.log(low)) / (Math.log(high) - Math.log(low))) * (WIDTH - LEFT - RIGHT);
  const y = (score: number) => TOP + ((100 - score) / (100 - floor)) * (HEIGHT - TOP - BOTTOM);
  const line = (hull: HullPoint[]) => hull.map((t) => `${x(t.bitrate_kbps)},${y(t.vmaf)}`).join(" ");
  const heights = [...new Set(all.map((t) => t.height))].toSorted((a, b) => a - b);

  return (
    <figure className="studio-plot">
      {curves.length > 1 && (
        <fieldset className="studio-choice">
          <legend>{words.format}</legend>
          {curves.map(({ name }) => (
            <label key={name}>
              <input type="radio" name={group} checked={name === shown.name} onChange={() => setWanted(name)} />
              {name}
            </label>
          ))}
        </fieldset>
      )}
      <SideScroll label={words.hull}>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words.hullAlt(shown.name, trials.length, rungs.length)}>
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
          {curves.filter((curve) => curve !== shown).map(({ name, hull }) => (
            <g key={name} className="other">
              <polyline points={line(hull)} />
              <text x={x(hull[0]?.bitrate_kbps ?? low)} y={y(hull[0]?.vmaf ?? floor) + 16} textAnchor="middle">
                {name}
              </text>
            </g>
          ))}
          <polyline className="hull" points={line(shown.hull)} />
          {trials.map((t, at) => (
            <circle
              key={`${shown.name} ${at}`}
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

function curvesOf(trials: HullPoint[]): Curve[] {
  const nameOf = ({ format }: HullPoint): string => formatName(format ?? { codec: "h264" });
  return [...new Set(trials.map(nameOf))].map((name) => {
    const its = trials.filter((one) => nameOf(one) === name);
    return { name, trials: its, hull: its.filter((t) => t.on_hull).toSorted((a, b) => a.bitrate_kbps - b.bitrate_kbps) };
  });
}

function scoreTicks(floor: number): number[] {
  const step = 100 - floor > 50 ? 20 : 10;
  return Array.from({ length: Math.floor((100 - floor) / step) + 1 }, (_, at) => 100 - at * step);
}
