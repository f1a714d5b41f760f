import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

const SETTLED_AFTER_MS = 180;

/** What is typed goes to the address once the fingers rest; what arrives there by other ways comes back. */
export function useSearchText() {
  const [search, setSearch] = useSearchParams();
  const asked = search.get("q") ?? "";
  const [text, setText] = useState(asked);
  const [known, setKnown] = useState(asked);
  if (asked !== known) {
    setKnown(asked);
    setText(asked);
  }
  useEffect(() => {
    const next = text.trim();
    if (next === asked) return;
    const timer = setTimeout(() => {
      setKnown(next);
      setSearch((before) => withParam(before, "q", next), { replace: true, preventScrollReset: true });
    }, SETTLED_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text, asked, setSearch]);
  return { text, setText, settled: asked };
}

/** The address's parameters with one of them changed, or without it when it is empty. */
export function withParam(search: URLSearchParams, name: string, value: string): URLSearchParams {
  const next = new URLSearchParams(search);
  if (value) next.set(name, value);
  else next.delete(name);
  return next;
}

/** `value` once it has rested for a moment. */
export function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED_AFTER_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
