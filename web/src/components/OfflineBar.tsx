import { useSyncExternalStore } from "react";

import { useWords } from "../words";

/** Says that there is no connection, for as long as there is none. */
export function OfflineBar() {
  const words = useWords();
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  return (
    <div role="status">
      {!online && <p className="offline-bar">{words.offlineBar}</p>}
    </div>
  );
}

function subscribe(tell: () => void): () => void {
  for (const event of ["online", "offline"]) window.addEventListener(event, tell);
  return () => {
    for (const event of ["online", "offline"]) window.removeEventListener(event, tell);
  };
}
