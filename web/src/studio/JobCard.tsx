import { useMutation } from "@tanstack/react-query";
import { Link } from "react-router";

import { answered, api } from "../api/client";
import type { Job, JobState, Title } from "../api/types";
import { Failure } from "../components/Failure";
import { artworkUrl } from "../components/Picture";
import { agoOf, useLanguage } from "../words";
import { JobSchedule } from "./JobSchedule";
import { contentsOf } from "./ContentChoice";
import { Progress } from "./Progress";
import { ENDED, RESTING } from "./live";
import { useStudioWords } from "./words";

/** States in which a job's reason says why it is in them. */
export const SAYS_WHY: ReadonlySet<JobState> = new Set(["ready", "rejected", "failed", "cancelled"]);

/** One delivery: its state in one word, its steps while it works, and what one can do. */
export function JobCard({ job, name, title }: { job: Job; name: string; title?: Title | undefined }) {
  const words = useStudioWords();
  const language = useLanguage();
  const ended = ENDED.has(job.state);
  return (
    <li className={title ? "studio-card with-poster" : "studio-card"} data-state={job.state}>
      {title && (
        <span className="studio-poster" style={{ background: title.artwork.tint }}>
          {title.artwork.poster && <img src={artworkUrl(title.artwork.poster)} alt="" loading="lazy" />}
        </span>
      )}
      <div className="studio-card-body">
        <div className="studio-card-head">
          <strong>
            <Link to={`/studio/jobs/${job.id}`}>{name}</Link>
          </strong>
          <span className={`studio-state ${job.state}`}>{words.states[job.state]}</span>
        </div>
        <p className="quiet">
          {title && <Episode title={title} contentId={job.content_id} />}
          {name !== job.file_name && <>{job.file_name} · </>}
          {agoOf(job.created_at_ms, language)}
          {job.attempt > 1 && <> · {words.attempt(job.attempt)}</>}
        </p>
        {!ended && !RESTING.has(job.state) && <Progress job={job} />}
        {job.reason && SAYS_WHY.has(job.state) && <Reason job={job} />}
        {job.state === "needs-review" && <p>{words.reviewWaits}</p>}
        {job.state === "no-room" && <p>{words.noRoom}</p>}
        <JobSchedule job={job} />
        {job.playable && !ended && <p className="studio-good">{words.playableNow}</p>}
        <Actions job={job} />
      </div>
    </li>
  );
}

function Episode({ title, contentId }: { title: Title; contentId: string }) {
  const episode = title.kind === "series" && contentsOf(title).find((one) => one.id === contentId);
  return episode ? <>{episode.name} · </> : null;
}

/** Why it ended: in the service's English, or as whoever cancelled it or tried again said. */
export function Reason({ job }: { job: Job }) {
  const told = job.state === "rejected" || job.state === "failed";
  return (
    <p className="studio-problem" lang={told ? "en" : undefined}>
      {job.reason}
    </p>
  );
}

/** `here`: on the report itself, which then needs no way to it. */
export function Actions({ job, here = false }: { job: Job; here?: boolean }) {
  const words = useStudioWords();
  const act = useMutation({
    mutationFn: ({ verb, reason }: { verb: "cancel" | "retry"; reason: string }) =>
      answered(
        api.POST(`/api/studio/jobs/{job_id}/${verb}`, { params: { path: { job_id: job.id } }, body: { reason } }),
      ),
  });
  return (
    <div className="studio-actions">
      {(job.playable || job.state === "live") && (
        <Link className="studio-main" to={`/title/${job.title_id}`}>
          {words.watch}
        </Link>
      )}
      {job.state === "ready" && <Link to={`/studio/titles/${job.title_id}/preview`}>{words.preview}</Link>}
      {!here && (
        <Link className={job.state === "needs-review" ? "studio-main" : undefined} to={`/studio/jobs/${job.id}`}>
          {job.state === "needs-review" ? words.reviewOpen : words.report}
        </Link>
      )}
      <Link to={`/studio/titles/${job.title_id}`}>{words.edit}</Link>
      {!ENDED.has(job.state) && (
        <button
          type="button"
          disabled={act.isPending}
          onClick={() => act.mutate({ verb: "cancel", reason: words.cancelReason })}
        >
          {job.state === "ready" ? words.discard : words.cancel}
        </button>
      )}
      {(job.state === "failed" || job.state === "cancelled") && (
        <button
          type="button"
          className="studio-main"
          disabled={act.isPending}
          onClick={() => act.mutate({ verb: "retry", reason: words.retryReason })}
        >
          {words.retry}
        </button>
      )}
      <Failure error={act.error} />
    </div>
  );
}
