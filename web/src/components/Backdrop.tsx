/** The wide picture behind the words of a billboard or of a title's page. */

import type { Artwork } from "../api/types";
import { sourcesOf } from "./Picture";

export function Backdrop({ artwork }: { artwork: Artwork }) {
  const path = artwork.billboard || artwork.landscape;
  return (
    <div className="billboard-screen">
      {path && (
        <img
          {...sourcesOf(path, artwork.billboard ? "billboard" : "landscape")}
          // A phone shows the middle of it, higher than wide.
          sizes="(max-width: 599px) 86vw, 100vw"
          alt=""
          fetchPriority="high"
        />
      )}
    </div>
  );
}
