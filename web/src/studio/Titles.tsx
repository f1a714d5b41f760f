/** A partner's titles, each the way to what viewers read of it. */

import { Link } from "react-router";
import "./titles.css";

import type { Title } from "../api/types";
import { artworkUrl } from "../pieces/Picture";
import { useLanguage } from "../words";
import { useTitles } from "./live";
import { useStudioWords } from "./words";

export function Titles() {
  const words = useStudioWords();
  const titles = useTitles();
  return (
    <section className="page studio">
      <title>{`${words.titles} · Vitascope`}</title>
      <header className="page-head">
        <div>
          <h1>{words.titles}</h1>
          <p className="lead">{words.titlesLead}</p>
        </div>
      </header>
      {titles.isPending && <p className="quiet">{words.loading}…</p>}
      {titles.isError && (
        <p className="studio-problem" role="alert">
          {titles.error.message}
        </p>
      )}
      {titles.data?.length === 0 && <p className="studio-empty">{words.noTitles}</p>}
      <ul className="studio-titles">
        {titles.data?.map((title) => (
          <TitleItem key={title.id} title={title} />
        ))}
      </ul>
    </section>
  );
}

function TitleItem({ title }: { title: Title }) {
  const words = useStudioWords();
  const language = useLanguage();
  const { poster, tint } = title.artwork;
  return (
    <li>
      <Link to={`/studio/titles/${title.id}`}>
        <span className="studio-poster" style={{ background: tint }}>
          {poster && <img src={artworkUrl(poster)} alt="" loading="lazy" />}
        </span>
        <span>
          <strong>{nameOf(title, language)}</strong>
          <span className="quiet">
            {title.year} · {words.titleStates[title.state]}
          </span>
        </span>
      </Link>
    </li>
  );
}

export function nameOf(title: Title, language: string): string {
  const own = title.wordings.find((wording) => wording.locale.split("-")[0] === language);
  return (own ?? title.wordings[0])?.name ?? "";
}
