import { bytesOf } from "../components/bytes";
import { Failure } from "../components/Failure";
import { useLanguage } from "../words";
import { DeliveryFor } from "./DeliveryFor";
import { percentOf } from "./figures";
import { drop, pause, start, type Delivery } from "./uploads";
import { useStudioWords } from "./words";

/** One file on its way: what it is of, how far it is, and the means to stop and go on. */
export function UploadCard({ delivery }: { delivery: Delivery }) {
  const words = useStudioWords();
  const language = useLanguage();
  const { key, file, phase, sent } = delivery;
  const share = file.size ? sent / file.size : 1;
  const begins = phase === "ready" || phase === "lost";
  const percent = Math.floor(share * 100);
  return (
    <li className="studio-card">
      <div className="studio-card-head">
        <strong>{file.name}</strong>
        <span className="quiet">{bytesOf(file.size, language)}</span>
      </div>
      {phase === "lost" && <p className="studio-problem" role="alert">{words.lost}</p>}
      {begins && !delivery.place && !delivery.sound && <DeliveryFor delivery={delivery} />}
      {!begins && (
        <>
          <progress max={1} value={share} aria-label={`${words.uploading} ${file.name}`} />
          <output className="quiet">
            {said(delivery, words)} {phase !== "received" && `${bytesOf(sent, language)} · ${percentOf(share, language)}`}
          </output>
        </>
      )}
      {delivery.place && phase === "ready" && (
        <p className="studio-good">{words.resumeHint(percent)}</p>
      )}
      <Failure error={delivery.problem} />
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
