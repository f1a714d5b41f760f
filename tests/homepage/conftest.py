"""A home page over films of which the last are coming; modules that need another have it."""

import asyncio

import msgspec
import pytest

from tests.catalog.setup import asset
from tests.conftest import OpenRows
from tests.homepage.setup import Setup
from tests.homepage.shelf import publish, shelf_of_films
from vitascope.catalog import Artwork, TitleKind
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import TitleId


@pytest.fixture
async def setup(open_sqlite: OpenRows, clock: HeldClock) -> Setup:
    setup = await Setup().open(open_sqlite, clock)
    wide = Artwork(landscape="wide.webp")
    shelf = [msgspec.structs.replace(title, artwork=wide) for title in shelf_of_films()]
    await asyncio.gather(*(setup.catalog.save(title) for title in shelf))
    films = [title for title in shelf_of_films() if title.kind is TitleKind.FILM]
    await publish(setup, *films[:24])  # the others are coming
    for content in ("epi_saga-1-1", "epi_saga-1-2", "epi_saga-2-1"):
        await setup.catalog.publish(TitleId("ttl_saga"), asset(content))
    await setup.learn()
    return setup
