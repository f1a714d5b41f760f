/**
 * The keyboard of the player. Fields and focused buttons keep the keys that are theirs.
 *
 * A remote control has arrows, Enter and Back alone: Enter plays and pauses, and up and down lead to
 * the controls, among which the arrows move. Where a mouse is in use, up and down are the volume.
 */

import { type RefObject, useEffect } from "react";

import { isBack } from "../components/backKey";
import { boxOf, type Direction, nearest } from "../components/nearest";
import { reachable } from "../components/arrows";
import { mouseInUse } from "../components/mouse";
import type { Actions } from "./actions";

type Press = (actions: Actions) => void;

const KEYS: Record<string, Press> = {
  " ": (act) => act.togglePlay(),
  Enter: (act) => act.togglePlay(),
  k: (act) => act.togglePlay(),
  j: (act) => act.seekBy(-10),
  l: (act) => act.seekBy(10),
  ArrowLeft: (act) => act.seekBy(-10),
  ArrowRight: (act) => act.seekBy(10),
  ArrowUp: (act) => act.louder(0.1),
  ArrowDown: (act) => act.louder(-0.1),
  "+": (act) => act.louder(0.1),
  "-": (act) => act.louder(-0.1),
  m: (act) => act.toggleMute(),
  c: (act) => act.toggleCaptions(),
  f: (act) => act.toggleFullscreen(),
  n: (act) => act.next?.(),
  Home: (act) => act.seekTo(0),
};

/** What a key press does, or null when it belongs to the focused element or to the browser. */
export function meaningOf(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "target">): Press | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("select, textarea, input:not([type=range]), [role=radiogroup]")) return null;
  if (target?.closest("button, a") && (key === " " || key === "Enter")) return null;
  if (target?.closest("input[type=range]") && /^(Arrow|Home|End)/.test(key)) return null;
  if (/^\d$/.test(key)) return (act) => act.seekToShare(Number(key) / 10);
  return KEYS[key] ?? null;
}

interface Needs {
  room: RefObject<HTMLElement | null>;
  actions: Actions;
  keysShown: boolean;
  showKeys: (shown: boolean) => void;
  noteActivity: () => void;
}

export function useKeys({ room, actions, keysShown, showKeys, noteActivity }: Needs): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      noteActivity();
      if (event.defaultPrevented) return;
      if (event.key === "?") return showKeys(!keysShown);
      // Leaving full screen is the browser's, and an open sheet closes itself.
      if (isBack(event)) return keysShown || document.fullscreenElement ? undefined : actions.leave();
      if (keysShown) return;
      if (event.key === "Enter" && event.target instanceof HTMLInputElement && event.target.type === "radio") return event.target.click();
      if (room.current && moveAmongControls(event, room.current)) return event.preventDefault();
      const act = meaningOf(event);
      if (!act) return;
      event.preventDefault();
      act(actions);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [room, actions, keysShown, showKeys, noteActivity]);
}

const DIRECTIONS: Record<string, Direction> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

/** Inside of these left and right stay. */
const LINES = ".control-sheet, .controls-line, .player-head, .next-up, .player-end";

/** True when the arrow moved the focus to a control, or from one to the next. */
export function moveAmongControls(event: KeyboardEvent, room: HTMLElement): boolean {
  const direction = DIRECTIONS[event.key];
  if (!direction || event.ctrlKey || event.metaKey || event.altKey) return false;
  const sideways = direction === "left" || direction === "right";
  const from = event.target instanceof HTMLElement && event.target !== room && room.contains(event.target) ? event.target : null;
  if (!from) {
    if (sideways || mouseInUse()) return false;
    return focusOn(room.querySelector<HTMLElement>(".next-up button, .control[data-large]"));
  }
  const slider = from.matches("input[type=range]");
  const radio = from.matches("input[type=radio]");
  if ((slider && sideways) || (radio && !sideways)) return false;
  const place = from.closest(sideways ? LINES : ".control-sheet") ?? room;
  // The volume would hold the arrows that lead along the line: a remote control has keys for it.
  const all = reachable(place).filter((one) => one !== from && !one.matches(".volume input"));
  const at = slider ? { ...boxOf(from), width: 0 } : boxOf(from);
  const next = all[nearest(at, all.map(boxOf), direction)];
  // The sheet of a menu is left by Back, and a line up or down.
  return focusOn(next) || place !== room;
}

function focusOn(element: HTMLElement | null | undefined): boolean {
  element?.focus();
  return !!element;
}
