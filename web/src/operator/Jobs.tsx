/** The jobs of all partners: how far they are, and why those failed that did. */

import { useInfiniteQuery, useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";

import { answered, api } from "../api/client";
import { queryClient } from "../api/queries";
import type { Job, JobFilter } from "../api/types";
import { nameOf } from "../studio/Titles";
import { useStudioWords } from "../studio/words";
import { agoOf, useLanguage } from "../words";
import { MoreButton, Panel } from "./Panel";
import { jobsQuery, titleNamesQuery } from "./queries";
import { useOperatorWords } from "./words";

const FILTERS: JobFilter[] = ["all", "under-way", "needs-review", "failed", "ended"];
const ENDED = new Set(["live", "rejected", "cancelled", "failed"]);

interface Act {
  job: Job;
  name: string;
  retry: boolean;
}

export function Jobs() {
  const words = useOperatorWords();
  const [search, setSearch] = useSearchParams();
  const filter = FILTERS.find((one) => one === search.get("filter")) ?? "all";
  const asked = useInfiniteQuery(jobsQuery(filter));
  const jobs = asked.data?.pages.flatMap((page) => page.jobs) ?? [];
  const ids = [...new Set(jobs.map((job) => job.title_id))].slice(0, 100);
  const titles = useQuery(titleNamesQuery(ids));
  const language = useLanguage();
  const names = new Map(titles.data?.titles.map((title) => [title.id, nameOf(title, language)]));
  const [done, setDone] = useState("");
  const act = useMutation({
    mutationFn: ({ job, retry }: Act) => {
      const options = { params: { path: { job_id: job.id } }, body: { reason: retry ? words.retryReason : words.cancelReason } };
      return answered(retry ? api.POST("/api/console/jobs/{job_id}/retry", options) : api.POST("/api/console/jobs/{job_id}/cancel", options));
    },
    onMutate: () => setDone(""),
    onSuccess: (_, { name, retry }) => setDone(retry ? words.retried(name) : words.cancelled(name)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["operator", "jobs"] }),
  });
  return (
    <>
      <h1>{words.jobs}</h1>
      <fieldset className="operator-choice" data-row="">
        <legend className="unseen">{words.show}</legend>
        {FILTERS.map((one) => (
          <button key={one} type="button" data-tile="" aria-pressed={one === filter} onClick={() => setSearch({ filter: one }, { replace: true })}>
            {words.jobFilters[one]}
          </button>
        ))}
      </fieldset>
      <Panel id="jobs" title={words.jobFilters[filter]} asked={[asked, { isPending: false, error: act.error }]} done={done} wide>
        {jobs.length === 0 && <p className="quiet">{words.noJobs}</p>}
        <ul className="operator-rows" aria-busy={asked.isPlaceholderData}>
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} name={names.get(job.title_id)} onAct={(what) => act.isPending || act.mutate(what)} />
          ))}
        </ul>
        <MoreButton more={asked} onMore={() => void asked.fetchNextPage()} />
      </Panel>
    </>
  );
}

/** Nothing is disabled while it is done: that would take the focus away. */
function JobRow({ job, name, onAct }: { job: Job; name: string | undefined; onAct: (what: Act) => void }) {
  const words = useOperatorWords();
  const studio = useStudioWords();
  const language = useLanguage();
  const shown = name || job.file_name;
  const bad = job.state === "failed" || job.state === "rejected";
  const step = job.steps.findLast((one) => one.state === "running") ?? job.steps.findLast((one) => one.state === "failed");
  const done = job.steps.filter((one) => one.state === "done").length;
  const again = job.state === "failed" || job.state === "cancelled";
  return (
    <li>
      <span className="grow">
        <span className="operator-name">{shown}</span>
        <span className="quiet">
          {[name ? job.file_name : "", words.since(agoOf(job.created_at_ms, language)), job.attempt > 1 ? studio.attempt(job.attempt) : ""].filter(Boolean).join(" · ")}
        </span>
        {!ENDED.has(job.state) && job.steps.length > 0 && (
          <span className="operator-step">
            <progress max={job.steps.length} value={done} aria-label={words.progressOf(shown)} />
            <span className="quiet">{step?.name}</span>
          </span>
        )}
        {(job.reason || (bad && step?.detail)) && (
          <span className={bad ? "operator-reason" : "quiet"}>
            {[job.reason, bad && step?.detail !== job.reason ? step?.detail : ""].filter(Boolean).join(" ")}
          </span>
        )}
      </span>
      <span className="operator-actions">
        <span className="operator-state" data-bad={bad ? "" : undefined} data-good={job.state === "live" ? "" : undefined}>
          {studio.states[job.state]}
        </span>
        {job.state === "needs-review" && (
          <Link className="button button-small" data-does="review" to={`/operator/jobs/${job.id}`} aria-label={words.reviewOf(shown)}>
            {studio.reviewOpen}
          </Link>
        )}
        {again && (
          <button type="button" className="button button-quiet button-small" data-does="retry" aria-label={words.retryOf(shown)} onClick={() => onAct({ job, name: shown, retry: true })}>
            {studio.retry}
          </button>
        )}
        {!ENDED.has(job.state) && (
          <button type="button" className="button button-quiet button-small" data-does="cancel" aria-label={words.cancelOf(shown)} onClick={() => onAct({ job, name: shown, retry: false })}>
            {studio.cancel}
          </button>
        )}
      </span>
    </li>
  );
}
