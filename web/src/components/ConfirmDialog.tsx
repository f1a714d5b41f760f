/** Asks before what costs money or cannot be undone. */

import type { ReactNode } from "react";

import { useWords } from "../words";
import { Failure } from "./Failure";
import { useModal } from "./modal";

interface Props {
  title: string;
  confirm: string;
  danger?: boolean;
  busy: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

export function ConfirmDialog({ title, confirm, danger, busy, error, onConfirm, onClose, children }: Props) {
  const words = useWords();
  const node = useModal();
  return (
    <dialog ref={node} onClose={onClose} aria-labelledby="confirm-title">
      <h2 id="confirm-title">{title}</h2>
      <div className="form">
        <Failure error={error} />
        {children}
        <div className="actions">
          {/* Not `disabled`, which would take the focus away. */}
          <button type="button" className={`button ${danger ? "button-danger" : ""}`} aria-disabled={busy} onClick={() => busy || onConfirm()}>
            {busy ? words.working : confirm}
          </button>
          {/* What can't be undone is not the first thing that Enter does. */}
          <button type="button" className="button button-quiet" data-first={danger ? "" : undefined} onClick={() => node.current?.close()}>
            {words.back}
          </button>
        </div>
      </div>
    </dialog>
  );
}
