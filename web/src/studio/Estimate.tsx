import type { Job } from "../api/types";
import { bytesOf } from "../components/bytes";
import { useLanguage } from "../words";
import { dateOf } from "./dates";
import { useStudioWords } from "./words";

/** What a delivery was expected to take before it began, beside what it has taken so far. */
export function Estimate({ job }: { job: Job }) {
  const words = useStudioWords();
  const language = useLanguage();
  const told = job.estimate;
  if (!told) return null;
  const at = (inMs: number) => dateOf(told.told_at_ms + inMs, language);
  return (
    <dl className="studio-estimate">
      <dt>{words.estimateTime}</dt>
      <dd>{words.estimateCpu(told.cpu_s * 1000, job.cpu_s * 1000)}</dd>
      <dt>{words.estimateRoom}</dt>
      <dd>{words.estimateBytes(bytesOf(told.room, language), bytesOf(told.size, language))}</dd>
      <dt>{words.estimateWhen}</dt>
      <dd>
        {words.estimateLive(told.playable_in_ms === null ? null : at(told.playable_in_ms), at(told.live_in_ms), told.jobs_ahead)}
        {!told.learned && <> {words.estimateGuess}</>}
      </dd>
    </dl>
  );
}
