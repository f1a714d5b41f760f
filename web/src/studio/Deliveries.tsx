/** Everything under way and everything delivered, with a place to drop more. */

import { DropZone } from "./DropZone";
import { JobCard } from "./JobCard";
import { UploadCard } from "./UploadCard";
import { Unfinished } from "./Unfinished";
import { bytes } from "./figures";
import { useJobs, useLiveJobs, useNames, useQuota } from "./live";
import { start, useDeliveries } from "./uploads";
import { useStudioWords } from "./words";

export function Deliveries() {
  const words = useStudioWords();
  const jobs = useJobs();
  const quota = useQuota();
  const live = useLiveJobs();
  const deliveries = useDeliveries();
  const waiting = deliveries.filter((delivery) => delivery.phase === "ready");
  const named = useNames((jobs.data ?? []).map((job) => job.title_id));

  return (
    <section className="page studio">
      <title>{`${words.studio} · Vitascope`}</title>
      <header className="page-head">
        <div>
          <h1>{words.studio}</h1>
          <p className="lead">{words.lead}</p>
        </div>
        {quota.data && (
          <div className="studio-quota">
            <meter
              max={quota.data.limit_bytes}
              value={quota.data.used_bytes}
              aria-label={words.quota(bytes(quota.data.used_bytes), bytes(quota.data.limit_bytes))}
            />
            <span>{words.quota(bytes(quota.data.used_bytes), bytes(quota.data.limit_bytes))}</span>
          </div>
        )}
      </header>

      <DropZone />

      {deliveries.length > 0 && (
        <div className="studio-uploads">
          {waiting.length > 1 && (
            <button
              type="button"
              className="studio-main"
              onClick={() => waiting.forEach((delivery) => void start(delivery.key))}
            >
              {words.uploadAll(waiting.length)}
            </button>
          )}
          <ul>
            {deliveries.map((delivery) => (
              <UploadCard key={delivery.key} delivery={delivery} />
            ))}
          </ul>
        </div>
      )}

      <Unfinished />

      <div className="studio-heading">
        <h2>{words.deliveries}</h2>
        <output className={live ? "studio-live on" : "studio-live"}>
          {live ? words.live : words.liveOff}
        </output>
      </div>
      {jobs.isPending && <p className="quiet">{words.loading}…</p>}
      {jobs.isError && (
        <p className="studio-problem" role="alert">
          {jobs.error.message}
        </p>
      )}
      {jobs.data?.length === 0 && (
        <div className="studio-empty">
          <p>{words.none}</p>
          <p className="quiet">{words.noneHint}</p>
        </div>
      )}
      <ul className="studio-jobs">
        {jobs.data?.map((job) => (
          <JobCard key={job.id} job={job} name={named.get(job.title_id) || job.file_name} />
        ))}
      </ul>
    </section>
  );
}
