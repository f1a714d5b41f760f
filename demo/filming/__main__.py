"""Make some films, or all, into `demo/media`."""

from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import numpy as np
from PIL import Image

from demo.filming import films
from demo.filming.reel import Film, make

MEDIA = Path(__file__).parents[1] / "media"


def all_films() -> dict[str, Film]:
    """Returns every film by the name of its file."""
    found: dict[str, Film] = {}
    for module in iter_modules(films.__path__):
        found |= import_module(f"demo.filming.films.{module.name}").FILMS
    return found


def look(name: str, film: Film, folder: Path, stills: int = 12) -> None:
    """Write a sheet of stills, as a first look at a film."""
    step = max(1, round(film.seconds * film.rate) // stills)
    seen = [np.array(frame) for frame in film.frames(step)][:stills]
    sheet = Image.new("RGB", (4 * 480, 3 * 270))
    for n, frame in enumerate(seen):
        eight = frame if frame.dtype == np.uint8 else (frame // 256).astype(np.uint8)
        still = Image.fromarray(eight[:, :, :3]).resize((480, 270))
        sheet.paste(still, (n % 4 * 480, n // 4 * 270))
    sheet.save(folder / f"{name}.png")


def main() -> None:
    known = all_films()
    options = ArgumentParser(description=__doc__)
    options.add_argument("film", nargs="*", default=list(known), choices=known)
    options.add_argument("--look", action="store_true", help="write a sheet of stills instead")
    options.add_argument("--to", type=Path, default=MEDIA, help="folder to write to")
    said = options.parse_args()
    for name in said.film:
        film = known[name]
        if said.look:
            look(name, film, said.to)
        else:
            make(film, said.to / f"{name}{film.suffix}")
        print(name)


if __name__ == "__main__":
    main()
