/** Where and when a title may be watched, as a part of its form: a line for the countries that share their times. */

import type { Title } from "../api/types";
import { useLanguage } from "../words";
import { localDate, zoneName } from "./dates";
import { useStudioWords } from "./words";

type Window = Title["windows"][number];

export interface WindowRow {
  readonly countries: string;
  /** As `<input type="datetime-local">` has it; empty for none. */
  readonly from: string;
  readonly until: string;
}

const EVERYWHERE = "*";

export function windowRowsOf(windows: readonly Window[]): WindowRow[] {
  const rows = new Map<string, Window[]>();
  for (const window of windows) {
    const times = `${window.from_ms} ${window.until_ms}`;
    rows.set(times, [...(rows.get(times) ?? []), window]);
  }
  return [...rows.values()].map((same) => ({
    countries: same.map((one) => one.country).filter((country) => country !== EVERYWHERE).join(", "),
    from: same[0]?.from_ms ? localDate(same[0].from_ms) : "",
    until: same[0]?.until_ms ? localDate(same[0].until_ms) : "",
  }));
}

export function windowsOf(rows: readonly WindowRow[]): Window[] {
  return rows.flatMap(({ countries, from, until }) => {
    const codes = countries.toUpperCase().split(/[\s,]+/).filter(Boolean);
    const times = { from_ms: from ? new Date(from).getTime() : 0, until_ms: until ? new Date(until).getTime() : null };
    return (codes.length ? codes : [EVERYWHERE]).map((country) => ({ country, ...times }));
  });
}

interface Props {
  readonly rows: readonly WindowRow[];
  readonly onChange: (rows: readonly WindowRow[]) => void;
}

export function TitleWindows({ rows, onChange }: Props) {
  const words = useStudioWords();
  const language = useLanguage();
  const change = (at: number, part: Partial<WindowRow>) =>
    onChange(rows.map((row, here) => (here === at ? { ...row, ...part } : row)));
  return (
    <fieldset className="form">
      <legend>{words.windows}</legend>
      <p className="quiet">
        {words.windowsHint} ({zoneName(language)}).
      </p>
      <ul className="studio-windows">
        {rows.map((row, at) => (
          <li key={at}>
            <label className="field">
              <span>{words.windowCountries}</span>
              <input
                value={row.countries}
                pattern="\s*([A-Za-z]{2}(\s*,\s*[A-Za-z]{2})*)?\s*"
                title={words.windowCountriesHint}
                onChange={(event) => change(at, { countries: event.target.value })}
              />
              <span className="quiet">{words.windowCountriesHint}</span>
            </label>
            <label className="field">
              <span>{words.windowFrom}</span>
              <input type="datetime-local" value={row.from} max={row.until || undefined} onChange={(event) => change(at, { from: event.target.value })} />
            </label>
            <label className="field">
              <span>{words.windowUntil}</span>
              <input type="datetime-local" value={row.until} min={row.from || undefined} onChange={(event) => change(at, { until: event.target.value })} />
            </label>
            <button type="button" aria-label={words.removeWindow} disabled={rows.length < 2} onClick={() => onChange(rows.filter((_, here) => here !== at))}>
              ×
            </button>
          </li>
        ))}
      </ul>
      <div className="studio-actions">
        <button type="button" onClick={() => onChange([...rows, { countries: "", from: "", until: "" }])}>
          {words.addWindow}
        </button>
      </div>
    </fieldset>
  );
}
