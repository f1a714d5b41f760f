/** How this device comes to trust the service. Reached over plain HTTP, by the QR code of `up --lan`. */

import { Fragment, useEffect } from "react";
import "../account/account.css";
import "./trust.css";

import { Mark } from "../components/Mark";
import { useLanguage, useWords } from "../words";
import { addressAt, useTrust } from "./address";
import { type System, SYSTEMS, systemOf } from "./systems";
import { useTrustWords } from "./words";

export default function Trust() {
  const words = useWords();
  const say = useTrustWords();
  const language = useLanguage();
  const { data } = useTrust();
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const mine = systemOf(navigator.userAgent, navigator.maxTouchPoints);
  // A television takes no certificate.
  const installs = !!data?.sha256 && mine !== "television";
  return (
    <main className="entry trust">
      <title>{`${say.title} · ${words.brand}`}</title>
      <div className="entry-beam" aria-hidden="true" />
      <Mark large />
      <div className="entry-sheet form">
        <h1>{say.lead}</h1>
        {data && (
          <>
            <p className="quiet">{data.secure ? say.isTrusted : data.sha256 ? say.whatFor : data.secure_port ? say.noneNeeded : say.noTls}</p>
            {data.sha256 && <Steps system={mine} />}
            {installs && (
              <>
                <Check sha256={data.sha256 ?? ""} />
                <div className="actions">
                  <a className="button" data-first="" href="/api/trust/authority.crt" download="vitascope.crt">
                    {say.get}
                  </a>
                </div>
              </>
            )}
            <div className="actions">
              {data.secure_port && !data.secure && (
                <a className={data.sha256 ? "button button-quiet" : "button"} href={addressAt("https", data.secure_port)}>
                  {say.open}
                </a>
              )}
              <a
                className={data.sha256 && !installs ? "button" : "button button-quiet"}
                data-first={installs ? undefined : ""}
                href={data.secure ? "/" : addressAt("http", data.plain_port)}
              >
                {data.secure ? words.home : say.without}
              </a>
            </div>
            {!data.secure && <p className="quiet">{say.withoutHint}</p>}
            {data.sha256 && <Others but={mine} />}
          </>
        )}
      </div>
    </main>
  );
}

/** Lines end between the pairs of digits. */
function Check({ sha256 }: { sha256: string }) {
  const say = useTrustWords();
  const pairs = sha256.match(/[0-9A-F]{2}:?/g) ?? [];
  return (
    <section>
      <h2>{say.check}</h2>
      <p className="quiet">{say.checkHint}</p>
      <p className="trust-print" aria-label={say.sha256}>
        {pairs.map((pair, at) => (
          <Fragment key={at}>
            {pair}
            <wbr />
          </Fragment>
        ))}
      </p>
    </section>
  );
}

function Steps({ system }: { system: System }) {
  const { name, steps, note } = useTrustWords().systems[system];
  return (
    <section>
      <h2>{name}</h2>
      <ol className="trust-steps">
        {steps.map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      {note && <p className="quiet">{note}</p>}
    </section>
  );
}

function Others({ but }: { but: System }) {
  const say = useTrustWords();
  return (
    <section>
      <h2>{say.others}</h2>
      {SYSTEMS.filter((system) => system !== but).map((system) => (
        <details key={system}>
          <summary>{say.systems[system].name}</summary>
          <Steps system={system} />
        </details>
      ))}
      <p>
        <a className="link" href="/api/trust/authority.pem" download="vitascope.pem">
          {say.pem}
        </a>
      </p>
      <p className="quiet">{say.limits}</p>
    </section>
  );
}
