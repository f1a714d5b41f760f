/**
 * A finger on the picture: the first tap shows the controls, the next hides them, two in a row seek
 * towards their side. A mouse's click plays and pauses, and two fill the screen.
 */

import { type MouseEvent, type PointerEvent, useRef } from "react";

import type { Actions } from "./actions";

const TWICE_MS = 300;

interface Needs {
  actions: Actions;
  idle: boolean;
  /** Hides the controls. */
  rest: () => void;
}

export function useTouch({ actions, idle, rest }: Needs) {
  const finger = useRef<{ wasIdle: boolean } | null>(null);
  const lastTapMs = useRef(-Infinity);
  return {
    // Before the room hears of it, and shows the controls.
    onPointerDownCapture: (event: PointerEvent) => {
      finger.current = event.pointerType === "mouse" ? null : { wasIdle: idle };
    },
    onClick: (event: MouseEvent<HTMLElement>) => {
      if (!finger.current) return actions.togglePlay();
      const twice = event.timeStamp - lastTapMs.current < TWICE_MS;
      lastTapMs.current = event.timeStamp;
      const { left, width } = event.currentTarget.getBoundingClientRect();
      if (twice) actions.seekBy(event.clientX < left + width / 2 ? -10 : 10);
      else if (!finger.current.wasIdle) rest();
    },
    onDoubleClick: () => {
      if (!finger.current) actions.toggleFullscreen();
    },
  };
}
