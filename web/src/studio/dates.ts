/** Dates as a partner reads and writes them: in the time zone of this browser, which is named. */

/** What `<input type="datetime-local">` shows of a moment: "2026-12-24T20:00". */
export function localDate(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** "Europe/Paris". */
export function zoneName(language: string): string {
  return new Intl.DateTimeFormat(language).resolvedOptions().timeZone;
}

/** "24 Dec 2026, 20:00 CET". */
export function dateOf(atMs: number, language: string): string {
  const format = { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short" } as const;
  return new Intl.DateTimeFormat(language, format).format(atMs);
}
