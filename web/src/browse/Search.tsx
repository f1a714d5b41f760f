/** Search as one types. The address keeps what was asked, so that back and reload find it again. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import "./title.css";

import { asProblem } from "../api/problem";
import { browseQuery, genresQuery, searchQuery } from "../api/queries";
import type { SearchView } from "../api/types";
import { Icon } from "../components/Icon";
import { Notice, Trouble } from "../components/Notice";
import { useSearchText } from "../components/searchText";
import { useWords } from "../words";
import { GenreChips } from "./GenreChips";
import { GridSkeleton, TitleGrid } from "./TitleGrid";

export default function Search() {
  const words = useWords();
  const { text, setText, settled } = useSearchText();
  const answer = useQuery(searchQuery(settled));
  return (
    <div className="page">
      <title>{`${settled ? `${settled} · ` : ""}${words.search} · ${words.brand}`}</title>
      <h1 className="unseen">{words.search}</h1>
      <form className="search-box" role="search" onSubmit={(event) => event.preventDefault()}>
        <Icon name="search" />
        <input
          type="search"
          maxLength={120}
          data-tile=""
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={words.searchPrompt}
          aria-label={words.search}
          autoComplete="off"
          spellCheck={false}
          enterKeyHint="search"
          autoFocus
        />
      </form>
      {answer.isError && !answer.data ? (
        <Trouble problem={asProblem(answer.error)} onRetry={() => void answer.refetch()} />
      ) : settled ? (
        <Found view={answer.data} asked={settled} onSuggestion={setText} />
      ) : (
        <Invitation />
      )}
    </div>
  );
}

function Found({ view, asked, onSuggestion }: { view: SearchView | undefined; asked: string; onSuggestion: (text: string) => void }) {
  const words = useWords();
  if (!view) return <GridSkeleton />;
  const slow = view.degraded.length > 0;
  if (slow && view.cards.length === 0) {
    return (
      <div role="status">
        <Notice title={words.searchSlow}>{words.searchSlowLong}</Notice>
        <GridSkeleton />
      </div>
    );
  }
  return (
    <>
      {slow && (
        <p className="quiet search-slow" role="status">
          {words.searchPartly}
        </p>
      )}
      <p className="unseen" role="status">
        {words.searchFound(view.cards.length)}
      </p>
      {view.suggestions.length > 0 && (
        <div className="chips" data-row="" role="group" aria-label={words.searchSuggestions}>
          {view.suggestions.map((suggestion) => (
            <button key={suggestion} type="button" className="chip" data-tile="" onClick={() => onSuggestion(suggestion)}>
              {suggestion}
            </button>
          ))}
        </div>
      )}
      {view.cards.length > 0 ? (
        <TitleGrid cards={view.cards} />
      ) : (
        <Nothing asked={asked} />
      )}
    </>
  );
}

/** Nothing was found: where one may go instead. */
function Nothing({ asked }: { asked: string }) {
  const words = useWords();
  const genres = useQuery(genresQuery);
  const fresh = useInfiniteQuery(browseQuery("", "", "new"));
  const cards = fresh.data?.pages[0]?.cards.slice(0, 14) ?? [];
  return (
    <>
      <Notice title={words.searchNothing(asked)}>{words.searchNothingLong}</Notice>
      {genres.data && <GenreChips genres={genres.data} />}
      {cards.length > 0 && (
        <section aria-labelledby="new-here">
          <h2 id="new-here" className="search-try">
            {words.searchTry}
          </h2>
          <TitleGrid cards={cards} />
        </section>
      )}
    </>
  );
}

function Invitation() {
  const words = useWords();
  const genres = useQuery(genresQuery);
  return (
    <>
      <p className="lead" style={{ marginBottom: "1.6rem" }}>
        {words.searchEmpty}
      </p>
      {genres.data && <GenreChips genres={genres.data} />}
    </>
  );
}
