import type { StepProgress } from "../api/types";
import { useLanguage } from "../words";
import { percentOf } from "./figures";
import { useStudioWords } from "./words";

type Words = ReturnType<typeof useStudioWords>;

/** "40%", or "3 of 4 chunks". */
function amount(step: StepProgress, words: Words, language: string): string {
  return step.unit === "%" ? percentOf(step.done / 100, language) : words.of(step.done, step.total, step.unit);
}

/** A step's name in the viewer's language; one that is new has the service's own. */
function nameOf(name: string, words: Words): string {
  const [kind, rendition] = name.split(" ");
  if (words.stepNames[name]) return words.stepNames[name];
  if (!rendition) return name;
  return kind === "encode" ? words.encodeStep(rendition) : kind === "first" ? words.firstStep(rendition) : name;
}

/** Every step that has begun, each rung with its chunks. */
export function Steps({ steps }: { steps: StepProgress[] }) {
  const words = useStudioWords();
  const language = useLanguage();
  return (
    <ol className="studio-steps" aria-label={words.steps}>
      {steps.map((step) => (
        <li key={step.name} className={step.state}>
          <span className="studio-step-name">{nameOf(step.name, words)}</span>
          <progress
            max={step.total || 1}
            {...(step.state === "running" && !step.total
              ? {}
              : { value: step.state === "done" ? step.total || 1 : step.done })}
            aria-label={nameOf(step.name, words)}
          />
          <span className="quiet">
            {step.total > 1 && step.state !== "waiting"
              ? amount(step, words, language)
              : step.detail}
          </span>
        </li>
      ))}
    </ol>
  );
}
