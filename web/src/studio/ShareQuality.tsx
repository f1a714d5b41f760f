/** Whether everybody who has the address may see what a title is worth. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answered, api } from "../api/client";
import type { Job, JobReport } from "../api/types";
import { Failure } from "../components/Failure";
import { useWords } from "../words";
import { useStudioWords } from "./words";

export function ShareQuality({ job, report }: { job: Job; report: JobReport }) {
  const general = useWords();
  const words = useStudioWords();
  const client = useQueryClient();
  const [copied, setCopied] = useState(false);
  const share = useMutation({
    mutationFn: (on: boolean) => {
      const asked = { params: { path: { job_id: job.id } } };
      return answered(on ? api.PUT("/api/studio/jobs/{job_id}/share", asked) : api.DELETE("/api/studio/jobs/{job_id}/share", asked));
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ["studio", "report"] }),
  });
  if (job.kind !== "master" || !job.playable) return null;
  const address = report.shared && `${location.origin}/quality/${report.shared}`;
  const copy = () => {
    void navigator.clipboard.writeText(address).then(() => setCopied(true));
  };
  return (
    <section className="studio-share" aria-label={words.qualityPage}>
      {address && (
        <label>
          {words.qualityAddress}
          <input type="url" readOnly value={address} onFocus={(event) => event.target.select()} />
        </label>
      )}
      <Failure error={share.error} />
      <div className="studio-actions">
        {address && "clipboard" in navigator && (
          <button type="button" onClick={copy}>
            {words.copyAddress}
          </button>
        )}
        {address && (
          <a href={address} target="_blank" rel="noreferrer">
            {words.openQuality}
          </a>
        )}
        <button
          type="button"
          aria-disabled={share.isPending}
          aria-describedby={`share-${job.id}`}
          onClick={() => {
            if (share.isPending) return;
            setCopied(false);
            share.mutate(!address);
          }}
        >
          {address ? words.endSharing : words.shareQuality}
        </button>
        <output>{share.isPaused ? general.offlineBar : copied && words.addressCopied}</output>
      </div>
      <p className="quiet" id={`share-${job.id}`}>
        {address ? words.endSharingHint : words.shareQualityHint}
      </p>
    </section>
  );
}
