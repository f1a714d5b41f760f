/** People, languages, rights. Names lead to what else they made. */

import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { genresQuery } from "../api/queries";
import type { Credit, TitlePage } from "../api/types";
import { countryName, languageName, useLanguage, useWords, type Words } from "../words";

const ROLES: [Credit["role"], (words: Words) => string][] = [
  ["director", (words) => words.directedBy],
  ["cast", (words) => words.cast],
  ["writer", (words) => words.writtenBy],
  ["composer", (words) => words.music],
  ["producer", (words) => words.producedBy],
];

export function TitleFacts({ title }: { title: TitlePage }) {
  const words = useWords();
  const language = useLanguage();
  const genres = useQuery(genresQuery);
  const genreName = (slug: string) => genres.data?.find((one) => one.slug === slug)?.name ?? "";
  const named = (codes: string[]) =>
    codes.map((code) => languageName(code, language) || words.watch.original).join(", ");
  return (
    <dl className="title-facts title-part">
      {ROLES.map(([role, label]) => {
        const people = title.credits.filter((credit) => credit.role === role);
        return people.length > 0 ? (
          <Fact key={role} name={label(words)}>
            <People people={people} />
          </Fact>
        ) : null;
      })}
      <Fact name={words.genres}>
        {title.card.genres.filter(genreName).map((genre, at) => (
          <span key={genre}>
            {at > 0 && ", "}
            <Link className="link" to={`/browse/${genre}`}>
              {genreName(genre)}
            </Link>
          </span>
        ))}
      </Fact>
      <Fact name={words.audio}>{named(title.audio_languages)}</Fact>
      <Fact name={words.subtitles}>{named(title.text_languages)}</Fact>
      <Fact name={words.picture}>{title.max_height ? words.upTo(title.max_height) : ""}</Fact>
      <Fact name={words.countries}>{title.countries.map((code) => countryName(code, language)).join(", ")}</Fact>
      <Fact name={words.rights}>{title.licence_note}</Fact>
    </dl>
  );
}

function People({ people }: { people: Credit[] }) {
  return people.map((person, at) => (
    <span key={`${person.person_id}${person.character}`}>
      {at > 0 && ", "}
      <Link className="link" to={`/search?q=${encodeURIComponent(person.name)}`}>
        {person.name}
      </Link>
      {person.character && <span className="quiet"> ({person.character})</span>}
    </span>
  ));
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (!children || (Array.isArray(children) && children.length === 0)) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
