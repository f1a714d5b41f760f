/** Who is playing what, on all accounts. */

import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { answered, api } from "../api/client";
import { queryClient } from "../api/queries";
import { agoOf, useLanguage } from "../words";
import { MoreButton, Panel } from "./Panel";
import { playingQuery } from "./queries";
import { useOperatorWords } from "./words";

interface Stream {
  session_id: string;
  title: string;
  device: string;
}

export function Playing() {
  const words = useOperatorWords();
  const language = useLanguage();
  const playing = useInfiniteQuery(playingQuery);
  const [done, setDone] = useState("");
  const stop = useMutation({
    mutationFn: ({ session_id }: Stream) => answered(api.POST("/api/console/streams/{session_id}/stop", { params: { path: { session_id } } })),
    onMutate: () => setDone(""),
    onSuccess: (_, one) => setDone(words.stopped(one.title, one.device)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: playingQuery.queryKey }),
  });
  const streams = playing.data?.pages.flatMap((page) => page.streams) ?? [];
  return (
    <>
      <h1>{words.playing}</h1>
      <Panel id="streams" title={words.streamsNow(streams.length, playing.hasNextPage)} asked={[playing, { isPending: false, error: stop.error }]} done={done} wide>
        {streams.length === 0 && <p className="quiet">{words.nobodyPlays}</p>}
        <ul className="operator-rows">
          {streams.map((one) => (
            <li key={one.session_id}>
              <span className="grow">
                <span className="operator-name">{one.title}</span>
                <span className="quiet">
                  {one.device} · {words.since(agoOf(one.since_ms, language))}
                </span>
              </span>
              <span className="operator-actions">
                <Link className="button button-quiet button-small" to={`/operator/accounts?text=${one.account_id}`}>
                  {words.account}
                </Link>
                <button
                  type="button"
                  className="button button-quiet button-small"
                  aria-label={words.stopOf(one.title, one.device)}
                  data-does="stop"
                  onClick={() => stop.isPending || stop.mutate(one)}
                >
                  {words.stop}
                </button>
              </span>
            </li>
          ))}
        </ul>
        <MoreButton more={playing} onMore={() => void playing.fetchNextPage()} />
      </Panel>
    </>
  );
}
