/** What is live of a film or an episode: its sound and its protection, changed without encoding. */

import { useState } from "react";

import type { LiveVersion, Title } from "../api/types";
import { JobCard } from "./JobCard";
import { TitleProtection } from "./TitleProtection";
import { TitleSounds } from "./TitleSounds";
import { contentsOf } from "./TitleSubtitles";
import { ENDED, useJobs, useLiveJobs, useLiveVersion } from "./live";
import { useStudioWords } from "./words";

export function TitleLive({ title }: { title: Title }) {
  const words = useStudioWords();
  const contents = contentsOf(title);
  const [chosen, setChosen] = useState(contents[0]?.id ?? "");
  const live = useLiveVersion(title.id, chosen);
  if (contents.length === 0) return null;
  return (
    <section className="studio-editor form" aria-label={words.liveVersion}>
      <h2>{words.liveVersion}</h2>
      <p className="quiet">{live.data === null ? words.notLive : words.liveVersionHint}</p>
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
      {live.isError && (
        <p className="form-error" role="alert">
          {live.error.message}
        </p>
      )}
      {live.data && <Changes key={chosen} titleId={title.id} contentId={chosen} live={live.data} />}
    </section>
  );
}

function Changes({ titleId, contentId, live }: { titleId: string; contentId: string; live: LiveVersion }) {
  useLiveJobs();
  const jobs = (useJobs().data ?? []).filter((job) => job.content_id === contentId);
  const shown = jobs.filter((job, at) => at === 0 || !ENDED.has(job.state));
  return (
    <>
      <TitleSounds titleId={titleId} contentId={contentId} live={live} />
      <TitleProtection key={live.scheme} titleId={titleId} contentId={contentId} live={live} />
      <ul className="studio-jobs">
        {shown.map((job) => (
          <JobCard key={job.id} job={job} name={job.file_name} />
        ))}
      </ul>
    </>
  );
}
