/** What was verified before publishing: one line when all is well, else the streams that are not. */

import { byStream, verdictOf, type Check, type Stream } from "./checks";
import { useStudioWords } from "./words";

export function Checks({ checks }: { checks: Record<string, unknown> }) {
  const words = useStudioWords();
  const all = Object.values(checks) as Check[];
  if (all.length === 0) return null;
  const streams = byStream(all);
  const odd = streams.filter((stream) => stream.verdict !== "passed");
  const passed = all.filter((check) => verdictOf(check) === "passed").length;
  return (
    <section>
      <h2>{words.checks}</h2>
      <p className={odd.length === 0 ? "studio-good" : ""}>
        {odd.length === 0 ? words.allChecksPassed(all.length) : words.checksPassed(passed, all.length)}
      </p>
      {odd.map((stream) => (
        <StreamChecks key={stream.subject} stream={stream} />
      ))}
      <details>
        <summary>{words.everyCheck}</summary>
        {streams.map((stream) => (
          <StreamChecks key={stream.subject} stream={stream} whole />
        ))}
      </details>
    </section>
  );
}

function StreamChecks({ stream, whole = false }: { stream: Stream; whole?: boolean }) {
  const words = useStudioWords();
  const shown = whole ? stream.checks : stream.checks.filter((check) => verdictOf(check) !== "passed");
  return (
    <div className="studio-stream" data-verdict={stream.verdict}>
      <h3>{stream.subject}</h3>
      <ul className="studio-checks">
        {shown.map((check) => {
          const verdict = verdictOf(check);
          return (
            <li key={check.name} className={verdict}>
              <span>
                <strong>{words.verdicts[verdict]}:</strong> <span lang="en">{check.sentence}</span>
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
