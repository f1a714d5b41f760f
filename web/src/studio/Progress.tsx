import type { Job } from "../api/types";
import { useLanguage } from "../words";
import { Steps } from "./Steps";
import { percentOf } from "./figures";
import { useStudioWords } from "./words";

/** One bar for a job under way, with the time left; its steps are behind "Details". */
export function Progress({ job }: { job: Job }) {
  const words = useStudioWords();
  const { share_done: share, left_ms: left } = job;
  const percent = percentOf(share, useLanguage());
  return (
    <div className="studio-progress">
      <progress max={1} value={share} aria-label={`${words.states[job.state]}: ${percent}`} />
      <p className="quiet">
        {percent}{left !== null && <> · {words.timeLeft(left)}</>}
      </p>
      {job.steps.length > 0 && (
        <details>
          <summary>{words.details}</summary>
          <Steps steps={job.steps} />
        </details>
      )}
    </div>
  );
}
