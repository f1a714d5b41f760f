/** What was found in a master, with where it is. */

import type { Finding } from "../api/types";
import { useLanguage } from "../words";
import { toldOf } from "./findingWords";
import { amountOf, timeCode } from "./figures";
import { useStudioWords } from "./words";

export function FindingList({ findings }: { findings: Finding[] }) {
  const words = useStudioWords();
  const language = useLanguage();
  return (
    <ul className="studio-findings">
      {findings.map((finding, at) => (
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
