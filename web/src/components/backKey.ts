/**
 * Escape, and the Back key of a remote control, close what is open, or lead to the page before.
 * Some remote controls send Backspace for Back, which in a field still removes a letter.
 */

import { useEffect } from "react";
import { useNavigate } from "react-router";

import { OWN_KEYS } from "./arrows";

const BACK = new Set(["Escape", "GoBack", "BrowserBack", "XF86Back", "Backspace"]);
const NOT_TYPED_IN = "[type=checkbox], [type=radio], [type=range], [type=button], [type=submit], [type=file], [readonly]";

export function isBack(event: Pick<KeyboardEvent, "key" | "target">): boolean {
  if (event.key === "Backspace" && event.target instanceof Element && event.target.closest(`input:not(${NOT_TYPED_IN}), textarea`)) return false;
  return BACK.has(event.key);
}

/** Escape closes a dialog and leaves full screen by itself; the other keys do it here. */
function closes(event: KeyboardEvent): boolean {
  if (event.key === "Escape") return false;
  const dialog = [...document.querySelectorAll<HTMLDialogElement>("dialog:modal")].at(-1);
  if (dialog) dialog.close();
  else if (document.fullscreenElement) void document.exitFullscreen();
  else return false;
  return true;
}

/** True where the key is needed by what is open or being typed. */
function isTaken(event: KeyboardEvent): boolean {
  if (document.fullscreenElement) return true;
  if (document.querySelector(`dialog[open], details[open], ${OWN_KEYS}`)) return true;
  const target = event.target instanceof Element ? event.target : null;
  if (target instanceof HTMLInputElement && target.type === "search") return target.value !== "";
  return !!target?.closest("input:not([type=checkbox], [type=radio], [type=range]), select, textarea");
}

export function useBackKey(wanted: boolean): void {
  const navigate = useNavigate();
  useEffect(() => {
    if (!wanted) return;
    const press = (event: KeyboardEvent) => {
      if (!isBack(event) || event.defaultPrevented || event.isComposing) return;
      if (closes(event)) return event.preventDefault();
      if (isTaken(event) || !(window.history.state?.idx > 0)) return;
      event.preventDefault();
      void navigate(-1);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [navigate, wanted]);
}
