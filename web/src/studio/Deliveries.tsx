/** Everything under way and everything delivered, with a place to drop more. */

import { bytesOf } from "../components/bytes";
import { useLanguage } from "../words";
import { DeliveryList } from "./DeliveryList";
import { DropZone } from "./DropZone";
import { UploadCard } from "./UploadCard";
import { Unfinished } from "./Unfinished";
import { useQuota } from "./live";
import { start, useDeliveries } from "./uploads";
import { useStudioWords } from "./words";

export function Deliveries() {
  const words = useStudioWords();
  const language = useLanguage();
  const quota = useQuota();
  const deliveries = useDeliveries();
  const waiting = deliveries.filter((delivery) => delivery.phase === "ready");

  return (
    <section className="page studio">
      <title>{`${words.studio} · Vitascope`}</title>
      <header className="page-head">
        <div>
          <h1>{words.studio}</h1>
          <p className="lead">{words.lead}</p>
        </div>
        {quota.data && (
          <div className="studio-quota">
            <meter
              max={quota.data.limit_bytes}
              value={quota.data.used_bytes}
              aria-label={words.quota(bytesOf(quota.data.used_bytes, language), bytesOf(quota.data.limit_bytes, language))}
            />
            <span>{words.quota(bytesOf(quota.data.used_bytes, language), bytesOf(quota.data.limit_bytes, language))}</span>
          </div>
        )}
      </header>

      {quota.data?.trouble === "no-sandbox" && (
        <p className="studio-problem" role="alert">
          {words.noSandbox}
        </p>
      )}

      <DropZone />

      {deliveries.length > 0 && (
        <div className="studio-uploads">
          {waiting.length > 1 && (
            <button
              type="button"
              className="studio-main"
              onClick={() => waiting.forEach((delivery) => void start(delivery.key))}
            >
              {words.uploadAll(waiting.length)}
            </button>
          )}
          <ul>
            {deliveries.map((delivery) => (
              <UploadCard key={delivery.key} delivery={delivery} />
            ))}
          </ul>
        </div>
      )}

      <Unfinished />

      <DeliveryList />
    </section>
  );
}
