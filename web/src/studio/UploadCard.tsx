import { useSettled } from "../components/searchText";
import { bytes } from "./figures";
import { useTitles } from "./live";
import { describe, drop, pause, start, type Delivery, type Priority } from "./uploads";
import { useStudioWords } from "./words";

const OFFERED = 10; // titles

/** One file on its way: what it is of, how far it is, and the means to stop and go on. */
export function UploadCard({ delivery }: { delivery: Delivery }) {
  const words = useStudioWords();
  const { key, file, phase, sent } = delivery;
  const share = file.size ? sent / file.size : 1;
  const begins = phase === "ready" || phase === "lost";
  const percent = Math.floor(share * 100);
  return (
    <li className="studio-card">
      <div className="studio-card-head">
        <strong>{file.name}</strong>
        <span className="quiet">{bytes(file.size)}</span>
      </div>
      {phase === "lost" && <p className="studio-problem" role="alert">{words.lost}</p>}
      {begins && !delivery.place && !delivery.sound && <Description delivery={delivery} />}
      {!begins && (
        <>
          <progress max={1} value={share} aria-label={`${words.uploading} ${file.name}`} />
          <output className="quiet">
            {said(delivery, words)} {phase !== "received" && `${bytes(sent)} · ${percent} %`}
          </output>
        </>
      )}
      {delivery.place && phase === "ready" && (
        <p className="studio-good">{words.resumeHint(percent)}</p>
      )}
      {delivery.problem && (
        <p className="studio-problem" role="alert">
          {delivery.problem}
        </p>
      )}
      <div className="studio-actions">
        {begins && (
          <button type="button" className="studio-main" onClick={() => void start(key)}>
            {delivery.place ? words.resume : words.upload}
          </button>
        )}
        {(phase === "sending" || phase === "broken") && (
          <button type="button" onClick={() => void pause(key)}>
            {words.pause}
          </button>
        )}
        {(phase === "paused" || phase === "refused") && (
          <button type="button" className="studio-main" onClick={() => void start(key)}>
            {words.resume}
          </button>
        )}
        {phase !== "received" && (
          <button type="button" onClick={() => void drop(key)}>
            {begins ? words.remove : words.giveUp}
          </button>
        )}
      </div>
    </li>
  );
}

function Description({ delivery }: { delivery: Delivery }) {
  const words = useStudioWords();
  const offered = `titles-for-${delivery.key}`;
  return (
    <div className="studio-describe">
      <label>
        <span>{words.titleOf}</span>
        <input
          list={offered}
          value={delivery.title}
          required
          onChange={(event) => describe(delivery.key, { title: event.target.value })}
        />
      </label>
      <KnownTitles id={offered} typed={delivery.title} />
      <label>
        <span>{words.priority}</span>
        <select
          value={delivery.priority}
          onChange={(event) => describe(delivery.key, { priority: event.target.value as Priority })}
        >
          {Object.entries(words.priorities).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

/** Offers the partner's titles whose name has in it what was typed. */
function KnownTitles({ id, typed }: { id: string; typed: string }) {
  const titles = useTitles(useSettled(typed), null, OFFERED);
  const names = titles.data?.pages[0]?.titles.map((title) => title.wordings[0]?.name ?? "") ?? [];
  return (
    <datalist id={id}>
      {[...new Set(names)].map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </datalist>
  );
}

function said(delivery: Delivery, words: ReturnType<typeof useStudioWords>): string {
  switch (delivery.phase) {
    case "paused":
      return `${words.paused} ·`;
    case "broken":
      return words.waitingLine;
    case "received":
      return words.received;
    default:
      return `${words.uploading} ·`;
  }
}
