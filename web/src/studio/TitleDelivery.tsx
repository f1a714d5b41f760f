/** A master for a title or an episode that is there, from its page. */

import { useRef } from "react";
import { useNavigate } from "react-router";

import type { Title } from "../api/types";
import { ContentChoice, useContent } from "./ContentChoice";
import { MASTERS } from "./DropZone";
import { add } from "./uploads";
import { useStudioWords } from "./words";

export function TitleDelivery({ title }: { title: Title }) {
  const words = useStudioWords();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [contentId, choose] = useContent(title);
  if (!contentId) return null;
  return (
    <section className="studio-editor form" aria-label={words.deliverTo}>
      <h2>{words.deliverTo}</h2>
      <p className="quiet">{words.deliverHint}</p>
      <ContentChoice title={title} chosen={contentId} onChoose={choose} />
      <div className="studio-actions">
        <button type="button" onClick={() => input.current?.click()}>
          {words.deliverMaster}
        </button>
      </div>
      <input
        ref={input}
        type="file"
        accept={MASTERS}
        className="unseen"
        aria-label={words.deliverMaster}
        tabIndex={-1}
        onChange={(event) => {
          const name = title.wordings[0]?.name ?? "";
          add(event.target.files ?? [], { title: name, target: { titleId: title.id, contentId }, fixed: true });
          void navigate("/studio");
        }}
      />
    </section>
  );
}
