/** What the service keeps of uploads that were begun before a reload, or in another browser. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import type { Upload } from "../api/types";
import { Failure } from "../components/Failure";
import { bytesOf } from "../components/bytes";
import { useLanguage } from "../words";
import { useTitlesById, useUnfinished } from "./live";
import { giveUp, goOn, placeOf, useDeliveries } from "./uploads";
import { useStudioWords } from "./words";

export function Unfinished() {
  const words = useStudioWords();
  const here = useDeliveries().map((delivery) => delivery.place);
  const kept = (useUnfinished(here).data ?? []).filter((upload) => !here.includes(placeOf(upload)));
  const titles = useTitlesById(kept.map((upload) => upload.draft.title_id));
  if (kept.length === 0) return null;
  return (
    <section className="studio-uploads" aria-label={words.unfinished}>
      <div className="studio-heading">
        <h2>{words.unfinished}</h2>
      </div>
      <p className="quiet">{words.unfinishedHint}</p>
      <ul>
        {kept.map((upload) => (
          <KeptCard key={upload.id} upload={upload} title={titles.get(upload.draft.title_id)?.wordings[0]?.name ?? ""} />
        ))}
      </ul>
    </section>
  );
}

function KeptCard({ upload, title }: { upload: Upload; title: string }) {
  const words = useStudioWords();
  const language = useLanguage();
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [otherFile, setOtherFile] = useState(false);
  const end = useMutation({
    mutationFn: () => giveUp(upload),
    onSettled: () => client.invalidateQueries({ queryKey: ["studio", "uploads"] }),
  });
  const { file_name, size } = upload.draft;
  const share = size ? upload.offset / size : 1;
  const until = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
  return (
    <li className="studio-card">
      <div className="studio-card-head">
        <strong>{file_name}</strong>
        <span className="quiet">{bytesOf(size, language)}</span>
      </div>
      <progress max={1} value={share} aria-label={`${words.uploading} ${file_name}`} />
      <p className="quiet">
        {title && <>{title} · </>}
        {words.kept(Math.floor(share * 100), until.format(upload.expires_at_ms))}
      </p>
      {otherFile ? (
        <p className="studio-problem" role="alert">
          {words.otherFile(size.toLocaleString(language))}
        </p>
      ) : (
        <Failure error={end.error} />
      )}
      <div className="studio-actions">
        <button type="button" className="studio-main" onClick={() => input.current?.click()}>
          {words.chooseAgain}
        </button>
        <button type="button" disabled={end.isPending} onClick={() => end.mutate()}>
          {words.giveUp}
        </button>
      </div>
      <input
        ref={input}
        type="file"
        className="unseen"
        aria-label={`${words.chooseAgain}: ${file_name}`}
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) setOtherFile(!goOn(upload, file));
          event.target.value = "";
        }}
      />
    </li>
  );
}
