/** Whether someone is moving: when nobody is, the controls go dark. */

import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

const REST_MS = 3000;

export function useStirring(room: RefObject<HTMLElement | null>, awake: boolean) {
  const [resting, setResting] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const stir = useCallback(() => {
    setResting(false);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setResting(true), REST_MS);
  }, []);
  useEffect(() => {
    const node = room.current;
    const events = ["pointermove", "pointerdown", "focusin"] as const;
    for (const event of events) node?.addEventListener(event, stir);
    timer.current = setTimeout(() => setResting(true), REST_MS);
    return () => {
      clearTimeout(timer.current);
      for (const event of events) node?.removeEventListener(event, stir);
    };
  }, [room, stir]);
  return { idle: resting && !awake, stir };
}
