/** Which episode of a series something is about. */

import { useState } from "react";

import type { Title } from "../api/types";
import { useStudioWords } from "./words";

export interface Content {
  readonly id: string;
  readonly name: string;
}

/** What one can press play on: the film itself, or the episodes. */
export function contentsOf(title: Title): Content[] {
  if (title.kind === "film") return [{ id: title.id, name: title.wordings[0]?.name ?? "" }];
  return title.seasons.flatMap((season) =>
    season.episodes.map((episode) => ({
      id: episode.id,
      name: `S${season.number} E${episode.number} ${episode.wordings[0]?.name ?? ""}`,
    })),
  );
}

/** The chosen film or episode, and how to choose another. */
export function useContent(title: Title): [contentId: string, choose: (id: string) => void] {
  const [chosen, choose] = useState("");
  const contents = contentsOf(title);
  const id = contents.some((one) => one.id === chosen) ? chosen : (contents[0]?.id ?? "");
  return [id, choose];
}

export function ContentChoice({ title, chosen, onChoose }: { title: Title; chosen: string; onChoose: (id: string) => void }) {
  const words = useStudioWords();
  const contents = contentsOf(title);
  if (title.kind !== "series" || contents.length === 0) return null;
  return (
    <label className="field">
      <span>{words.episode}</span>
      <select value={chosen} onChange={(event) => onChoose(event.target.value)}>
        {contents.map((content) => (
          <option key={content.id} value={content.id}>
            {content.name}
          </option>
        ))}
      </select>
    </label>
  );
}
