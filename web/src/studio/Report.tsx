/** All that is known of one delivery: why it was refused, or how it was made. */

import { Link, useParams } from "react-router";
import "./report.css";

import type { Job, JobReport, Rung, Saving } from "../api/types";
import { Failure } from "../components/Failure";
import { useLanguage } from "../words";
import { Checks } from "./Checks";
import { formatName } from "./formats";
import { HullPlot } from "./HullPlot";
import { SideScroll } from "./SideScroll";
import { Actions, Reason, SAYS_WHY } from "./JobCard";
import { Estimate } from "./Estimate";
import { JobSchedule } from "./JobSchedule";
import { Progress } from "./Progress";
import { Reviewed, ReviewForm } from "./ReviewForm";
import { FindingList } from "./FindingList";
import { amountOf, masterFacts, timeCode } from "./figures";
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
          {report.data && <Figures report={report.data} job={job} inspected={job.steps.some((step) => step.name === "quality" && step.state === "done")} />}
        </>
      )}
    </section>
  );
}

/** What it comes down to: the bits saved against the same ladder for every title. */
function SavingLine({ saving }: { saving: Saving }) {
  const words = useStudioWords();
  const percent = Math.round(saving.percent);
  return (
    <section className="studio-saving">
      <p>
        <strong>{percent === 0 ? words.sameBits : percent > 0 ? words.fewerBits(percent) : words.moreBits(-percent)}</strong> <span className="studio-state">{words.savingBasis[saving.basis]}</span>
      </p>
      <p className="quiet">{words.savingHint(saving.rungs.map((rung) => `${rung.lines}p`).join(", "))}</p>
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
          <p className="lead">{words.hullLead}</p>
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

function Rungs({ rungs, quality }: { rungs: Rung[]; quality: JobReport["quality"] }) {
  const words = useStudioWords();
  const detailed = rungs.some((rung) => quality[rung.name]);
  const models = [...new Set(rungs.map((rung) => rung.vmaf_model).filter(Boolean))];
  return (
    <div className="studio-table">
      <SideScroll label={words.rungs}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.resolution}</th>
              <th scope="col">{words.format}</th>
              <th scope="col">{words.average}</th>
              <th scope="col">{words.peak}</th>
              <th scope="col">{words.quality}</th>
              {detailed && (
                <>
                  <th scope="col">{words.harmonic}</th>
                  <th scope="col">{words.lowFrames}</th>
                  <th scope="col">{words.worstSecond}</th>
                  <th scope="col">{words.onPhone}</th>
                </>
              )}
            </tr>
          </thead>
          <tbody>
            {rungs.map((rung) => (
              <tr key={rung.name}>
                <th scope="row">
                  {rung.width} × {rung.height}
                </th>
                <td>{formatName(rung)}</td>
                <td>{rung.bitrate_kbps} kbit/s</td>
                <td>{rung.peak_kbps} kbit/s</td>
                <td>
                  {rung.vmaf === null ? (
                    <span className="quiet">{words.unmeasured}</span>
                  ) : (
                    <>
                      <span className="studio-score">
                        <span style={{ inlineSize: `${rung.vmaf}%` }} />
                      </span>
                      {rung.vmaf.toFixed(1)}
                    </>
                  )}
                </td>
                {detailed && <Details of={quality[rung.name]} />}
              </tr>
            ))}
          </tbody>
        </table>
      </SideScroll>
      {models.length > 0 && <p className="quiet">{words.model(models.join(", "))}</p>}
    </div>
  );
}

/** What the mean does not say: how it is where a rung is worst. */
function Details({ of: measured }: { of: JobReport["quality"][string] | undefined }) {
  const words = useStudioWords();
  if (!measured) {
    return (
      <td colSpan={4} className="quiet">
        {words.unmeasured}
      </td>
    );
  }
  return (
    <>
      <td>{measured.harmonic.toFixed(1)}</td>
      <td>{measured.low.toFixed(1)}</td>
      <td>
        {measured.worst_second.toFixed(1)} <span className="quiet">({timeCode(measured.worst_second_ms)})</span>
      </td>
      <td>{measured.phone.toFixed(1)}</td>
    </>
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
