/** A partner's titles, by name and state, each the way to what viewers read of it. */

import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate, useSearchParams } from "react-router";
import "./titles.css";

import { answered, api } from "../api/client";
import type { Title, TitleKind, TitleState } from "../api/types";
import { Failure } from "../components/Failure";
import { artworkUrl } from "../components/Picture";
import { useSearchText, withParam } from "../components/searchText";
import { Sentinel } from "../components/Sentinel";
import { useLanguage } from "../words";
import { useTitles } from "./live";
import { useStudioWords } from "./words";

const STATES: TitleState[] = ["draft", "announced", "published", "taken-down"];

export function Titles() {
  const words = useStudioWords();
  const [search, setSearch] = useSearchParams();
  const { text, setText, settled } = useSearchText();
  const state = STATES.find((one) => one === search.get("state")) ?? null;
  const titles = useTitles(settled, state);
  const found = titles.data?.pages.flatMap((page) => page.titles) ?? [];
  return (
    <section className="page studio">
      <title>{`${words.titles} · Vitascope`}</title>
      <header className="page-head">
        <div>
          <h1>{words.titles}</h1>
          <p className="lead">{words.titlesLead}</p>
        </div>
        <NewTitle />
      </header>
      <form className="studio-describe" role="search" onSubmit={(event) => event.preventDefault()}>
        <label>
          <span>{words.findTitles}</span>
          <input
            type="search"
            value={text}
            onChange={(event) => setText(event.target.value)}
            autoComplete="off"
            spellCheck={false}
            enterKeyHint="search"
          />
        </label>
        <label>
          <span>{words.titleState}</span>
          <select
            value={state ?? ""}
            onChange={(event) => setSearch((before) => withParam(before, "state", event.target.value), { replace: true })}
          >
            <option value="">{words.anyState}</option>
            {STATES.map((one) => (
              <option key={one} value={one}>
                {words.titleStates[one]}
              </option>
            ))}
          </select>
        </label>
      </form>
      {titles.isPending && <p className="quiet">{words.loading}…</p>}
      <Failure error={titles.error} />
      {titles.isSuccess && found.length === 0 && (
        <p className="studio-empty" role="status">
          {settled || state ? words.noSuchTitles : words.noTitles}
        </p>
      )}
      <ul className="studio-titles" aria-busy={titles.isFetching}>
        {found.map((title) => (
          <TitleItem key={title.id} title={title} />
        ))}
      </ul>
      {titles.hasNextPage && (
        <Sentinel key={found.length} paused={titles.isFetching} onSeen={() => void titles.fetchNextPage()} />
      )}
    </section>
  );
}

/** A title without a master, to be written first: a series needs its episodes before any. */
function NewTitle() {
  const words = useStudioWords();
  const navigate = useNavigate();
  const add = useMutation({
    mutationFn: (kind: TitleKind) => answered(api.POST("/api/studio/titles", { body: { name: words.untitled, kind, locale: "en" } })),
    onSuccess: (title) => void navigate(`/studio/titles/${title.id}`),
  });
  return (
    <div className="studio-actions" role="group" aria-label={words.addTitle}>
      {(["film", "series"] as const).map((kind) => (
        <button key={kind} type="button" disabled={add.isPending} onClick={() => add.mutate(kind)}>
          {kind === "film" ? words.newFilm : words.newSeries}
        </button>
      ))}
      <Failure error={add.error} />
    </div>
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
