import { type RefObject, useEffect, useRef } from "react";

/**
 * A `<dialog>` that is open while it is shown. What had the focus before has it again afterwards: the
 * browser sees to it where the dialog is closed, and not where it is taken off the page.
 */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    // React's autoFocus comes too early: what is not open yet takes no focus.
    dialog.current?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => {
      const lost = !document.activeElement || document.activeElement === document.body;
      if (lost && opener instanceof HTMLElement) opener.focus({ preventScroll: true });
    };
  }, []);
  return dialog;
}
