/** The pictures of a title: what was taken from its film, what its partner chose of it, or brought. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { answered, api, asFile } from "../api/client";
import type { OfferedStill, Title } from "../api/types";
import { Failure } from "../components/Failure";
import { artworkUrl } from "../components/Picture";
import { contentsOf } from "./ContentChoice";
import { CropDialog } from "./CropDialog";
import { fits, mostZoom } from "./crop";
import { StillsDialog } from "./StillsDialog";
import { useStills } from "./live";
import { useStudioWords } from "./words";

type Field = "poster" | "landscape" | "billboard";
const FIELDS: Field[] = ["poster", "landscape", "billboard"];
/** Pixels across below which the service takes no picture. */
const LEAST: Record<Field, number> = { poster: 300, landscape: 640, billboard: 1280 };
const SHAPES: Record<Field, number> = { poster: 2 / 3, landscape: 16 / 9, billboard: 16 / 9 };

/** A picture that was chosen, and is cut before it is sent. */
interface Chosen {
  readonly file: File;
  readonly url: string;
  readonly picture: number;
  readonly still: boolean;
  readonly zoom?: number;
}

export function TitlePictures({ title }: { title: Title }) {
  const words = useStudioWords();
  const contents = contentsOf(title);
  const stills = useStills(title.id, contents[0]?.id ?? "");
  const first = stills.data?.[0];
  const offers = (field: Field) => contents.length > 1 || (!!first && zoomOf(first, field) >= 1);
  return (
    <section className="studio-pictures" aria-label={words.pictures}>
      {FIELDS.map((field) => (
        <PictureSlot key={field} title={title} field={field} offers={offers(field)} />
      ))}
    </section>
  );
}

const zoomOf = ({ width, height }: OfferedStill, field: Field) => mostZoom(width, width / height, SHAPES[field], LEAST[field]);

function PictureSlot({ title, field, offers }: { title: Title; field: Field; offers: boolean }) {
  const words = useStudioWords();
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [choosing, setChoosing] = useState(false);
  const show = useMutation({
    scope: { id: `artwork of ${title.id}` }, // one after the other: each goes out from all that are there
    mutationFn: ({ file, crop }: { file: File; crop?: string }) =>
      answered(
        api.PUT("/api/studio/titles/{title_id}/artwork/{field}", {
          params: { path: { title_id: title.id, field }, query: crop ? { crop } : {} },
          ...asFile(file),
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: ["studio", "titles"] }),
  });
  const close = () => {
    if (chosen) URL.revokeObjectURL(chosen.url);
    setChosen(null);
  };
  /** What has the shape goes as it is, and so does what cannot be read here: the service says why not. */
  const choose = async (file: File) => {
    const bitmap = await createImageBitmap(file).catch(() => null);
    const picture = bitmap ? bitmap.width / bitmap.height : SHAPES[field];
    bitmap?.close();
    if (fits(picture, SHAPES[field])) show.mutate({ file });
    else setChosen({ file, url: URL.createObjectURL(file), picture, still: false });
  };
  const use = (crop: string) => {
    if (chosen) show.mutate({ file: chosen.file, crop });
    setChoosing(false);
    close();
  };
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
          <button type="button" aria-disabled={show.isPending} aria-label={`${words.choosePicture}: ${name}`} onClick={() => !show.isPending && input.current?.click()}>
            {words.choosePicture}
          </button>
          {offers && (
            <button type="button" aria-disabled={show.isPending} aria-label={`${words.chooseStill}: ${name}`} onClick={() => !show.isPending && setChoosing(true)}>
              {words.chooseStill}
            </button>
          )}
        </span>
        <output>{show.isSuccess && words.pictureChanged}</output>
        <Failure error={show.error} />
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
          if (file) void choose(file);
          event.target.value = "";
        }}
      />
      {choosing && (
        <StillsDialog
          title={title}
          name={name}
          onChoose={(still, picture) =>
            setChosen({
              file: new File([picture], `${still.name}.webp`, { type: "image/webp" }),
              url: URL.createObjectURL(picture),
              picture: still.width / still.height,
              still: true,
              zoom: zoomOf(still, field),
            })
          }
          onClose={() => setChoosing(false)}
        />
      )}
      {chosen && (
        <CropDialog
          url={chosen.url}
          picture={chosen.picture}
          shape={SHAPES[field]}
          name={name}
          {...(chosen.zoom ? { zoom: chosen.zoom } : {})}
          hint={chosen.still ? words.cropHintStill : words.cropHint}
          onChoose={use}
          onClose={close}
        />
      )}
    </figure>
  );
}
