import { useState } from "react";

import type { Problem } from "../api/problem";
import type { Profile } from "../api/types";
import { useModal } from "../components/modal";
import { sentenceOf, useWords } from "../words";

interface Props {
  profile: Profile;
  problem: Problem | null;
  busy: boolean;
  onPin: (pin: string) => void;
  onClose: () => void;
}

/** Four digits; sent as soon as the fourth is there. */
export function PinDialog({ profile, problem, busy, onPin, onClose }: Props) {
  const words = useWords();
  const dialog = useModal();
  const [pin, setPin] = useState("");
  const type = (text: string) => {
    const digits = text.replace(/\D/g, "").slice(0, 4);
    setPin(digits);
    if (digits.length === 4 && !busy) {
      onPin(digits);
      setPin("");
    }
  };
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="pin-heading" className="pin">
      <h2 id="pin-heading">{words.pinFor(profile.name)}</h2>
      <div className="form">
        <input
          className="pin-input"
          value={pin}
          onChange={(event) => type(event.target.value)}
          inputMode="numeric"
          autoComplete="off"
          type="password"
          maxLength={4}
          aria-label={words.pinFor(profile.name)}
          aria-invalid={!!problem}
          autoFocus
        />
        <p className={problem ? "form-error" : "quiet"} role="status">
          {busy ? words.working : problem ? sentenceOf(words, problem) : " "}
        </p>
        <button type="button" className="button button-quiet" onClick={onClose}>
          {words.cancel}
        </button>
      </div>
    </dialog>
  );
}
