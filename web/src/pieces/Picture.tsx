/** A picture from the service, over its own colour until it is there, with words if it never comes. */

import { useState } from "react";

export const artworkUrl = (path: string): string =>
  /^(https?:)?\//.test(path) ? path : `/artwork/${path}`;

interface Props {
  path: string;
  tint: string;
  name: string;
  eager?: boolean;
}

/** A new path is a new picture, also where the old one was missing. */
export function Picture(props: Props) {
  return <Frame key={props.path} {...props} />;
}

function Frame(props: Props) {
  const [state, setState] = useState<"waiting" | "there" | "missing">(props.path ? "waiting" : "missing");
  return (
    <span className="picture" style={{ backgroundColor: props.tint }} data-state={state}>
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
    </span>
  );
}
