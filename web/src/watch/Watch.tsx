/** Plays a film or episode: asks for a stream, and shows why one was refused. */

import { useCallback } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import "./watch.css";
import "./controls.css";

import { useWords } from "../words";
import { Player } from "./Player";
import { useStart } from "./start";
import { explainProblem, WatchTrouble } from "./WatchTrouble";

export default function Watch() {
  const { contentId = "" } = useParams();
  const [search] = useSearchParams();
  const words = useWords();
  const navigate = useNavigate();
  const { answer, problem, again, handOver } = useStart(contentId, search.get("preview"));
  const leave = useCallback(
    async (titleId?: string) => {
      if (window.history.state?.idx > 0) await navigate(-1);
      else await navigate(titleId ? `/title/${titleId}` : "/");
    },
    [navigate],
  );
  const next = useCallback(
    async (sessionId: string, nextId: string) => {
      handOver(sessionId);
      await navigate(`/watch/${nextId}`, { replace: true });
    },
    [handOver, navigate],
  );
  return (
    <main className="watch" data-theme-dark="">
      <title>{answer ? `${answer.name} · ${words.brand}` : words.brand}</title>
      {problem ? (
        <WatchTrouble reason={explainProblem(words, problem)} onAgain={again} onLeave={() => void leave()} />
      ) : answer ? (
        <Player key={answer.session_id + answer.content_id} answer={answer} onAgain={again} onLeave={leave} onNext={next} />
      ) : (
        <p className="watch-waiting" role="status">
          {words.watch.loading}
        </p>
      )}
    </main>
  );
}
