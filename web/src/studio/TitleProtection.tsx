/** How the live version is protected: not at all, by another scheme, with new keys. */

import { type FormEvent, useState } from "react";

import type { LiveVersion, Title } from "../api/types";
import { Failure } from "../components/Failure";
import { useFirstProtection, useRepublish } from "./live";
import { useStudioWords } from "./words";

const SCHEMES: LiveVersion["scheme"][] = ["cbcs", "cenc", "none"];

export function TitleProtection({ titleId, contentId, live }: { titleId: string; contentId: string; live: LiveVersion }) {
  const words = useStudioWords();
  const change = useRepublish(titleId, contentId);
  const [scheme, setScheme] = useState(live.scheme);
  const [newKeys, setNewKeys] = useState(false);
  const isOpen = scheme === "none";
  const nothing = scheme === live.scheme && (isOpen || !newKeys);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    change.mutate(
      { new_keys: newKeys && !isOpen, scheme: scheme === live.scheme ? null : scheme },
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
          <input type="checkbox" name="new_keys" checked={newKeys && !isOpen} disabled={isOpen} onChange={(event) => setNewKeys(event.target.checked)} />
          {words.newKeys}
        </label>
        <p className="quiet" id="what-protection-does">
          {isOpen ? words.openHint : words.protectionHint}
        </p>
        <Failure error={change.error} />
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

/** How the first version will be protected, while nothing is live. */
export function FirstProtection({ title }: { title: Title }) {
  const words = useStudioWords();
  const choose = useFirstProtection(title.id);
  const chosen = choose.variables ?? title.protection;
  return (
    <fieldset className="form">
      <legend>{words.firstProtection}</legend>
      {SCHEMES.map((one) => (
        <label key={one} className="check">
          <input type="radio" name="first_scheme" value={one} checked={chosen === one} onChange={() => choose.mutate(one)} />
          {words.schemes[one]}
        </label>
      ))}
      {!chosen && <p className="quiet">{words.firstProtectionHint}</p>}
      <Failure error={choose.error} />
    </fieldset>
  );
}
