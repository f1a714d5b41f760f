/** Notices a mouse that is moved: who has none may hold a remote control. */

let seen = false;

if (typeof document !== "undefined") {
  const note = (event: PointerEvent) => {
    if (event.pointerType !== "mouse" || (!event.movementX && !event.movementY)) return;
    seen = true;
    document.removeEventListener("pointermove", note);
  };
  document.addEventListener("pointermove", note);
}

/** True once a mouse was moved since the page was opened. */
export const mouseInUse = (): boolean => seen;
