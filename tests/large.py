"""A catalogue of 15,000 titles: built once a session, by the import's own way, and indexed."""

import asyncio
from pathlib import Path
from typing import Any

from tests.catalog.setup import PARTNER, MemoryBlobs, MemoryOutbox, WholeCatalog
from tests.films import FILE
from vitascope.catalog import imports
from vitascope.cli.titles import read_batches
from vitascope.engines.bus.outbox import MIGRATIONS as OUTBOX
from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.engines.text.sqlite import MIGRATIONS as TEXT
from vitascope.engines.text.sqlite import SqliteText
from vitascope.kernel.clock import HeldClock
from vitascope.search.finder import SearchFinder
from vitascope.search.jobs import catch_up

MIGRATIONS = {
    "catalog": ["vitascope.catalog.migrations", OUTBOX],
    "search": ["vitascope.search.migrations"],
    "text": [TEXT],
}


def build(folder: Path) -> None:
    """Write `catalog.db`, `search.db` and `text.db`."""
    asyncio.run(_build(folder))


async def _build(folder: Path) -> None:
    rows = {
        name: await SqliteRows.open(name, folder=folder, migrations=migrations)
        for name, migrations in MIGRATIONS.items()
    }
    blobs: Any = MemoryBlobs()
    clock = HeldClock()
    records = WholeCatalog(rows=rows["catalog"], outbox=MemoryOutbox(), blobs=blobs, clock=clock)
    for batch in read_batches(FILE):
        lines = imports.read_lines(batch.content, batch.first_line)
        await records.save_all(imports.imported(lines, {}, PARTNER, PARTNER, clock.now_ms()))
    await catch_up(records, SearchFinder(rows=rows["search"], text=SqliteText(rows["text"])))
    for each in rows.values():
        await each.close()
