/** Subtitle files that come beside the master of a film or an episode. */

import { useRef, useState } from "react";

import type { SubtitleKind, Subtitles, Title } from "../api/types";
import { Failure } from "../components/Failure";
import { languageName, useLanguage } from "../words";
import { ContentChoice, useContent } from "./ContentChoice";
import { useSubtitleChange, useSubtitles } from "./live";
import { useStudioWords } from "./words";

export function TitleSubtitles({ title }: { title: Title }) {
  const words = useStudioWords();
  const [chosen, choose] = useContent(title);
  if (!chosen) return null;
  return (
    <section className="studio-editor form" aria-label={words.subtitles}>
      <h2>{words.subtitles}</h2>
      <p className="quiet">{words.subtitlesHint}</p>
      <ContentChoice title={title} chosen={chosen} onChoose={choose} />
      <Files key={chosen} titleId={title.id} contentId={chosen} />
    </section>
  );
}

const KINDS: readonly SubtitleKind[] = ["full", "sdh", "forced"];
const MOST_MOVED_S = 3600;

function Files({ titleId, contentId }: { titleId: string; contentId: string }) {
  const words = useStudioWords();
  const language = useLanguage();
  const kept = useSubtitles(titleId, contentId);
  const change = useSubtitleChange(titleId, contentId);
  const input = useRef<HTMLInputElement>(null);
  const [code, setCode] = useState<string>(language);
  const [kind, setKind] = useState<SubtitleKind>("full");
  const error = kept.error ?? change.error;
  return (
    <>
      {kept.data?.length === 0 && <p className="quiet">{words.noSubtitles}</p>}
      <ul className="studio-subtitles">
        {kept.data?.map((one) => (
          <li key={`${one.language} ${one.kind}`}>
            <strong>{languageName(one.language, language)}</strong>
            {one.kind && one.kind !== "full" && <span>{words.subtitleKinds[one.kind]}</span>}
            <span className="quiet">{one.file_name}</span>
            <Moved key={one.moved_ms} of={one} onMove={(movedMs) => change.mutate({ language: one.language, kind: one.kind ?? "full", movedMs })} />
            <button
              type="button"
              aria-label={words.removeSubtitles(languageName(one.language, language))}
              onClick={() => change.mutate({ language: one.language, kind: one.kind ?? "full" })}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      <Failure error={error} />
      <div className="studio-actions studio-add">
        <label className="field">
          <span>{words.language}</span>
          <input value={code} onChange={(event) => setCode(event.target.value.trim())} />
          <span className="quiet">{words.languageHint}</span>
        </label>
        <label className="field">
          <span>{words.subtitleKind}</span>
          <select value={kind} onChange={(event) => setKind(KINDS.find((each) => each === event.target.value) ?? "full")}>
            {KINDS.map((each) => (
              <option key={each} value={each}>
                {words.subtitleKinds[each]}
              </option>
            ))}
          </select>
        </label>
        <button type="button" disabled={!code || change.isPending} onClick={() => input.current?.click()}>
          {words.addSubtitles}
        </button>
      </div>
      <input
        ref={input}
        type="file"
        accept=".srt,.vtt,.ass,.ssa,.ttml,.dfxp,.xml,.itt,.scc,.stl,text/vtt,application/x-subrip"
        className="unseen"
        aria-label={words.addSubtitles}
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) change.mutate({ language: code, kind, file });
          event.target.value = "";
        }}
      />
    </>
  );
}

/** By how many seconds a file's times are moved. */
function Moved({ of, onMove }: { of: Subtitles; onMove: (movedMs: number) => void }) {
  const words = useStudioWords();
  const kept = (of.moved_ms ?? 0) / 1000;
  const [seconds, setSeconds] = useState(String(kept));
  const wanted = Number(seconds.replace(",", "."));
  const isFit = seconds.trim() !== "" && Math.abs(wanted) <= MOST_MOVED_S;
  return (
    <form
      className="studio-moved"
      onSubmit={(event) => {
        event.preventDefault();
        if (isFit) onMove(Math.round(wanted * 1000));
      }}
    >
      <label>
        <span className="quiet">{words.subtitlesLater}</span>
        <input inputMode="decimal" value={seconds} onChange={(event) => setSeconds(event.target.value)} />
        <span className="quiet">s</span>
      </label>
      {isFit && wanted !== kept && <button type="submit">{words.moveSubtitles}</button>}
    </form>
  );
}
