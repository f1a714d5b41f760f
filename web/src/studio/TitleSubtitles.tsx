/** Subtitle files that come beside the master of a film or an episode. */

import { useRef, useState } from "react";

import type { Title } from "../api/types";
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

function Files({ titleId, contentId }: { titleId: string; contentId: string }) {
  const words = useStudioWords();
  const language = useLanguage();
  const kept = useSubtitles(titleId, contentId);
  const change = useSubtitleChange(titleId, contentId);
  const input = useRef<HTMLInputElement>(null);
  const [code, setCode] = useState<string>(language);
  const error = kept.error ?? change.error;
  return (
    <>
      {kept.data?.length === 0 && <p className="quiet">{words.noSubtitles}</p>}
      <ul className="studio-subtitles">
        {kept.data?.map((one) => (
          <li key={one.language}>
            <strong>{languageName(one.language, language)}</strong>
            <span className="quiet">{one.file_name}</span>
            <button
              type="button"
              aria-label={words.removeSubtitles(languageName(one.language, language))}
              onClick={() => change.mutate({ language: one.language })}
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
          if (file) change.mutate({ language: code, file });
          event.target.value = "";
        }}
      />
    </>
  );
}
