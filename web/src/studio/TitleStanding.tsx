/** Whether a title is there for viewers: taken down, put back, or a draft deleted. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { answered, api } from "../api/client";
import type { Title } from "../api/types";
import { ConfirmDialog } from "../components/ConfirmDialog";
import { Failure } from "../components/Failure";
import { useStudioWords } from "./words";

const TITLES = ["studio", "titles"];

export function TitleStanding({ title }: { title: Title }) {
  const words = useStudioWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<"take-down" | "delete" | null>(null);
  const params = { path: { title_id: title.id } };
  const changed = () => client.invalidateQueries({ queryKey: TITLES });
  const takeDown = useMutation({
    mutationFn: () => answered(api.POST("/api/studio/titles/{title_id}/take-down", { params })),
    onSettled: changed,
  });
  const restore = useMutation({
    mutationFn: () => answered(api.POST("/api/studio/titles/{title_id}/restore", { params })),
    onSettled: changed,
  });
  const remove = useMutation({
    mutationFn: () => answered(api.DELETE("/api/studio/titles/{title_id}", { params })),
    onSuccess: async () => {
      await navigate("/studio/titles");
      await changed();
    },
  });
  const name = title.wordings[0]?.name ?? "";
  const close = () => {
    setAsking(null);
    takeDown.reset();
    remove.reset();
  };
  return (
    <>
      {/* One button for both, and never disabled: so the focus stays on it. */}
      {(title.state === "published" || title.state === "taken-down") && (
        <button
          type="button"
          aria-disabled={restore.isPending}
          onClick={() => {
            if (title.state === "published") setAsking("take-down");
            else if (!restore.isPending) restore.mutate();
          }}
        >
          {title.state === "published" ? words.takeDown : words.restore}
        </button>
      )}
      {title.state === "draft" && title.published_at_ms === null && (
        <button type="button" onClick={() => setAsking("delete")}>
          {words.deleteDraft}
        </button>
      )}
      {asking === "take-down" && (
        <ConfirmDialog title={words.takeDown} confirm={words.takeDown} danger busy={takeDown.isPending} error={takeDown.error} onConfirm={() => takeDown.mutate(undefined, { onSuccess: close })} onClose={close}>
          <p className="lead">{words.takeDownSure(name)}</p>
        </ConfirmDialog>
      )}
      {asking === "delete" && (
        <ConfirmDialog title={words.deleteDraft} confirm={words.deleteDraft} danger busy={remove.isPending} error={remove.error} onConfirm={() => remove.mutate()} onClose={close}>
          <p className="lead">{words.deleteDraftSure(name)}</p>
        </ConfirmDialog>
      )}
      {restore.isSuccess && title.state !== "taken-down" && <output>{words.restored}</output>}
      <Failure error={restore.error} />
    </>
  );
}
