/** What this profile watched, and the way to make it forgotten. */

import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import "./title.css";
import "../account/account.css";

import { asProblem } from "../api/problem";
import { historyQuery, useForget } from "../api/queries";
import type { HistoryItem } from "../api/types";
import { shareWatched } from "../components/facts";
import { Icon } from "../components/Icon";
import { Meter } from "../components/Meter";
import { Notice, Splash, Trouble } from "../components/Notice";
import { Picture } from "../components/Picture";
import { agoOf, useLanguage, useWords } from "../words";

export default function History() {
  const words = useWords();
  const history = useInfiniteQuery(historyQuery);
  if (history.isError && !history.data) return <Trouble problem={asProblem(history.error)} onRetry={() => void history.refetch()} />;
  if (history.isPending) return <Splash />;
  const items = history.data.pages.flatMap((page) => page.items);
  return (
    <div className="page">
      <title>{`${words.history} · ${words.brand}`}</title>
      <div className="page-head">
        <h1>{words.history}</h1>
      </div>
      {items.length === 0 && <Notice title={words.historyEmpty}>{words.historyEmptyLong}</Notice>}
      <ul className="entries">
        {items.map((item) => (
          <HistoryLine key={`${item.card.id}${item.episode?.id ?? ""}${item.at_ms}`} item={item} />
        ))}
      </ul>
      {history.hasNextPage && (
        <button type="button" className="button button-quiet" onClick={() => void history.fetchNextPage()}>
          {words.more}
        </button>
      )}
    </div>
  );
}

function HistoryLine({ item }: { item: HistoryItem }) {
  const words = useWords();
  const language = useLanguage();
  const forget = useForget();
  const { card, episode } = item;
  const share = shareWatched(item);
  return (
    <li>
      <div className="history-picture">
        <Picture path={card.artwork.landscape} kind="landscape" sizes="(min-width: 600px) 14vw, 7rem" tint={card.artwork.tint} name={card.name} />
        {share !== null && <Meter share={share} />}
      </div>
      <div className="grow">
        <Link className="episode-name" data-tile="" to={`/title/${card.id}`}>
          {card.name}
        </Link>
        <p className="quiet">
          {episode ? `S${episode.season} E${episode.number} · ${episode.name} · ` : ""}
          {agoOf(item.at_ms, language)}
        </p>
      </div>
      <button
        type="button"
        className="round"
        data-tile=""
        aria-label={`${words.removeFromHistory}: ${card.name}`}
        title={words.removeFromHistory}
        disabled={forget.isPending}
        onClick={() => forget.mutate(card.id)}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}
