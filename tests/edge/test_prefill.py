"""C3 I12: an edge fills itself with what is published, before the first viewer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.edge.real_servers import PREFIX, PlantedOrigin, edge
from vitascope.edge.settings import EdgeSettings, FillMode

FILES = {"v720.mp4": b"v" * 300_000, "a-en-2.mp4": b"a" * 20_000, "thumbs-0.jpg": b"jpeg"}


@pytest.fixture
async def origin() -> AsyncIterator[PlantedOrigin]:
    async with PlantedOrigin(FILES).running() as planted:
        yield planted


async def test_what_is_published_is_on_the_edge_before_anybody_asks(
    origin: PlantedOrigin, tmp_path: Path
) -> None:
    origin.versions = ["ast_gone/v1", PREFIX]
    async with edge(origin.url, tmp_path) as running, aiohttp.ClientSession() as web:
        await running.appliance.prefiller.catch_up()
        assert PREFIX in running.appliance.cache.inventory
        asked = len(origin.reads)
        for name, content in FILES.items():
            async with web.get(running.link(name)) as response:
                assert await response.read() == content
        assert len(origin.reads) == asked, "viewers were served from disk"
        await running.appliance.prefiller.catch_up()
        assert len(origin.reads) == asked, "nothing is pulled twice"


async def test_an_edge_that_is_set_to_follows_what_is_published(
    origin: PlantedOrigin, tmp_path: Path
) -> None:
    settings = EdgeSettings(fill=FillMode.PUBLISHED, fill_s=0.02)
    async with edge(origin.url, tmp_path, settings) as running:
        origin.versions.append(PREFIX)
        async with asyncio.timeout(120):
            while PREFIX not in running.appliance.cache.inventory:
                await asyncio.sleep(0.01)


async def test_an_edge_that_is_not_asks_for_nothing(origin: PlantedOrigin, tmp_path: Path) -> None:
    origin.versions.append(PREFIX)
    async with edge(origin.url, tmp_path, EdgeSettings(fill_s=0.01)):
        await asyncio.sleep(0.1)
    assert origin.packages == 0


@pytest.mark.parametrize(("disk_bytes", "held"), [(340_003, False), (340_004, True)])
async def test_only_free_room_is_filled(
    origin: PlantedOrigin, tmp_path: Path, disk_bytes: int, held: bool
) -> None:
    """20,000 bytes lie there already, of a version that a viewer asked for."""
    origin.versions.append(PREFIX)
    async with edge(origin.url, tmp_path, EdgeSettings(disk_bytes=disk_bytes)) as running:
        assert running.appliance.cache.reserve(20_000)
        await running.appliance.prefiller.catch_up()
        assert (PREFIX in running.appliance.cache.inventory) is held
        assert bool(origin.reads) is held


async def test_what_fails_is_tried_again(origin: PlantedOrigin, tmp_path: Path) -> None:
    origin.versions.append(PREFIX)
    origin.files["v720.mp4"] = b"x" * 300_000
    async with edge(origin.url, tmp_path, EdgeSettings(retry_fill_s=0.0)) as running:
        await running.appliance.prefiller.catch_up()
        assert PREFIX not in running.appliance.cache.inventory, "what is damaged is not kept"
        origin.files["v720.mp4"] = FILES["v720.mp4"]
        await running.appliance.prefiller.fill(PREFIX)
        assert PREFIX in running.appliance.cache.inventory
