/** The home page of a profile: the billboard, then the rows, more of them as one scrolls. */

import { useInfiniteQuery } from "@tanstack/react-query";
import "./billboard.css";
import "./home.css";

import { homeQuery } from "../api/queries";
import { asProblem } from "../api/problem";
import type { Home as HomeAnswer } from "../api/types";
import { Notice, Trouble } from "../components/Notice";
import { Sentinel } from "../components/Sentinel";
import { useWords } from "../words";
import { BillboardScreen } from "./BillboardScreen";
import { RowSkeleton, TileRow } from "./TileRow";

export function Home() {
  const words = useWords();
  const home = useInfiniteQuery(homeQuery);
  const pages: HomeAnswer[] = home.data?.pages ?? [];
  if (home.isError && pages.length === 0) {
    return <Trouble problem={asProblem(home.error)} onRetry={() => void home.refetch()} />;
  }
  if (home.isPending) return <HomeSkeleton />;
  const billboard = pages[0]?.billboard;
  const rows = pages.flatMap((page) => page.rows).filter((row) => row.tiles.length > 0);
  if (!billboard && rows.length === 0) {
    return (
      <div className="page">
        <title>{words.brand}</title>
        <Notice title={words.nothingHere}>{words.nothingHereLong}</Notice>
      </div>
    );
  }
  return (
    <div className="home" data-bare={!billboard || undefined}>
      <title>{words.brand}</title>
      <h1 className="unseen">{words.home}</h1>
      {billboard && <BillboardScreen billboard={billboard} />}
      <div className="rows">
        {pages.some((page) => page.degraded.length > 0) && (
          <p className="degraded quiet" role="status">
            {words.degraded}
          </p>
        )}
        {rows.map((row, at) => (
          <TileRow key={row.id} row={row} eager={at < 2} />
        ))}
        {home.hasNextPage && (
          <>
            <RowSkeleton />
            <Sentinel
              key={pages.length}
              paused={home.isFetching || home.isFetchNextPageError}
              onSeen={() => void home.fetchNextPage()}
            />
          </>
        )}
        {home.isFetchNextPageError && (
          <button type="button" className="button button-quiet rows-retry" onClick={() => void home.fetchNextPage()}>
            {words.retry}
          </button>
        )}
        {!home.hasNextPage && <p className="rows-end quiet">{words.endOfRows}</p>}
      </div>
    </div>
  );
}

function HomeSkeleton() {
  const words = useWords();
  return (
    <div className="home" role="status" aria-label={words.loading}>
      <div className="billboard billboard-waiting" />
      <div className="rows">
        <RowSkeleton />
        <RowSkeleton />
      </div>
    </div>
  );
}
