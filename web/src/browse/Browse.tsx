/** The whole shelf, by genre. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useParams, useSearchParams } from "react-router";
import "./title.css";

import { asProblem } from "../api/problem";
import { browseQuery, genresQuery } from "../api/queries";
import { Notice, Trouble } from "../components/Notice";
import type { Sort, TitleKind } from "../api/types";
import { Sentinel } from "../components/Sentinel";
import { useWords } from "../words";
import { GenreChips } from "./GenreChips";
import { GridSkeleton, TitleGrid } from "./TitleGrid";

const KINDS: TitleKind[] = ["film", "series"];
const SORTS: Sort[] = ["new", "name", "year"];

export default function Browse() {
  const words = useWords();
  const { genre = "" } = useParams();
  const [search, setSearch] = useSearchParams();
  const kind = KINDS.find((one) => one === search.get("kind")) ?? "";
  const sort = SORTS.find((one) => one === search.get("sort")) ?? "new";
  const genres = useQuery(genresQuery);
  const shelf = useInfiniteQuery(browseQuery(genre, kind, sort));
  const choose = (name: string, value: string, fallback: string) => {
    const next = new URLSearchParams(search);
    if (value === fallback) next.delete(name);
    else next.set(name, value);
    setSearch(next, { replace: true });
  };
  const cards = shelf.data?.pages.flatMap((page) => page.cards) ?? [];
  const heading = genres.data?.find((one) => one.slug === genre)?.name ?? words.browse;
  return (
    <div className="page">
      <title>{`${heading} · ${words.brand}`}</title>
      <div className="page-head">
        <h1>{heading}</h1>
        <div className="choices">
          <select aria-label={words.kindAll} value={kind} onChange={(event) => choose("kind", event.target.value, "")}>
            <option value="">{words.kindAll}</option>
            <option value="film">{words.kindFilm}</option>
            <option value="series">{words.kindSeries}</option>
          </select>
          <select aria-label={words.sort} value={sort} onChange={(event) => choose("sort", event.target.value, "new")}>
            <option value="new">{words.sortNew}</option>
            <option value="name">{words.sortName}</option>
            <option value="year">{words.sortYear}</option>
          </select>
        </div>
      </div>
      {genres.data && <GenreChips genres={genres.data} current={genre || undefined} all={words.allGenres} />}
      {shelf.isError && cards.length === 0 ? (
        <Trouble problem={asProblem(shelf.error)} onRetry={() => void shelf.refetch()} />
      ) : shelf.isPending ? (
        <GridSkeleton />
      ) : cards.length === 0 ? (
        <Notice title={words.nothingHere}>{words.nothingHereLong}</Notice>
      ) : (
        <TitleGrid cards={cards} />
      )}
      {shelf.hasNextPage && (
        <Sentinel key={cards.length} paused={shelf.isFetching || shelf.isFetchNextPageError} onSeen={() => void shelf.fetchNextPage()} />
      )}
      {shelf.isFetchNextPageError && (
        <button type="button" className="button button-quiet" onClick={() => void shelf.fetchNextPage()}>
          {words.retry}
        </button>
      )}
    </div>
  );
}
