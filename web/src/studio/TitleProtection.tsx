/** How the live version is encrypted: another scheme, new keys. */

import { type FormEvent, useState } from "react";

import type { LiveVersion } from "../api/types";
import { useRepublish } from "./live";
import { useStudioWords } from "./words";

const SCHEMES: LiveVersion["scheme"][] = ["cbcs", "cenc"];

export function TitleProtection({ titleId, contentId, live }: { titleId: string; contentId: string; live: LiveVersion }) {
  const words = useStudioWords();
  const change = useRepublish(titleId, contentId);
  const [scheme, setScheme] = useState(live.scheme);
  const [newKeys, setNewKeys] = useState(false);
  const nothing = scheme === live.scheme && !newKeys;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    change.mutate(
      { new_keys: newKeys, scheme: scheme === live.scheme ? null : scheme },
      { onSuccess: () => setNewKeys(false) },
    );
  };
  return (
    <form onSubmit={submit} onChange={() => change.reset()}>
      <fieldset className="form">
        <legend>{words.protection}</legend>
        {SCHEMES.map((one) => (
          <label key={one} className="check">
            <input type="radio" name="scheme" value={one} checked={scheme === one} onChange={() => setScheme(one)} />
            {words.schemes[one]}
          </label>
        ))}
        <label className="check">
          <input type="checkbox" name="new_keys" checked={newKeys} onChange={(event) => setNewKeys(event.target.checked)} />
          {words.newKeys}
        </label>
        <p className="quiet" id="what-protection-does">
          {words.protectionHint}
        </p>
        {change.isError && (
          <p className="form-error" role="alert">
            {change.error.message}
          </p>
        )}
        <div className="studio-actions">
          <button type="submit" className="studio-main" aria-describedby="what-protection-does" disabled={nothing || change.isPending}>
            {words.changeProtection}
          </button>
          <output>{change.isSuccess && words.changeOrdered}</output>
        </div>
      </fieldset>
    </form>
  );
}
