import { Link } from "react-router";

import type { Genre } from "../api/types";
import { useWords } from "../words";

export function GenreChips({ genres, current, all }: { genres: Genre[]; current?: string | undefined; all?: string }) {
  const words = useWords();
  return (
    <nav className="chips" aria-label={words.genres} data-row="">
      {all && (
        <Link className="chip" data-tile="" to="/browse" aria-current={current ? undefined : "page"}>
          {all}
        </Link>
      )}
      {genres.map((genre) => (
        <Link key={genre.slug} className="chip" data-tile="" to={`/browse/${genre.slug}`} aria-current={genre.slug === current ? "page" : undefined}>
          {genre.name}
        </Link>
      ))}
    </nav>
  );
}
