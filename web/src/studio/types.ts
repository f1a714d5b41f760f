/** The shapes of the studio's part of the API, named as the contracts name them. */

import type { Rung } from "../api/types";

export type JobState =
  | "queued"
  | "inspecting"
  | "rejected"
  | "analysing"
  | "encoding"
  | "packaging"
  | "verifying"
  | "live"
  | "cancelled"
  | "failed";

export interface StepProgress {
  name: string;
  state: "waiting" | "running" | "done" | "failed";
  done: number;
  total: number;
  unit: string;
  started_at_ms: number | null;
  ended_at_ms: number | null;
  detail: string;
}

export interface Job {
  id: string;
  master_id: string;
  title_id: string;
  content_id: string;
  file_name: string;
  priority: string;
  state: JobState;
  steps: StepProgress[];
  created_at_ms: number;
  updated_at_ms: number;
  playable: boolean;
  reason: string;
  attempt: number;
  change: number;
}

export interface Finding {
  code: string;
  severity: "refusal" | "warning" | "note";
  sentence: string;
  from_ms: number | null;
  until_ms: number | null;
  value: number | null;
  unit: string;
}

export interface HullPoint {
  height: number;
  crf: number;
  bitrate_kbps: number;
  vmaf: number;
  on_hull: boolean;
  chosen: boolean;
}

export interface JobReport {
  findings: Finding[];
  trials: HullPoint[];
  rungs: Rung[];
  loudness_lufs: number | null;
  master: Record<string, unknown>;
  checks: Record<string, unknown>;
}

export interface Quota {
  limit_bytes: number;
  used_bytes: number;
}

export interface Wording {
  locale: string;
  name: string;
  synopsis: string;
}

export interface StudioTitle {
  id: string;
  kind: "film" | "series";
  wordings: Wording[];
  year: number;
  state: "draft" | "announced" | "published" | "taken-down";
  artwork: { poster: string; landscape: string; tint: string };
  playable: boolean;
}

export const ENDED: ReadonlySet<JobState> = new Set(["live", "rejected", "failed", "cancelled"]);

/** One thing that was verified before publishing. */
export interface Check {
  name: string;
  subject: string;
  passed: boolean;
  sentence: string;
}
