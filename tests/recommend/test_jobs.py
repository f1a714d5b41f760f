"""Recommendation hears of titles in batches, and reads each batch at once."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.catalog.setup import MemoryBlobs, WholeCatalog, film
from tests.conftest import OpenRows
from vitascope.catalog import Title
from vitascope.engines.bus.log import MIGRATIONS
from vitascope.engines.bus.rows import RowsBus
from vitascope.engines.bus.settings import BusSettings
from vitascope.engines.notices.sockets import SocketNotices
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.ids import TitleId
from vitascope.recommend.jobs import follow_titles
from vitascope.recommend.traits import traits_of

MANY = 150
PATIENT = BusSettings(hold_s=3600.0)  # what lapses on a busy machine is heard again


class CountedRecords:
    def __init__(self, records: WholeCatalog) -> None:
        self._records = records
        self.reads = 0

    async def titles(self, title_ids: Sequence[TitleId]) -> list[Title]:
        self.reads += 1
        return await self._records.titles(title_ids)


class NotedModel:
    """Notes what it is told of titles."""

    def __init__(self) -> None:
        self.learned: dict[TitleId, Any] = {}
        self.unlearned: set[TitleId] = set()

    def learn(self, traits: Any) -> None:
        self.learned[traits.title_id] = traits

    def unlearn(self, title_id: TitleId) -> None:
        self.unlearned.add(title_id)


async def test_many_titles_are_learned_from_one_read(open_sqlite: OpenRows, data: Path) -> None:
    notices, clock, blobs = SocketNotices(folder=data / "notices"), SystemClock(), MemoryBlobs()
    rows, log = await open_sqlite("catalog"), await open_sqlite("bus", migrations=[MIGRATIONS])
    bus = RowsBus(rows=log, notices=notices, clock=clock, settings=PATIENT)
    outbox = bus.outbox("catalog", rows)
    catalog = WholeCatalog(rows=rows, outbox=outbox, blobs=blobs, clock=clock)
    records: Any = CountedRecords(catalog)
    model: Any = NotedModel()
    await follow_titles(bus, records, model)
    await catalog.save_all([film(f"Film {n}") for n in range(MANY)])
    await catalog.take_down(TitleId("ttl_film-7"))
    await bus.drain()
    gone = {TitleId("ttl_film-7")}
    assert model.unlearned == gone
    assert set(model.learned) - gone == {TitleId(f"ttl_film-{n}") for n in range(MANY)} - gone
    assert records.reads < 5
    one = await catalog.titles([TitleId("ttl_film-9")])
    assert model.learned[TitleId("ttl_film-9")] == traits_of(one[0])
    await notices.close()
