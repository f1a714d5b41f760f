/** What was found in a master, with where it is. */

import { useQuery } from "@tanstack/react-query";

import { answered, api } from "../api/client";
import type { Finding } from "../api/types";
import { dataUrl } from "../components/dataUrl";
import { useLanguage } from "../words";
import { toldOf } from "./findingWords";
import { amountOf, timeCode } from "./figures";
import { useStudioWords } from "./words";

const GRAVEST: Finding["severity"][] = ["refusal", "review", "warning", "note"];

const gravestFirst = (findings: Finding[]) => findings.toSorted((one, other) => GRAVEST.indexOf(one.severity) - GRAVEST.indexOf(other.severity));

interface Props {
  readonly findings: Finding[];
  readonly jobId: string;
  /** An operator looks at a job of whichever partner. */
  readonly console?: boolean;
}

export function FindingList({ findings, jobId, console = false }: Props) {
  const words = useStudioWords();
  const language = useLanguage();
  return (
    <ul className="studio-findings">
      {gravestFirst(findings).map((finding, at) => (
        <li key={`${finding.code}-${at}`} className={finding.severity}>
          <span className="studio-state">{words.severities[finding.severity]}</span>
          <div>
            <Sentences finding={finding} />
            <p className="quiet">
              <code>{finding.code}</code>
              {finding.from_ms !== null && (
                <> · {words.at(timeCode(finding.from_ms), timeCode(finding.until_ms ?? finding.from_ms))}</>
              )}
              {finding.value !== null && (
                <>
                  {" "}
                  · {words.valueOf(amountOf(finding.value, language), finding.value, finding.unit)}
                </>
              )}
            </p>
            {finding.picture && <FindingPicture jobId={jobId} name={finding.picture} at={timeCode(finding.from_ms ?? 0)} console={console} />}
          </div>
        </li>
      ))}
    </ul>
  );
}

function Sentences({ finding }: { finding: Finding }) {
  const { text, english } = toldOf(finding, useLanguage());
  return (
    <>
      {text && <p>{text}</p>}
      {english && (
        <p className={text ? "quiet" : ""} lang="en">
          {english}
        </p>
      )}
    </>
  );
}

/** Only who may read the report gets it, so it is asked for with a token. */
function FindingPicture({ jobId, name, at, console }: { jobId: string; name: string; at: string; console: boolean }) {
  const words = useStudioWords();
  const found = useQuery({
    queryKey: ["studio", "finding", jobId, name],
    queryFn: async () => {
      const options = { params: { path: { job_id: jobId, name } }, parseAs: "blob" as const };
      const asked = console ? api.GET("/api/console/jobs/{job_id}/findings/{name}", options) : api.GET("/api/studio/jobs/{job_id}/findings/{name}", options);
      return dataUrl((await answered<Blob>(asked as Promise<{ data?: Blob; error?: unknown; response: Response }>)) as Blob);
    },
    staleTime: Infinity,
    retry: false,
  });
  return found.data ? <img className="studio-finding-picture" src={found.data} alt={words.pictureAt(at)} loading="lazy" /> : null;
}
