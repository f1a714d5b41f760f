/** What viewers read and see of one title. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link, useParams } from "react-router";
import "./titles.css";

import { answered, api } from "../api/client";
import type { Credit, CreditRole, Maturity, Title, TitleDraft } from "../api/types";
import { Failure } from "../components/Failure";
import { languageInText, LANGUAGES, useLanguage, useWords } from "../words";
import { TitleDelivery } from "./TitleDelivery";
import { TitleLive } from "./TitleLive";
import { TitlePictures } from "./TitlePictures";
import { seasonRowsOf, TitleSeasons, type SeasonRow } from "./TitleSeasons";
import { TitleStanding } from "./TitleStanding";
import { TitleSubtitles } from "./TitleSubtitles";
import { TitleWindows, windowRowsOf, windowsOf, type WindowRow } from "./TitleWindows";
import { nameOf } from "./Titles";
import { useKnownGenres, useTitle } from "./live";
import { useStudioWords } from "./words";

const LEVELS: Maturity[] = [0, 7, 13, 16, 18];
const TITLES = ["studio", "titles"];

type Person = Pick<Credit, "name" | "role" | "character"> & { person_id?: string };

export function TitleEditor() {
  const words = useStudioWords();
  const language = useLanguage();
  const { id = "" } = useParams();
  const title = useTitle(id);
  return (
    <section className="page studio">
      <Link className="studio-back" to="/studio/titles">
        ← {words.allTitles}
      </Link>
      {title.isPending && <p className="quiet">{words.loading}…</p>}
      <Failure error={title.error} />
      {title.data && (
        <>
          <title>{`${nameOf(title.data, language)} · Vitascope`}</title>
          <header className="studio-card-head">
            <h1>{nameOf(title.data, language)}</h1>
            <span className="studio-actions">
              <Link to={`/studio/titles/${id}/preview`}>{words.preview}</Link>
              <span className="studio-state">{words.titleStates[title.data.state]}</span>
            </span>
          </header>
          <TitlePictures title={title.data} />
          <Form key={title.data.id} title={title.data} />
          <TitleDelivery title={title.data} />
          <TitleSubtitles title={title.data} />
          <TitleLive title={title.data} />
        </>
      )}
    </section>
  );
}

function Form({ title }: { title: Title }) {
  const words = useStudioWords();
  const client = useQueryClient();
  const [people, setPeople] = useState<readonly Person[]>(title.credits);
  const [seasons, setSeasons] = useState<readonly SeasonRow[]>(() => seasonRowsOf(title));
  const [windows, setWindows] = useState<readonly WindowRow[]>(() => windowRowsOf(title.windows));
  const params = { path: { title_id: title.id } };
  const save = useMutation({
    mutationFn: async (drafts: TitleDraft[]) => {
      let saved = title;
      for (const body of drafts) saved = await answered(api.PUT("/api/studio/titles/{title_id}", { params, body }));
      return saved;
    },
    onSuccess: (saved) => setSeasons(seasonRowsOf(saved)), // new episodes have their ids now
    onSettled: () => client.invalidateQueries({ queryKey: TITLES }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const episodes = title.kind === "series" ? { seasons: seasons.map(seasonDraftOf) } : {};
    save.mutate(draftsOf(new FormData(event.currentTarget), people, { windows: windowsOf(windows), ...episodes }));
  };
  return (
    <form className="studio-editor form" onSubmit={submit} onChange={() => save.reset()}>
      {LANGUAGES.map((locale) => (
        <Wordings key={locale} title={title} locale={locale} />
      ))}
      <Facts title={title} />
      {title.kind === "series" && <TitleSeasons seasons={seasons} onChange={setSeasons} />}
      <People people={people} onChange={setPeople} />
      <TitleWindows rows={windows} onChange={setWindows} />
      {(title.state === "draft" || title.state === "announced") && (
        <label className="check">
          <input type="checkbox" name="announced" defaultChecked={title.state === "announced"} />
          {words.announce}
          <input type="hidden" name="may_announce" value="yes" />
        </label>
      )}
      <div className="studio-actions studio-save">
        <Failure error={save.error} />
        <button type="submit" className="studio-main" disabled={save.isPending}>
          {words.save}
        </button>
        <TitleStanding title={title} />
        <output>{save.isSuccess && words.saved}</output>
      </div>
    </form>
  );
}

function Wordings({ title, locale }: { title: Title; locale: string }) {
  const words = useStudioWords();
  const language = useLanguage();
  const own = title.wordings.find((wording) => wording.locale.split("-")[0] === locale);
  const key = own?.locale ?? locale;
  const first = title.wordings[0]?.locale === key;
  return (
    <fieldset className="form">
      <legend>
        {words.wordsIn} {languageInText(locale, language)}
      </legend>
      <input type="hidden" name="locale" value={key} />
      <label className="field">
        <span>{words.name}</span>
        <input name={`name:${key}`} defaultValue={own?.name} maxLength={200} required={first} />
      </label>
      <label className="field">
        <span>{words.tagline}</span>
        <input name={`tagline:${key}`} defaultValue={own?.tagline} maxLength={300} />
      </label>
      <label className="field">
        <span>{words.synopsis}</span>
        <textarea name={`synopsis:${key}`} defaultValue={own?.synopsis} rows={4} maxLength={4000} />
      </label>
    </fieldset>
  );
}

function Facts({ title }: { title: Title }) {
  const words = useStudioWords();
  const app = useWords();
  const language = useLanguage();
  const genres = Object.entries(useKnownGenres().data ?? {});
  return (
    <fieldset className="form">
      <legend>{words.facts}</legend>
      <div className="studio-facts-row">
        <label className="field">
          <span>{words.year}</span>
          <input name="year" type="number" min={1870} max={2200} required defaultValue={title.year} />
        </label>
        <label className="field">
          <span>{words.maturity}</span>
          <select name="maturity" defaultValue={title.maturity}>
            {LEVELS.map((level) => (
              <option key={level} value={level}>
                {level ? app.fromAge(level) : app.forAll}
              </option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>{words.originalLanguage}</span>
          <input name="original_language" defaultValue={title.original_language} pattern="[A-Za-z]{2,3}(-[A-Za-z0-9]+)*" required />
          <span className="quiet">{words.originalLanguageHint}</span>
        </label>
        <label className="field">
          <span>{words.countries}</span>
          <input name="countries" defaultValue={title.countries.join(", ")} pattern="\s*([A-Za-z]{2}(\s*,\s*[A-Za-z]{2})*)?\s*" />
          <span className="quiet">{words.countriesHint}</span>
        </label>
      </div>
      <div role="group" aria-label={words.genres} className="studio-genres">
        {genres.map(([slug, names]) => (
          <label key={slug} className="check">
            <input type="checkbox" name="genres" value={slug} defaultChecked={title.genres.includes(slug)} />
            {names[language] ?? names.en ?? slug}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function People({ people, onChange }: { people: readonly Person[]; onChange: (people: readonly Person[]) => void }) {
  const words = useStudioWords();
  const change = (at: number, part: Partial<Person>) =>
    onChange(people.map((person, here) => (here === at ? { ...person, ...part } : person)));
  return (
    <fieldset className="form">
      <legend>{words.people}</legend>
      <ul className="studio-people">
        {people.map((person, at) => (
          <li key={at}>
            <input
              aria-label={words.person}
              value={person.name}
              required
              maxLength={200}
              // Another name is another person: the id goes with the name.
              onChange={(event) => onChange(people.map((one, here) => (here === at ? { name: event.target.value, role: one.role, character: one.character } : one)))}
            />
            <select aria-label={words.role} value={person.role} onChange={(event) => change(at, { role: event.target.value as CreditRole })}>
              {Object.entries(words.roles).map(([role, name]) => (
                <option key={role} value={role}>
                  {name}
                </option>
              ))}
            </select>
            <input
              aria-label={words.character}
              placeholder={words.character}
              value={person.character}
              maxLength={200}
              disabled={person.role !== "cast"}
              onChange={(event) => change(at, { character: event.target.value })}
            />
            <button type="button" aria-label={words.removePerson(person.name)} onClick={() => onChange(people.filter((_, here) => here !== at))}>
              ×
            </button>
          </li>
        ))}
      </ul>
      <div className="studio-actions">
        <button type="button" onClick={() => onChange([...people, { name: "", role: people.length ? "cast" : "director", character: "" }])}>
          {words.addPerson}
        </button>
      </div>
    </fieldset>
  );
}

function seasonDraftOf({ number, episodes }: SeasonRow) {
  return { number, episodes: episodes.map(({ id, number: nth, name, synopsis }) => ({ ...(id ? { id } : {}), number: nth, name: name.trim(), synopsis })) };
}

/** One draft for each language that has words; the first carries everything else. */
function draftsOf(form: FormData, people: readonly Person[], more: Partial<TitleDraft>): TitleDraft[] {
  const said = (name: string) => String(form.get(name) ?? "").trim();
  const worded = form
    .getAll("locale")
    .map(String)
    .filter((locale) => said(`name:${locale}`))
    .map((locale) => ({
      locale,
      name: said(`name:${locale}`),
      tagline: said(`tagline:${locale}`),
      synopsis: said(`synopsis:${locale}`),
    }));
  const rest: Omit<TitleDraft, "locale"> = {
    ...more,
    year: Number(said("year")),
    maturity: Number(said("maturity")) as Maturity,
    original_language: said("original_language"),
    countries: said("countries").toUpperCase().split(/\s*,\s*/).filter(Boolean),
    genres: form.getAll("genres").map(String),
    credits: people.map((person) => ({ ...person, name: person.name.trim() })),
    ...(form.get("may_announce") ? { announced: form.get("announced") === "on" } : {}),
  };
  return worded.map((draft, at) => (at === 0 ? { ...rest, ...draft } : draft));
}
