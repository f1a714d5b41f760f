/** At the credits: the next episode, by itself in a moment unless one would rather read them. */

import { useEffect, useRef, useState } from "react";

import { Icon } from "../components/Icon";
import { useWords } from "../words";

const COUNT_FROM = 8;

export function NextUp({ autoplay, running, onNext }: { autoplay: boolean; running: boolean; onNext: () => void }) {
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
  return (
    <aside className="next-up" aria-label={words.watch.next}>
      <p aria-live="polite">{counting ? words.watch.nextIn(left) : words.watch.next}</p>
      <div className="actions">
        <button type="button" className="button" onClick={onNext}>
          <Icon name="next" />
          {words.watch.playNow}
        </button>
        <button type="button" className="button button-quiet" onClick={() => setDeclined(true)}>
          {words.watch.watchCredits}
        </button>
      </div>
    </aside>
  );
}
