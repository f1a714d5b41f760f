"""Draw the pictures of some titles, or of all, into `demo/artwork`, and print their tints."""

import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from demo.drawing.poster import Design, pictures
from demo.drawing.stills import Still

DEMO = Path(__file__).resolve().parents[1]


def designs() -> Iterator[tuple[str, Design]]:
    """Each title's slug, and what its pictures are drawn from."""
    for file in sorted((DEMO / "titles").glob("*.toml")):
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["title"]:
            yield entry["slug"], _design(entry)


def _design(entry: Mapping[str, Any]) -> Design:
    """`art.still` has the seconds into the film and where in its width the poster's middle lies."""
    art = dict(entry["art"])
    if "still" in art:
        at_s, middle = art["still"]
        art["still"] = Still(film=DEMO / "media" / _film(entry), at_s=at_s, middle=middle)
    director = entry.get("directors", ["Vitascope"])[0]
    byline = f"{director.upper()} · {entry['year']}"
    return Design(name=entry["en"]["name"], byline=byline, **art)


def _film(entry: Mapping[str, Any]) -> str:
    """Returns the name of the film's file; of a series, that of its first episode."""
    played = entry if "media" in entry else entry["season"][0]["episodes"][0]
    return str(played["media"]["file"])


def draw(slug: str, design: Design, folder: Path) -> str:
    """Write the three pictures of a title to `folder`. Returns the tint, for its entry."""
    drawn = pictures(design, DEMO / "drawing" / "fonts")
    for field in ("poster", "landscape", "billboard"):
        (folder / f"{slug}.{field}.webp").write_bytes(getattr(drawn, field))
    return drawn.tint


if __name__ == "__main__":
    for slug, design in designs():
        if slug in sys.argv[1:] or len(sys.argv) == 1:
            print(slug, f'tint = "{draw(slug, design, DEMO / "artwork")}"')
