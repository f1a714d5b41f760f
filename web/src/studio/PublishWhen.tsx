/** When something is published: as soon as it is ready, when its partner says, or at a date. */

import { useLanguage } from "../words";
import { localDate, zoneName } from "./dates";
import { useStudioWords } from "./words";

const WAYS = ["ready", "asked", "date"] as const;

/** `value` is "ready", "asked", or a date with its offset. */
export function PublishWhen({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const words = useStudioWords();
  const language = useLanguage();
  const way = value === "ready" || value === "asked" ? value : "date";
  return (
    <div className="studio-when">
      <label>
        <span>{words.publish}</span>
        <select
          value={way}
          onChange={(event) => onChange(event.target.value === "date" ? tomorrow() : event.target.value)}
        >
          {WAYS.map((one) => (
            <option key={one} value={one}>
              {words.publishWays[one]}
            </option>
          ))}
        </select>
      </label>
      {way === "date" && (
        <label>
          <span>{words.publishDate(zoneName(language))}</span>
          <input
            type="datetime-local"
            required
            value={localDate(Date.parse(value))}
            onChange={(event) => event.target.value && onChange(new Date(event.target.value).toISOString())}
          />
        </label>
      )}
    </div>
  );
}

/** The way in which a job's time is written: 0 is as soon as it is ready. */
export function wayOf(publishAtMs: number | null): string {
  if (publishAtMs === null) return "asked";
  return publishAtMs === 0 ? "ready" : new Date(publishAtMs).toISOString();
}

export function atMsOf(way: string): number | null {
  return way === "asked" ? null : way === "ready" ? 0 : Date.parse(way);
}

function tomorrow(): string {
  const date = new Date(Date.now() + 86_400_000);
  date.setMinutes(0, 0, 0);
  return date.toISOString();
}
