/** All that is known of one delivery: why it was refused, or how it was made. */

import { Link, useParams } from "react-router";
import "./report.css";

import type { Job, JobReport } from "../api/types";
import { Failure } from "../components/Failure";
import { useLanguage } from "../words";
import { Checks } from "./Checks";
import { HullPlot } from "./HullPlot";
import { Rungs, SavingLine } from "./Rungs";
import { Actions, Reason, SAYS_WHY } from "./JobCard";
import { Estimate } from "./Estimate";
import { JobSchedule } from "./JobSchedule";
import { Progress } from "./Progress";
import { Reviewed, ReviewForm } from "./ReviewForm";
import { ShareQuality } from "./ShareQuality";
import { FindingList } from "./FindingList";
import { amountOf, masterFacts } from "./figures";
import { ENDED, RESTING, useJob, useLiveJobs, useReport, useTitle } from "./live";
import { useStudioWords } from "./words";

export function Report() {
  const { id = "" } = useParams();
  const words = useStudioWords();
  useLiveJobs();
  const found = useJob(id);
  const job = found.data;
  const report = useReport(job);
  const title = useTitle(job?.title_id ?? "");
  const name = title.data?.wordings[0]?.name ?? job?.file_name ?? "";
  if (found.isError) {
    return (
      <section className="page studio">
        <Failure error={found.error} />
      </section>
    );
  }
  return (
    <section className="page studio" aria-busy={!job}>
      <title>{`${name || words.report} · ${words.studio}`}</title>
      <p>
        <Link className="studio-back" to="/studio">
          ← {words.back}
        </Link>
      </p>
      {job && (
        <>
          <header className="page-head">
            <div>
              <h1>{name}</h1>
              <p className="lead">{job.file_name}</p>
            </div>
            <output className={`studio-state ${job.state}`}>{words.states[job.state]}</output>
          </header>
          {report.data?.saving && <SavingLine saving={report.data.saving} />}
          {job.reason && SAYS_WHY.has(job.state) && <Reason job={job} />}
          <ReviewForm job={job} />
          {report.data?.review && <Reviewed review={report.data.review} />}
          <Actions job={job} here />
          <JobSchedule job={job} />
          {job.state === "no-room" && <p>{words.noRoom}</p>}
          {!ENDED.has(job.state) && !RESTING.has(job.state) && <Progress job={job} />}
          <Estimate job={job} />
          {report.data && <Download job={job} report={report.data} />}
          {report.data && <ShareQuality job={job} report={report.data} />}
          {report.data && <Figures report={report.data} job={job} inspected={job.steps.some((step) => step.name === "quality" && step.state === "done")} />}
        </>
      )}
    </section>
  );
}

function Download({ job, report }: { job: Job; report: JobReport }) {
  const words = useStudioWords();
  const save = () => {
    const url = URL.createObjectURL(new Blob([JSON.stringify({ job, report }, null, 2)], { type: "application/json" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = `${job.id}.json`;
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <div className="studio-actions">
      <button type="button" onClick={save}>
        {words.downloadReport}
      </button>
    </div>
  );
}

function Figures({ report, job, inspected }: { report: JobReport; job: Job; inspected: boolean }) {
  const words = useStudioWords();
  const language = useLanguage();
  const refusals = report.findings.filter((finding) => finding.severity === "refusal");
  const others = report.findings.filter((finding) => finding.severity !== "refusal");
  return (
    <div className="studio-report">
      {refusals.length > 0 && (
        <section>
          <h2>{words.refusedWhy}</h2>
          <FindingList findings={refusals} jobId={job.id} />
        </section>
      )}
      {report.trials.length > 0 && (
        <section>
          <h2>{words.hull}</h2>
          <p className="lead">{report.trials.some((point) => !point.on_hull && !point.chosen) ? words.hullLead : words.hullForetold}</p>
          <HullPlot trials={report.trials} rungs={report.rungs} />
        </section>
      )}
      {refusals.length === 0 && job.state !== "needs-review" && (
        <section>
          <h2>{words.rungs}</h2>
          {report.rungs.length > 0 ? <Rungs rungs={report.rungs} quality={report.quality} /> : <p className="quiet">{words.noRungs}</p>}
        </section>
      )}
      {(others.length > 0 || refusals.length === 0) && (
        <section>
          <h2>{words.findings}</h2>
          {report.judgement && <p>{words.judgements[report.judgement]}</p>}
          {others.length > 0 ? <FindingList findings={others} jobId={job.id} /> : <p className="quiet">{inspected ? words.noFindings : words.notInspected}</p>}
          {report.loudness_lufs !== null && (
            <p className="quiet">
              {words.loudness(amountOf(report.loudness_lufs, language))}
            </p>
          )}
        </section>
      )}
      <Master master={report.master} />
      <Checks checks={report.checks} />
    </div>
  );
}

function Master({ master }: { master: Record<string, unknown> }) {
  const words = useStudioWords();
  const facts = masterFacts(master, useLanguage());
  if (facts.length === 0) return null;
  return (
    <section>
      <h2>{words.master}</h2>
      <dl className="studio-facts">
        {facts.map(({ name, value }, at) => (
          <div key={`${name}-${at}`}>
            <dt>{words.parts[name]}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
