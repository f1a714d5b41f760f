"""Posters into the catalogue: drawn off the event loop, in a thread that gives way to all else."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

from vitascope.catalog import Artwork, Catalog
from vitascope.operations.demo.films import DemoFilm
from vitascope.operations.demo.posters import Design, Pictures, pictures


async def paint(
    catalog: Catalog, films: list[DemoFilm], fonts: Path, step: Callable[[int, int], None]
) -> None:
    """Draw and keep the pictures of those titles that have none, or only stills of their film.
    What was taken from the film and is not drawn (its preview) stays."""
    known = await catalog.titles([film.title.id for film in films])
    bare = {title.id for title in known if not _is_drawn(title.artwork)}
    wanted = [film for film in films if film.title.id in bare]
    for done, film in enumerate(wanted):
        step(done, len(wanted))
        drawn = await asyncio.to_thread(_quietly, film.design, fonts)
        poster, landscape, billboard = [
            await catalog.keep_picture(content, "webp")
            for content in (drawn.poster, drawn.landscape, drawn.billboard)
        ]
        artwork = Artwork(poster=poster, landscape=landscape, billboard=billboard, tint=drawn.tint)
        await catalog.set_artwork(film.title.id, artwork)
    step(len(wanted), len(wanted))


def _is_drawn(artwork: Artwork) -> bool:
    taken = any(one.field == "poster" for one in artwork.from_film)
    return bool(artwork.poster) and not taken


def _quietly(design: Design, fonts: Path) -> Pictures:
    """On Linux a thread has a priority of its own: this one leaves the processor to encoding."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
    return pictures(design, fonts)
