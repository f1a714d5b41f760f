/** What went wrong, in a sentence, where it went wrong. */

import { asProblem } from "../api/problem";
import { sentenceOf, useWords } from "../words";

export function Failure({ error }: { error: unknown }) {
  const words = useWords();
  if (!error) return null;
  const problem = asProblem(error);
  return (
    <p className="form-error" role="alert">
      {sentenceOf(words, problem)}
    </p>
  );
}
