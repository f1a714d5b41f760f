/** A series' seasons and episodes, as a part of the title's form. */

import type { Title } from "../api/types";
import { useStudioWords } from "./words";

export interface EpisodeRow {
  readonly id?: string;
  readonly number: number;
  readonly name: string;
  readonly synopsis: string;
  /** What viewers can watch stays. */
  readonly live: boolean;
}

export interface SeasonRow {
  readonly number: number;
  readonly episodes: readonly EpisodeRow[];
}

export function seasonRowsOf(title: Title): SeasonRow[] {
  const locale = title.wordings[0]?.locale;
  return title.seasons.map((season) => ({
    number: season.number,
    episodes: season.episodes.map((episode) => {
      const words = episode.wordings.find((one) => one.locale === locale) ?? episode.wordings[0];
      const { id, number, playable } = episode;
      return { id, number, live: playable, name: words?.name ?? "", synopsis: words?.synopsis ?? "" };
    }),
  }));
}

interface Props {
  readonly seasons: readonly SeasonRow[];
  readonly onChange: (seasons: readonly SeasonRow[]) => void;
}

export function TitleSeasons({ seasons, onChange }: Props) {
  const words = useStudioWords();
  const change = (at: number, episodes: readonly EpisodeRow[]) =>
    onChange(seasons.map((season, here) => (here === at ? { ...season, episodes } : season)).filter((season) => season.episodes.length > 0));
  const next = Math.max(0, ...seasons.map((season) => season.number)) + 1;
  return (
    <fieldset className="form">
      <legend>{words.seasons}</legend>
      {seasons.map((season, at) => (
        <Season key={season.number} season={season} onChange={(episodes) => change(at, episodes)} />
      ))}
      <div className="studio-actions">
        <button type="button" onClick={() => onChange([...seasons, { number: next, episodes: [fresh(1)] }])}>
          {words.addSeason}
        </button>
      </div>
    </fieldset>
  );
}

function Season({ season, onChange }: { season: SeasonRow; onChange: (episodes: readonly EpisodeRow[]) => void }) {
  const words = useStudioWords();
  const { episodes } = season;
  const change = (at: number, part: Partial<EpisodeRow>) =>
    onChange(episodes.map((episode, here) => (here === at ? { ...episode, ...part } : episode)));
  return (
    <fieldset className="form studio-season">
      <legend>{words.season(season.number)}</legend>
      <ul className="studio-episodes">
        {episodes.map((episode, at) => (
          <li key={episode.id ?? at}>
            <input
              type="number"
              min={0}
              max={9999}
              required
              aria-label={words.episodeNumber}
              value={episode.number}
              onChange={(event) => change(at, { number: event.target.valueAsNumber || 0 })}
            />
            <input
              required
              maxLength={200}
              aria-label={words.episodeName}
              placeholder={words.episodeName}
              value={episode.name}
              onChange={(event) => change(at, { name: event.target.value })}
            />
            <textarea
              rows={2}
              maxLength={4000}
              aria-label={words.episodeSynopsis}
              placeholder={words.episodeSynopsis}
              value={episode.synopsis}
              onChange={(event) => change(at, { synopsis: event.target.value })}
            />
            {episode.live ? (
              <span className="studio-state live">{words.episodeLive}</span>
            ) : (
              <button
                type="button"
                aria-label={words.removeEpisode(episode.number, season.number)}
                onClick={() => onChange(episodes.filter((_, here) => here !== at))}
              >
                ×
              </button>
            )}
          </li>
        ))}
      </ul>
      <div className="studio-actions">
        <button type="button" onClick={() => onChange([...episodes, fresh(Math.max(0, ...episodes.map((one) => one.number)) + 1)])}>
          {words.addEpisode}
        </button>
      </div>
    </fieldset>
  );
}

const fresh = (number: number): EpisodeRow => ({ number, name: "", synopsis: "", live: false });
