"""Search hears of titles in batches: what it reads and writes does not grow with their number."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.catalog.setup import PARTNER, MemoryBlobs, WholeCatalog, film
from tests.conftest import OpenRows
from vitascope.engines.bus.log import MIGRATIONS
from vitascope.engines.bus.rows import RowsBus
from vitascope.engines.bus.settings import BusSettings
from vitascope.engines.notices.sockets import SocketNotices
from vitascope.engines.rows import Connection
from vitascope.engines.text.sqlite import MIGRATIONS as TEXT
from vitascope.engines.text.sqlite import SqliteText
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.country import Country
from vitascope.kernel.ids import TitleId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.scope import Scope
from vitascope.search.finder import SearchFinder
from vitascope.search.jobs import listen

T = TypeVar("T")
MANY = 150
PATIENT = BusSettings(hold_s=3600.0)  # what lapses on a busy machine is heard again
EVERYTHING = Scope(country=Country("FR"), maturity=Maturity.EIGHTEEN, kids=False, at_ms=0)


class CountedRows:
    """Rows that count what is asked of them."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows
        self.writes = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)

    async def write(self, work: Callable[[Connection], T]) -> T:
        self.writes += 1
        result: T = await self._rows.write(work)
        return result


class CountedCatalog:
    def __init__(self, catalog: WholeCatalog) -> None:
        self._catalog = catalog
        self.reads = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._catalog, name)

    async def titles(self, title_ids: Any) -> Any:
        self.reads += 1
        return await self._catalog.titles(title_ids)


class Place:
    def __init__(self, bus: RowsBus, catalog: WholeCatalog, rows: Any, words: Any) -> None:
        self.bus = bus
        self.catalog = catalog
        self.records: Any = CountedCatalog(catalog)
        self.rows: Any = CountedRows(rows)
        self.words: Any = CountedRows(words)
        self.search = SearchFinder(rows=self.rows, text=SqliteText(self.words))

    async def found(self, query: str) -> list[str]:
        return [hit.title_id for hit in (await self.search.find(query, scope=EVERYTHING)).hits]


@pytest.fixture
async def place(open_sqlite: OpenRows, data: Path) -> AsyncIterator[Place]:
    notices, clock = SocketNotices(folder=data / "notices"), SystemClock()
    bus_rows = await open_sqlite("bus", migrations=[MIGRATIONS])
    bus = RowsBus(rows=bus_rows, notices=notices, clock=clock, settings=PATIENT)
    rows, blobs = await open_sqlite("catalog"), MemoryBlobs()
    catalog = WholeCatalog(
        rows=rows,
        outbox=bus.outbox("catalog", rows),
        blobs=blobs,
        clock=clock,
    )
    words = await open_sqlite("text", migrations=[TEXT])
    yield Place(bus, catalog, await open_sqlite("search"), words)
    await notices.close()


async def test_many_titles_are_indexed_by_one_read_and_one_write_of_each_kind(
    place: Place,
) -> None:
    await place.catalog.save_all([film(f"Film {n}", partner_id=PARTNER) for n in range(MANY)])
    await place.bus.drain()  # into the log
    listen(place.bus, place.records, place.search)
    await place.bus.drain()
    assert (place.records.reads, place.rows.writes, place.words.writes) == (1, 1, 1)
    ids = [TitleId(f"ttl_film-{n}") for n in range(MANY)]
    assert await place.search.unknown(ids) == []
    assert (await place.found("film 77"))[0] == "ttl_film-77"


async def test_a_batch_of_titles_that_are_shown_and_that_are_not(place: Place) -> None:
    listen(place.bus, place.records, place.search)
    await place.catalog.save_all([film("Nosferatu"), film("Sunrise"), film("Metropolis")])
    await place.bus.drain()
    await place.catalog.take_down(TitleId("ttl_sunrise"))
    await place.catalog.save(film("Nosferatu", year=1922))
    await place.bus.drain()
    assert await place.found("sunrise") == []
    assert await place.found("nosferatu 1922") == ["ttl_nosferatu"]
    assert await place.found("metropolis") == ["ttl_metropolis"]
