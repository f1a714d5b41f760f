/** A master that needs review, whichever partner's: what was found, and the decision. */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { FindingList } from "../studio/FindingList";
import { Reviewed, ReviewForm } from "../studio/ReviewForm";
import { nameOf } from "../studio/Titles";
import "../studio/studio.css";
import "../studio/report.css";
import { useStudioWords } from "../studio/words";
import { useLanguage } from "../words";
import { Panel } from "./Panel";
import { jobQuery, reportQuery, titleNamesQuery } from "./queries";
import { useOperatorWords } from "./words";

export function JobReview() {
  const { id = "" } = useParams();
  const words = useOperatorWords();
  const studio = useStudioWords();
  const language = useLanguage();
  const asked = useQuery(jobQuery(id));
  const job = asked.data;
  const report = useQuery(reportQuery(id, job?.state ?? ""));
  const titles = useQuery(titleNamesQuery(job ? [job.title_id] : []));
  const title = titles.data?.titles[0];
  const name = title ? nameOf(title, language) : (job?.file_name ?? "");
  return (
    <>
      <p>
        <Link className="link" to="/operator/jobs?filter=needs-review">
          ← {words.jobs}
        </Link>
      </p>
      <h1>{name}</h1>
      <Panel id="review" title={job?.file_name ?? words.jobs} asked={[asked, report]} wide>
        {job && <p className="quiet">{studio.states[job.state]}</p>}
        {job && <ReviewForm job={job} console />}
        {report.data?.review && <Reviewed review={report.data.review} />}
        {report.data && (report.data.findings.length > 0 ? <FindingList findings={report.data.findings} jobId={id} console /> : <p className="quiet">{studio.noFindings}</p>)}
      </Panel>
    </>
  );
}
