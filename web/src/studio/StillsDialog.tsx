/** Stills of the film, of which one is chosen for a picture of the title. */

import { useQuery } from "@tanstack/react-query";
import { useLayoutEffect, useRef, useState } from "react";

import { answered, api } from "../api/client";
import type { OfferedStill, Title } from "../api/types";
import { dataUrl } from "../components/dataUrl";
import { Failure } from "../components/Failure";
import { ContentChoice, useContent } from "./ContentChoice";
import { timeCode } from "./figures";
import { useStills } from "./live";
import { useStudioWords } from "./words";

interface Props {
  readonly title: Title;
  readonly name: string;
  readonly onChoose: (still: OfferedStill, picture: Blob) => void;
  readonly onClose: () => void;
}

export function StillsDialog({ title, name, onChoose, onClose }: Props) {
  const words = useStudioWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const [contentId, choose] = useContent(title);
  const stills = useStills(title.id, contentId);
  const [fetched, setFetched] = useState("");
  const [problem, setProblem] = useState<unknown>(null);
  useLayoutEffect(() => {
    const node = dialog.current;
    node?.showModal();
    return () => node?.close(); // before it goes, so that the focus goes back to where it was
  }, []);
  const take = async (still: OfferedStill) => {
    if (fetched) return;
    setFetched(still.name);
    setProblem(null);
    try {
      onChoose(still, await picture(title.id, contentId, still.name, false));
    } catch (error) {
      setProblem(error);
      void stills.refetch();
    }
    setFetched("");
  };
  const all = stills.data ?? [];
  return (
    <dialog ref={dialog} className="studio-stills" aria-label={`${words.stillsTitle}: ${name}`} aria-busy={stills.isPending || !!fetched} onClose={() => dialog.current?.open || onClose()}>
      <h2>{words.stillsTitle}</h2>
      <p className="quiet">{words.stillsHint}</p>
      <ContentChoice title={title} chosen={contentId} onChoose={choose} />
      {stills.isPending && <p role="status">{words.loading}…</p>}
      {stills.data?.length === 0 && <p role="status">{words.noStills}</p>}
      <Failure error={problem ?? stills.error} />
      <ul>
        {all.map((still, n) => (
          <li key={still.name}>
            <button type="button" aria-disabled={!!fetched} onClick={() => void take(still)}>
              <span style={{ aspectRatio: `${still.width} / ${still.height}` }}>
                <SmallStill titleId={title.id} contentId={contentId} name={still.name} alt={words.still(n + 1, all.length, timeCode(still.at_ms))} />
              </span>
              <span className="quiet" aria-hidden="true">
                {timeCode(still.at_ms)}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div className="studio-actions">
        <button type="button" onClick={() => dialog.current?.close()}>
          {words.stillsClose}
        </button>
      </div>
    </dialog>
  );
}

function SmallStill({ titleId, contentId, name, alt }: { titleId: string; contentId: string; name: string; alt: string }) {
  const found = useQuery({
    queryKey: ["studio", "still", titleId, contentId, name],
    queryFn: async () => dataUrl(await picture(titleId, contentId, name, true)),
    staleTime: Infinity,
  });
  return found.data ? <img src={found.data} alt={alt} /> : <span className="unseen">{alt}</span>;
}

/** Only who may edit the title gets it, so it is asked for with a token. */
const picture = (title_id: string, content_id: string, name: string, small: boolean): Promise<Blob> =>
  answered<Blob>(
    api.GET("/api/studio/titles/{title_id}/contents/{content_id}/stills/{name}", {
      params: { path: { title_id, content_id, name }, query: { small } },
      parseAs: "blob",
    }) as Promise<{ data?: Blob; error?: unknown; response: Response }>,
  ) as Promise<Blob>;
