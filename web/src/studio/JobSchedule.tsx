/** When the version that a job makes is published, and the means to change that. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answered, api } from "../api/client";
import { Problem } from "../api/problem";
import type { Job } from "../api/types";
import { useLanguage } from "../words";
import { atMsOf, PublishWhen, wayOf } from "./PublishWhen";
import { dateOf } from "./dates";
import { ENDED, rememberJob } from "./live";
import { useStudioWords } from "./words";

interface Wish {
  readonly atMs: number | null;
  readonly replace?: boolean;
}

export function JobSchedule({ job }: { job: Job }) {
  const words = useStudioWords();
  const client = useQueryClient();
  const [way, setWay] = useState<string | null>(null);
  const set = useMutation({
    mutationFn: ({ atMs, replace = false }: Wish) =>
      answered(
        api.POST("/api/studio/jobs/{job_id}/schedule", {
          params: { path: { job_id: job.id } },
          body: { publish_at_ms: atMs, replace },
        }),
      ),
    onSuccess: (changed) => {
      setWay(null);
      rememberJob(client, changed);
    },
    onError: (error, wish) => {
      const asks = error instanceof Problem && error.code === "already-live" && !wish.replace;
      if (asks && window.confirm(words.publishReplaces)) set.mutate({ ...wish, replace: true });
    },
  });
  if (job.kind !== "master" || ENDED.has(job.state)) return null;
  const ready = job.state === "ready";
  return (
    <div className="studio-schedule">
      {ready && <p className="studio-good">{words.readyToPublish}</p>}
      <Told job={job} />
      {way !== null && <PublishWhen value={way} onChange={setWay} />}
      {set.isError && (
        <p className="studio-problem" role="alert">
          {set.error.message}
        </p>
      )}
      <div className="studio-actions">
        {ready && way === null && (
          <button type="button" className="studio-main" disabled={set.isPending} onClick={() => set.mutate({ atMs: 0 })}>
            {words.publishNow}
          </button>
        )}
        {way === null ? (
          <button type="button" onClick={() => setWay(wayOf(job.publish_at_ms))}>
            {words.changeWhen}
          </button>
        ) : (
          <>
            <button type="button" className="studio-main" disabled={set.isPending} onClick={() => set.mutate({ atMs: atMsOf(way) })}>
              {words.save}
            </button>
            <button type="button" onClick={() => setWay(null)}>
              {words.keepWhen}
            </button>
          </>
        )}
      </div>
    </div>
  );
}

function Told({ job }: { job: Job }) {
  const words = useStudioWords();
  const language = useLanguage();
  if (job.publish_at_ms === 0) return null;
  if (job.publish_at_ms === null) return <p className="quiet">{words.publishesWhenAsked}</p>;
  return <p className="quiet">{words.publishesAt(dateOf(job.publish_at_ms, language))}</p>;
}
