"""Draw the pictures of some titles, or of all, into `demo/artwork`, and print their tints."""

import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from demo.drawing.poster import Design, pictures

DEMO = Path(__file__).resolve().parents[1]


def designs() -> Iterator[tuple[str, Design]]:
    """Each title's slug, and what its pictures are drawn from."""
    for file in sorted((DEMO / "titles").glob("*.toml")):
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["title"]:
            yield entry["slug"], _design(entry)


def _design(entry: Mapping[str, Any]) -> Design:
    byline = f"{entry['directors'][0].upper()} · {entry['year']}"
    return Design(name=entry["en"]["name"], byline=byline, **entry["art"])


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
