import { useEffect, useRef } from "react";

/** Calls when it comes within a screen's height of view: the place where more is fetched. */
export function Sentinel({ onSeen, paused }: { onSeen: () => void; paused: boolean }) {
  const node = useRef<HTMLDivElement>(null);
  const seen = useRef(onSeen);
  useEffect(() => {
    seen.current = onSeen;
  });
  useEffect(() => {
    if (!node.current || paused) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) seen.current();
      },
      { rootMargin: "100% 60%" },
    );
    observer.observe(node.current);
    return () => observer.disconnect();
  }, [paused]);
  return <div ref={node} aria-hidden="true" className="sentinel" />;
}
