/** Somebody decides about a master that needs review: publish it all the same, or refuse it. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { answered, api } from "../api/client";
import { useSession } from "../api/session";
import type { Job, Review } from "../api/types";
import { Failure } from "../components/Failure";
import { agoOf, useLanguage } from "../words";
import { rememberJob } from "./live";
import { useStudioWords } from "./words";

/** `console`: an operator decides about a job of whichever partner. */
export function ReviewForm({ job, console = false }: { job: Job; console?: boolean }) {
  const words = useStudioWords();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);
  const may = useMay(console);
  const decide = useMutation({
    mutationFn: (approve: boolean) => {
      const options = { params: { path: { job_id: job.id } }, body: { approve, reason: reason.trim() } };
      return answered(console ? api.POST("/api/console/jobs/{job_id}/review", options) : api.POST("/api/studio/jobs/{job_id}/review", options));
    },
    onSuccess: (changed) => {
      rememberJob(client, changed);
      void client.invalidateQueries({ queryKey: ["operator"] });
    },
  });
  const say = (approve: boolean) => {
    setMissing(!reason.trim());
    if (reason.trim() && !decide.isPending) decide.mutate(approve);
  };
  if (job.state !== "needs-review" || may === null) return null;
  return (
    <section className="studio-review" aria-labelledby={`review-${job.id}`}>
      <h2 id={`review-${job.id}`}>{words.reviewTitle}</h2>
      <p>{may ? words.reviewHint : words.reviewedByOperators}</p>
      {may && (
        <>
          <label>
            <span>{words.reviewReason}</span>
            <textarea rows={2} maxLength={500} value={reason} aria-invalid={missing || undefined} aria-describedby={missing ? "review-missing" : undefined} onChange={(event) => setReason(event.target.value)} />
          </label>
          {missing && (
            <p id="review-missing" className="studio-problem" role="alert">
              {words.reviewReasonMissing}
            </p>
          )}
          <div className="studio-actions">
            <button type="button" className="studio-main" aria-disabled={decide.isPending} onClick={() => say(true)}>
              {words.reviewApprove}
            </button>
            <button type="button" aria-disabled={decide.isPending} onClick={() => say(false)}>
              {words.reviewRefuse}
            </button>
          </div>
        </>
      )}
      <Failure error={decide.error} />
    </section>
  );
}

/** Whether the one who looks may decide; null while that is not known. */
function useMay(console: boolean): boolean | null {
  const session = useSession();
  const operator = session.state === "in" && session.account.role === "operator";
  const rules = useQuery({
    queryKey: ["studio", "rules"],
    queryFn: () => answered(api.GET("/api/studio/rules")),
    enabled: !console && !operator,
  });
  if (console || operator) return true;
  return rules.data ? rules.data.reviewers === "partner" : null;
}

export function Reviewed({ review }: { review: Review }) {
  const words = useStudioWords();
  const language = useLanguage();
  return (
    <section className="studio-review">
      <h2>{review.approved ? words.reviewApproved : words.reviewRefused}</h2>
      <p>{review.reason}</p>
      <p className="quiet">
        {words.reviewBy(review.by.name || review.by.id, review.by.is_operator)} · {agoOf(review.at_ms, language)}
      </p>
    </section>
  );
}
