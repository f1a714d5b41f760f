/** What was verified before publishing, by the stream or file that it is about. */

export interface Check {
  readonly name: string;
  readonly subject: string;
  readonly passed: boolean;
  readonly sentence: string;
  /** False for a check that could not tell: it did not fail, and did not pass either. */
  readonly decided: boolean;
}

export type Verdict = "failed" | "undecided" | "passed";

export interface Stream {
  readonly subject: string;
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
}

const GRAVITY: Verdict[] = ["failed", "undecided", "passed"];

export function verdictOf(check: Check): Verdict {
  if (!check.passed) return "failed";
  return check.decided === false ? "undecided" : "passed";
}

/** The streams with the gravest first; otherwise in their order. */
export function byStream(checks: readonly Check[]): Stream[] {
  const found = new Map<string, Check[]>();
  for (const check of checks) found.set(check.subject, [...(found.get(check.subject) ?? []), check]);
  const streams = [...found].map(([subject, own]) => ({
    subject,
    checks: own.toSorted((a, b) => GRAVITY.indexOf(verdictOf(a)) - GRAVITY.indexOf(verdictOf(b))),
    verdict: GRAVITY.find((one) => own.some((check) => verdictOf(check) === one)) ?? "passed",
  }));
  return streams.toSorted((a, b) => GRAVITY.indexOf(a.verdict) - GRAVITY.indexOf(b.verdict));
}
