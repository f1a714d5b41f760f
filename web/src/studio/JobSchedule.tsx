/** When the version that a job makes is published, and the means to change that. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answered, api } from "../api/client";
import { Problem } from "../api/problem";
import type { Job } from "../api/types";
import { ConfirmDialog } from "../components/ConfirmDialog";
import { Failure } from "../components/Failure";
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
  const [asking, setAsking] = useState<Wish | null>(null);
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
      setAsking(null);
      rememberJob(client, changed);
    },
    onError: (error, wish) => {
      if (isLive(error) && !wish.replace) setAsking(wish);
    },
  });
  const wish = (atMs: number | null) => set.isPending || set.mutate({ atMs });
  const close = () => {
    setAsking(null);
    set.reset();
  };
  if (job.kind !== "master" || ENDED.has(job.state)) return null;
  const ready = job.state === "ready";
  return (
    <div className="studio-schedule">
      {ready && <p className="studio-good">{words.readyToPublish}</p>}
      <Told job={job} />
      {way !== null && <PublishWhen value={way} onChange={setWay} />}
      {!asking && <Failure error={set.error} />}
      {asking && (
        <ConfirmDialog
          title={words.publishReplacesTitle}
          confirm={words.publishReplacesConfirm}
          danger
          busy={set.isPending}
          error={isLive(set.error) ? null : set.error}
          onConfirm={() => set.mutate({ ...asking, replace: true })}
          onClose={close}
        >
          <p className="lead">{words.publishReplaces}</p>
        </ConfirmDialog>
      )}
      <div className="studio-actions">
        {ready && way === null && (
          <button type="button" className="studio-main" aria-disabled={set.isPending} onClick={() => wish(0)}>
            {words.publishNow}
          </button>
        )}
        {way === null ? (
          <button type="button" onClick={() => setWay(wayOf(job.publish_at_ms))}>
            {words.changeWhen}
          </button>
        ) : (
          <>
            <button type="button" className="studio-main" aria-disabled={set.isPending} onClick={() => wish(atMsOf(way))}>
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

const isLive = (error: unknown): boolean => error instanceof Problem && error.code === "already-live";

function Told({ job }: { job: Job }) {
  const words = useStudioWords();
  const language = useLanguage();
  if (job.publish_at_ms === 0) return null;
  if (job.publish_at_ms === null) return <p className="quiet">{words.publishesWhenAsked}</p>;
  return <p className="quiet">{words.publishesAt(dateOf(job.publish_at_ms, language))}</p>;
}
