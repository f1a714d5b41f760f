/** A picture from the service. Until it is there, its own colour, and soon the name; the name alone if it never comes. */

import { useState } from "react";

import type { Artwork } from "../api/types";

const isElsewhere = (path: string): boolean => /^(https?:)?\//.test(path);

export const artworkUrl = (path: string): string => (isElsewhere(path) ? path : `/artwork/${path}`);

/** The widths that the service makes of each picture, and how wide the whole one is. */
const WIDTHS = {
  poster: { made: [160, 240, 320, 480, 640], whole: 800 },
  landscape: { made: [240, 320, 480, 640, 960], whole: 1280 },
  billboard: { made: [480, 640, 960, 1280], whole: 1920 },
} as const;

export type PictureKind = keyof typeof WIDTHS;

/** `src` and `srcSet` of a picture; the browser takes the width that the screen needs. */
export function sourcesOf(path: string, kind: PictureKind): { src: string; srcSet?: string } {
  const src = artworkUrl(path);
  if (isElsewhere(path)) return { src };
  const { made, whole } = WIDTHS[kind];
  const narrow = made.map((width) => `${src}?width=${width} ${width}w`);
  return { src, srcSet: [...narrow, `${src} ${whole}w`].join(", ") };
}

/** A still of the film has no name on it, as a drawn poster has. */
export const isNameless = (artwork: Artwork): boolean => artwork.from_film.some((one) => one.field === "poster");

/**
 * How wide a tile is on the screen. The same steps as `--fit` in the style sheets; on a phone half
 * of it, whose pixels are too small to tell: a third of the bytes.
 */
export const TILE_SIZES = {
  poster: "(min-width: 1500px) 13vw, (min-width: 1000px) 15vw, (min-width: 600px) 22vw, 21vw",
  landscape: "(min-width: 1500px) 22vw, (min-width: 1000px) 28vw, (min-width: 600px) 40vw, 50vw",
  billboard: "(min-width: 1000px) 40vw, 60vw",
} as const;

interface Props {
  path: string;
  kind: PictureKind;
  /** Where it is not as wide as a tile. */
  sizes?: string;
  tint: string;
  name: string;
  eager?: boolean;
  /** Nothing on the picture says whose it is: put the name there. */
  nameless?: boolean;
}

/** A new path is a new picture, also where the old one was missing. */
export function Picture(props: Props) {
  return <Frame key={props.path} {...props} />;
}

function Frame(props: Props) {
  const [state, setState] = useState<"waiting" | "there" | "missing">(props.path ? "waiting" : "missing");
  return (
    <span className="picture" style={{ backgroundColor: props.tint }} data-state={state} data-nameless={props.nameless || undefined}>
      {(state === "missing" || (state === "waiting" && !props.nameless)) && <span className="picture-words" aria-hidden="true" data-words={props.name} />}
      {state !== "missing" && (
        <img
          {...sourcesOf(props.path, props.kind)}
          sizes={props.sizes ?? TILE_SIZES[props.kind]}
          alt=""
          loading={props.eager ? "eager" : "lazy"}
          decoding="async"
          draggable={false}
          onLoad={() => setState("there")}
          onError={() => setState("missing")}
        />
      )}
      {props.nameless && state !== "missing" && <span className="picture-name" aria-hidden="true" data-words={props.name} />}
    </span>
  );
}
