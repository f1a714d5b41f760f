import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { asProblem } from "../api/problem";
import { myListQuery } from "../api/queries";
import { Notice, Trouble } from "../components/Notice";
import { useWords } from "../words";
import { GridSkeleton, TitleGrid } from "./TitleGrid";

export default function MyList() {
  const words = useWords();
  const list = useQuery(myListQuery);
  if (list.isError && !list.data) return <Trouble problem={asProblem(list.error)} onRetry={() => void list.refetch()} />;
  return (
    <div className="page">
      <title>{`${words.myList} · ${words.brand}`}</title>
      {list.data?.cards.length !== 0 && (
        <div className="page-head">
          <h1>{words.myList}</h1>
        </div>
      )}
      {!list.data ? (
        <GridSkeleton />
      ) : list.data.cards.length > 0 ? (
        <TitleGrid cards={list.data.cards} />
      ) : (
        <>
          <h1 className="unseen">{words.myList}</h1>
          <Notice
            title={words.listEmpty}
            actions={
              <Link className="button" to="/browse">
                {words.browse}
              </Link>
            }
          >
            {words.listEmptyLong}
          </Notice>
        </>
      )}
    </div>
  );
}
