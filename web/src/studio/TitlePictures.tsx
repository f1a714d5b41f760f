/** The pictures of a title: what was taken from its film, or what its partner brought. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";

import { answered, api, asFile } from "../api/client";
import type { Title } from "../api/types";
import { artworkUrl } from "../components/Picture";
import { useStudioWords } from "./words";

type Field = "poster" | "landscape" | "billboard";
const FIELDS: Field[] = ["poster", "landscape", "billboard"];

export function TitlePictures({ title }: { title: Title }) {
  const words = useStudioWords();
  return (
    <section className="studio-pictures" aria-label={words.pictures}>
      {FIELDS.map((field) => (
        <PictureSlot key={field} title={title} field={field} />
      ))}
    </section>
  );
}

function PictureSlot({ title, field }: { title: Title; field: Field }) {
  const words = useStudioWords();
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const show = useMutation({
    scope: { id: `artwork of ${title.id}` }, // one after the other: each goes out from all that are there
    mutationFn: (file: File) =>
      answered(
        api.PUT("/api/studio/titles/{title_id}/artwork/{field}", {
          params: { path: { title_id: title.id, field } },
          ...asFile(file),
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ["studio", "titles"] }),
  });
  const picture = title.artwork[field];
  const taken = title.artwork.from_film.some((one) => one.field === field);
  const name = words.pictureNames[field];
  return (
    <figure className="studio-picture" data-field={field}>
      <span style={{ background: title.artwork.tint }}>{picture && <img src={artworkUrl(picture)} alt={name} />}</span>
      <figcaption>
        <strong>{name}</strong>
        <span className="quiet">{!picture ? words.noPicture : taken && words.fromFilm}</span>
        <span className="studio-actions">
          <button type="button" disabled={show.isPending} aria-label={`${words.choosePicture}: ${name}`} onClick={() => input.current?.click()}>
            {words.choosePicture}
          </button>
        </span>
        {show.isError && (
          <span className="studio-problem" role="alert">
            {show.error.message}
          </span>
        )}
      </figcaption>
      <input
        ref={input}
        type="file"
        accept="image/jpeg,image/png,image/webp"
        className="unseen"
        aria-label={name}
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) show.mutate(file);
          event.target.value = "";
        }}
      />
    </figure>
  );
}
