/** What is live of a film or an episode: its sound and its protection, changed without encoding, and its formats. */

import type { LiveVersion, Title } from "../api/types";
import { Failure } from "../components/Failure";
import { ContentChoice, useContent } from "./ContentChoice";
import { JobCard } from "./JobCard";
import { TitleFormats } from "./TitleFormats";
import { FirstProtection, TitleProtection } from "./TitleProtection";
import { TitleSounds } from "./TitleSounds";
import { ENDED, useJobs, useLiveJobs, useLiveVersion } from "./live";
import { useStudioWords } from "./words";

export function TitleLive({ title }: { title: Title }) {
  const words = useStudioWords();
  const [chosen, choose] = useContent(title);
  const live = useLiveVersion(title.id, chosen);
  if (!chosen) return null;
  return (
    <section className="studio-editor form" aria-label={words.liveVersion}>
      <h2>{words.liveVersion}</h2>
      <p className="quiet">{live.data === null ? words.notLive : words.liveVersionHint}</p>
      <ContentChoice title={title} chosen={chosen} onChoose={choose} />
      <Failure error={live.error} />
      {live.data === null && <FirstProtection title={title} />}
      {live.data && <Changes key={chosen} titleId={title.id} contentId={chosen} live={live.data} />}
    </section>
  );
}

function Changes({ titleId, contentId, live }: { titleId: string; contentId: string; live: LiveVersion }) {
  useLiveJobs();
  const jobs = useJobs(contentId).data ?? [];
  const shown = jobs.filter((job, at) => at === 0 || !ENDED.has(job.state));
  return (
    <>
      <TitleSounds titleId={titleId} contentId={contentId} live={live} />
      {!live.partial && <TitleFormats titleId={titleId} contentId={contentId} live={live} />}
      <TitleProtection key={live.scheme} titleId={titleId} contentId={contentId} live={live} />
      <ul className="studio-jobs">
        {shown.map((job) => (
          <JobCard key={job.id} job={job} name={job.file_name} />
        ))}
      </ul>
    </>
  );
}
