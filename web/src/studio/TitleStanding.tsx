/** Whether a title is there for viewers: taken down, put back, or a draft deleted. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { answered, api } from "../api/client";
import type { Title } from "../api/types";
import { useStudioWords } from "./words";

const TITLES = ["studio", "titles"];

export function TitleStanding({ title }: { title: Title }) {
  const words = useStudioWords();
  const client = useQueryClient();
  const navigate = useNavigate();
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
  const error = takeDown.error ?? restore.error ?? remove.error;
  const busy = takeDown.isPending || restore.isPending || remove.isPending;
  return (
    <>
      {title.state === "published" && (
        <button type="button" disabled={busy} onClick={() => window.confirm(words.takeDownSure(name)) && takeDown.mutate()}>
          {words.takeDown}
        </button>
      )}
      {title.state === "taken-down" && (
        <button type="button" disabled={busy} onClick={() => restore.mutate()}>
          {words.restore}
        </button>
      )}
      {title.state === "draft" && title.published_at_ms === null && (
        <button type="button" disabled={busy} onClick={() => window.confirm(words.deleteDraftSure(name)) && remove.mutate()}>
          {words.deleteDraft}
        </button>
      )}
      {restore.isSuccess && title.state !== "taken-down" && <output>{words.restored}</output>}
      {error && (
        <p className="form-error" role="alert">
          {error.message}
        </p>
      )}
    </>
  );
}
