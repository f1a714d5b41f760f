/** A title's page as viewers will see it, before they do. Only its partner sees this one. */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import "../browse/title.css";
import "../browse/billboard.css";

import { answered, api } from "../api/client";
import { TitleFacts } from "../browse/TitleFacts";
import { TitleHead } from "../browse/TitleHead";
import { Failure } from "../components/Failure";
import { Icon } from "../components/Icon";
import { fetchPlayer } from "../components/PlayLink";
import { lengthOf, useLanguage, useWords } from "../words";
import { useStudioWords } from "./words";

export function TitlePreview() {
  const words = useStudioWords();
  const app = useWords();
  const language = useLanguage();
  const { id = "" } = useParams();
  const asked = useQuery({
    queryKey: ["studio", "titles", id, "preview", language],
    queryFn: () =>
      answered(api.GET("/api/studio/titles/{title_id}/preview", { params: { path: { title_id: id }, query: { locale: language } } })),
  });
  const preview = asked.data;
  const card = preview?.page.card;
  const play = (contentId: string) => `/watch/${contentId}?preview=${id}`;
  const episodes = preview?.page.seasons.flatMap((season) => season.episodes) ?? [];
  const first = preview?.contents.find((one) => one === id) ?? episodes.find((one) => preview?.contents.includes(one.id))?.id;
  return (
    <>
      <p className="page studio-preview" role="note">
        <Link className="studio-back" to={`/studio/titles/${id}`}>
          ← {words.edit}
        </Link>
        {" · "}
        {words.previewHint}
      </p>
      {asked.isError && (
        <div className="page">
          <Failure error={asked.error} />
        </div>
      )}
      {preview && card && (
        <article className="title" style={{ "--tint": card.artwork.tint } as React.CSSProperties}>
          <title>{`${card.name} · ${app.brand}`}</title>
          <TitleHead card={card} synopsis={preview.page.synopsis}>
            <div className="actions">
              {first ? (
                <Link className="button" to={play(first)} onPointerEnter={fetchPlayer} onFocus={fetchPlayer}>
                  <Icon name="play" />
                  <span>{app.play}</span>
                </Link>
              ) : (
                <span className="coming">{words.nothingToPlay}</span>
              )}
            </div>
          </TitleHead>
          {episodes.length > 0 && (
            <section className="title-part" aria-labelledby="episodes">
              <h2 id="episodes">{app.episodes}</h2>
              <ol className="episodes">
                {episodes.map((episode) => {
                  const name = `S${episode.season} E${episode.number} ${episode.name}`;
                  return (
                    <li key={episode.id}>
                      {preview.contents.includes(episode.id) ? <Link className="link" to={play(episode.id)}>{name}</Link> : name}{" "}
                      <span className="quiet">
                        {episode.duration_ms ? lengthOf(app, episode.duration_ms) : ""} {episode.synopsis}
                      </span>
                    </li>
                  );
                })}
              </ol>
            </section>
          )}
          <TitleFacts title={preview.page} />
        </article>
      )}
    </>
  );
}
