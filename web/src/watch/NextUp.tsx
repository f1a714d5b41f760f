/** At the credits: the next episode, by itself in a moment unless one would rather read them. */

import { useEffect, useRef, useState } from "react";

import type { EpisodeCard } from "../api/types";
import { Icon } from "../components/Icon";
import { Picture } from "../components/Picture";
import { useWords } from "../words";

const COUNT_FROM = 8;

interface Props {
  /** Null until the title's page is there. */
  episode: EpisodeCard | null;
  /** The title's picture, for an episode without one. */
  picture: string;
  autoplay: boolean;
  running: boolean;
  onNext: () => void;
}

export function NextUp({ episode, picture, autoplay, running, onNext }: Props) {
  const words = useWords();
  const [left, setLeft] = useState(COUNT_FROM);
  const [declined, setDeclined] = useState(false);
  const counting = autoplay && running && !declined;
  const step = useRef(onNext);
  useEffect(() => {
    step.current = onNext;
  });
  useEffect(() => {
    if (!counting) return;
    const timer = setTimeout(() => (left > 1 ? setLeft(left - 1) : step.current()), 1000);
    return () => clearTimeout(timer);
  }, [counting, left]);
  if (declined) return null;
  const art = episode?.artwork.landscape || picture;
  return (
    <aside className="next-up" aria-label={words.watch.next}>
      {art && (
        <div className="next-up-picture">
          <Picture path={art} kind="landscape" sizes="18rem" tint={episode?.artwork.tint ?? ""} name={episode?.name ?? ""} eager />
        </div>
      )}
      <div className="next-up-words">
        {/* Counted for the eye; a screen reader is told once. */}
        <p className="unseen" role="status">
          {counting ? words.watch.nextIn(COUNT_FROM) : words.watch.next}
        </p>
        <p aria-hidden="true">{counting ? words.watch.nextIn(left) : words.watch.next}</p>
        {episode && <p className="next-up-name">{words.watch.episodeName(episode.number, episode.name)}</p>}
        <div className="actions">
          <button type="button" className="button" onClick={onNext}>
            <Icon name="next" />
            {words.watch.playNow}
          </button>
          <button type="button" className="button button-quiet" onClick={() => setDeclined(true)}>
            {words.watch.watchCredits}
          </button>
        </div>
      </div>
    </aside>
  );
}
