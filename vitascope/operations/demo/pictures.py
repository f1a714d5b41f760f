"""The demo's pictures into the catalogue."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from vitascope.catalog import Artwork, TitleRecords
from vitascope.operations.demo.films import DemoFilm


async def keep_pictures(
    catalog: TitleRecords, films: list[DemoFilm], folder: Path, step: Callable[[int, int], None]
) -> None:
    """Keep the pictures of those titles that have none, or only stills of their film. `folder`
    holds them as `SLUG.FIELD.webp`. What was taken from the film and has no file (its preview)
    stays."""
    known = await catalog.titles([film.title.id for film in films])
    bare = {title.id for title in known if not _has_a_poster(title.artwork)}
    wanted = [film for film in films if film.title.id in bare]
    for done, film in enumerate(wanted):
        step(done, len(wanted))
        poster, landscape, billboard = [
            await catalog.keep_picture(await asyncio.to_thread(file.read_bytes), "webp")
            for file in files_of(film, folder)
        ]
        artwork = Artwork(poster=poster, landscape=landscape, billboard=billboard, tint=film.tint)
        await catalog.set_artwork(film.title.id, artwork)
    step(len(wanted), len(wanted))


def files_of(film: DemoFilm, folder: Path) -> list[Path]:
    """Returns the files of poster, landscape and billboard."""
    return [folder / f"{film.slug}.{field}.webp" for field in ("poster", "landscape", "billboard")]


def _has_a_poster(artwork: Artwork) -> bool:
    taken = any(one.field == "poster" for one in artwork.from_film)
    return bool(artwork.poster) and not taken
