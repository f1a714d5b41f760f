/** The formats of the live version, and those that may be added to it while it is live. */

import { type FormEvent, useState } from "react";

import type { LiveVersion } from "../api/types";
import { bytesOf } from "../components/bytes";
import { Failure } from "../components/Failure";
import { useLanguage } from "../words";
import { formatName, offerName } from "./formats";
import { useRepublish } from "./live";
import { useStudioWords } from "./words";

export function TitleFormats({ titleId, contentId, live }: { titleId: string; contentId: string; live: LiveVersion }) {
  const words = useStudioWords();
  const language = useLanguage();
  const change = useRepublish(titleId, contentId);
  const [chosen, setChosen] = useState<readonly Offer["codec"][]>([]);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    change.mutate({ formats: [...chosen] }, { onSuccess: () => setChosen([]) });
  };
  const toggle = (codec: Offer["codec"], on: boolean) => setChosen((before) => (on ? [...before, codec] : before.filter((one) => one !== codec)));
  const there = live.formats.map(formatName).join(", ");
  return (
    <form onSubmit={submit}>
      <fieldset className="form">
        <legend>{words.formats}</legend>
        <p>{words.formatsThere(there)}</p>
        {live.offers.map((offer) => (
          <label key={offer.codec} className="check">
            <input
              type="checkbox"
              name="formats"
              value={offer.codec}
              checked={chosen.includes(offer.codec)}
              onChange={(event) => {
                change.reset();
                toggle(offer.codec, event.target.checked);
              }}
            />
            {words.formatOffer(offerName(offer.codec), bytesOf(offer.size, language), hoursOf(offer.cpu_hours, language))}
          </label>
        ))}
        <p className="quiet" id="what-formats-do">
          {words.formatsHint}
        </p>
        <Failure error={change.error} />
        {live.offers.length > 0 && (
          <div className="studio-actions">
            <button type="submit" className="studio-main" aria-describedby="what-formats-do" disabled={chosen.length === 0 || change.isPending}>
              {words.addFormats}
            </button>
            <output>{change.isSuccess && words.changeOrdered}</output>
          </div>
        )}
      </fieldset>
    </form>
  );
}

type Offer = LiveVersion["offers"][number];

function hoursOf(hours: number, language: string): string {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 2 }).format(Math.max(0.1, hours));
}
