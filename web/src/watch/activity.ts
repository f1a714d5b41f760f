/** Notices when nobody has moved for a while, so that the controls can be hidden. */

import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

const REST_MS = 3000;

export function useActivity(room: RefObject<HTMLElement | null>, awake: boolean) {
  const [resting, setResting] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const noteActivity = useCallback(() => {
    setResting(false);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setResting(true), REST_MS);
  }, []);
  useEffect(() => {
    const node = room.current;
    const events = ["pointermove", "pointerdown", "focusin"] as const;
    for (const event of events) node?.addEventListener(event, noteActivity);
    timer.current = setTimeout(() => setResting(true), REST_MS);
    return () => {
      clearTimeout(timer.current);
      for (const event of events) node?.removeEventListener(event, noteActivity);
    };
  }, [room, noteActivity]);
  const idle = resting && !awake;
  useEffect(() => {
    // What has gone out of sight gives the focus back, so that the arrows seek again.
    const active = document.activeElement;
    if (idle && active !== room.current && room.current?.contains(active)) room.current?.focus({ preventScroll: true });
  }, [idle, room]);
  const rest = useCallback(() => setResting(true), []);
  return { idle, noteActivity, rest };
}
