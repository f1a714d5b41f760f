/** A picture from the service, over its own colour until it is there, with words if it never comes. */

import { useState } from "react";

import type { Artwork } from "../api/types";

export const artworkUrl = (path: string): string =>
  /^(https?:)?\//.test(path) ? path : `/artwork/${path}`;

/** A still of the film has no name on it, as a drawn poster has. */
export const isNameless = (artwork: Artwork): boolean => artwork.from_film.some((one) => one.field === "poster");

interface Props {
  path: string;
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
      {state === "missing" ? (
        <span className="picture-words" aria-hidden="true" data-words={props.name} />
      ) : (
        <img
          src={artworkUrl(props.path)}
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
