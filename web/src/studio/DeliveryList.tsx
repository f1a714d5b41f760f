/** What was delivered, newest first: filtered by state and text, a page at a time, and live. */

import { useSearchParams } from "react-router";
import "./titles.css";

import type { JobFilter } from "../api/types";
import { Failure } from "../components/Failure";
import { withParam, useSearchText } from "../components/searchText";
import { Sentinel } from "../components/Sentinel";
import { useLanguage } from "../words";
import { JobCard } from "./JobCard";
import { nameOf } from "./Titles";
import { useJobPages, useJobs, useLiveJobs, useTitlesById } from "./live";
import { useStudioWords } from "./words";

const FILTERS: JobFilter[] = ["all", "under-way", "needs-review", "ready", "failed", "ended"];

export function DeliveryList() {
  const words = useStudioWords();
  const language = useLanguage();
  const [search, setSearch] = useSearchParams();
  const { text, setText, settled } = useSearchText();
  const filter = FILTERS.find((one) => one === search.get("state")) ?? "all";
  useJobs(); // live updates go on from the newest
  const live = useLiveJobs();
  const pages = useJobPages(filter, settled);
  const jobs = pages.data?.pages.flatMap((page) => page.jobs) ?? [];
  const titles = useTitlesById(jobs.map((job) => job.title_id));
  const any = filter === "all" && !settled;
  return (
    <>
      <div className="studio-heading">
        <h2>{words.deliveries}</h2>
        <output className={live ? "studio-live on" : "studio-live"}>{live ? words.live : words.liveOff}</output>
      </div>
      <form className="studio-describe" role="search" onSubmit={(event) => event.preventDefault()}>
        <label>
          <span>{words.findDeliveries}</span>
          <input type="search" value={text} maxLength={200} autoComplete="off" spellCheck={false} onChange={(event) => setText(event.target.value)} />
        </label>
        <label>
          <span>{words.titleState}</span>
          <select value={filter} onChange={(event) => setSearch((before) => withParam(before, "state", event.target.value), { replace: true })}>
            {FILTERS.map((one) => (
              <option key={one} value={one}>
                {words.jobFilters[one]}
              </option>
            ))}
          </select>
        </label>
      </form>
      {pages.isPending && <p className="quiet">{words.loading}…</p>}
      <Failure error={pages.error} />
      {pages.isSuccess && jobs.length === 0 && (
        <div className="studio-empty" role="status">
          <p>{any ? words.none : words.noSuchDeliveries}</p>
          {any && <p className="quiet">{words.noneHint}</p>}
        </div>
      )}
      <ul className="studio-jobs" aria-busy={pages.isFetching}>
        {jobs.map((job) => {
          const title = titles.get(job.title_id);
          return <JobCard key={job.id} job={job} title={title} name={title ? nameOf(title, language) : job.file_name} />;
        })}
      </ul>
      {pages.hasNextPage && <Sentinel key={jobs.length} paused={pages.isFetching} onSeen={() => void pages.fetchNextPage()} />}
    </>
  );
}
