/** Subtitle files that come beside the master of a film or an episode. */

import { useRef, useState } from "react";

import type { Title } from "../api/types";
import { languageName, useLanguage } from "../words";
import { useSubtitleChange, useSubtitles } from "./live";
import { useStudioWords } from "./words";

export function TitleSubtitles({ title }: { title: Title }) {
  const words = useStudioWords();
  const contents = contentsOf(title);
  const [chosen, setChosen] = useState(contents[0]?.id ?? "");
  if (contents.length === 0) return null;
  return (
    <section className="studio-editor form" aria-label={words.subtitles}>
      <h2>{words.subtitles}</h2>
      <p className="quiet">{words.subtitlesHint}</p>
      {title.kind === "series" && (
        <label className="field">
          <span>{words.episode}</span>
          <select value={chosen} onChange={(event) => setChosen(event.target.value)}>
            {contents.map((content) => (
              <option key={content.id} value={content.id}>
                {content.name}
              </option>
            ))}
          </select>
        </label>
      )}
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
      {error && (
        <p className="form-error" role="alert">
          {error.message}
        </p>
      )}
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
        accept=".srt,.vtt,text/vtt,application/x-subrip"
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

export function contentsOf(title: Title): { id: string; name: string }[] {
  if (title.kind === "film") return [{ id: title.id, name: title.wordings[0]?.name ?? "" }];
  return title.seasons.flatMap((season) =>
    season.episodes.map((episode) => ({
      id: episode.id,
      name: `${season.number}.${episode.number} ${episode.wordings[0]?.name ?? ""}`,
    })),
  );
}
