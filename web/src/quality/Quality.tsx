/** What a title is worth, for everybody to whom its partner gave the address. */

import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import "../studio/studio.css";
import "../studio/report.css";
import "./quality.css";

import { anonymous, answered, api } from "../api/client";
import { asProblem } from "../api/problem";
import { Mark } from "../components/Mark";
import { Notice, Splash, Trouble } from "../components/Notice";
import { useDocumentLanguage } from "../gate";
import { timeCode } from "../studio/figures";
import { HullPlot } from "../studio/HullPlot";
import { Rungs, SavingLine } from "../studio/Rungs";
import { useStudioWords } from "../studio/words";
import { useLanguage, useWords } from "../words";

export default function Quality() {
  const { name = "" } = useParams();
  const language = useLanguage();
  const general = useWords();
  const words = useStudioWords();
  useDocumentLanguage();
  const { data, error, refetch } = useQuery({
    queryKey: ["quality", name],
    queryFn: () => answered(api.GET("/api/quality/{name}", { params: { path: { name } }, ...anonymous })),
  });
  if (error) {
    const problem = asProblem(error);
    if (problem.status !== 404) return <Trouble problem={problem} onRetry={() => void refetch()} whole />;
    return (
      <main className="page quality">
        <Mark />
        <Notice title={words.notShared} first>
          <p>{words.notSharedHint}</p>
        </Notice>
      </main>
    );
  }
  if (!data) return <Splash />;
  const title = data.names[language] ?? Object.values(data.names)[0] ?? "";
  const numbers = data.season ? `S${data.season} E${data.episode} · ` : "";
  return (
    <main className="page studio quality">
      <title>{`${title} · ${words.qualityPage} · ${general.brand}`}</title>
      <Mark />
      <header className="page-head">
        <div>
          <h1>{title}</h1>
          <p className="lead">
            {numbers}
            {timeCode(data.duration_ms)}
          </p>
        </div>
      </header>
      {data.saving && <SavingLine saving={data.saving} />}
      <div className="studio-report">
        {data.trials.length > 0 && (
          <section>
            <h2>{words.hull}</h2>
            <p className="lead">{words.hullLead}</p>
            <HullPlot trials={data.trials} rungs={data.rungs} />
          </section>
        )}
        <section>
          <h2>{words.rungs}</h2>
          <Rungs rungs={data.rungs} quality={data.quality} />
        </section>
        {data.checks > 0 && (
          <section>
            <h2>{words.checks}</h2>
            <p className={data.checks_passed === data.checks ? "studio-good" : ""}>
              {data.checks_passed === data.checks ? words.allChecksPassed(data.checks) : words.checksCount(data.checks_passed, data.checks)}
            </p>
          </section>
        )}
      </div>
    </main>
  );
}
