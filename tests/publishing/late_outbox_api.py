"""`vitascope run api`, which acknowledges masters that it may forget: to see that a test notices.

The planted fault: what ingest announces waits in memory for a while before it is put down.
"""

import asyncio
from pathlib import Path

from tests.publishing.role import run
from vitascope.assembly.engines import Engines
from vitascope.assembly.offer import Offer
from vitascope.catalog import TitleRecords
from vitascope.engines.bus import Outbox
from vitascope.engines.rows import Connection, Rows
from vitascope.ingest.jobs import keep_tidy
from vitascope.ingest.upload import RowsIngest
from vitascope.kernel.events import Event

LATER_S = 3600.0


class LateOutbox:
    def __init__(self, rows: Rows, outbox: Outbox) -> None:
        self._rows = rows
        self._outbox = outbox
        self._loop = asyncio.get_running_loop()

    def put(self, _: Connection, *events: Event) -> None:
        asyncio.run_coroutine_threadsafe(self._later(*events), self._loop)

    async def _later(self, *events: Event) -> None:
        await asyncio.sleep(LATER_S)
        await self._rows.write(lambda connection: self._outbox.put(connection, *events))


async def provide(engines: Engines, *, title_records: TitleRecords) -> Offer:
    """As the service's own provider, but for the outbox."""
    rows, outbox = await engines.announcing("ingest")
    ingest = RowsIngest(
        rows=rows,
        outbox=LateOutbox(rows, outbox),
        blobs=engines.blobs,
        catalog=title_records,
        folder=engines.data / "uploads",
        clock=engines.clock,
        settings=engines.settings.ingest,
    )
    return Offer(contracts={"ingest": ingest}, tasks=(lambda: keep_tidy(ingest, engines.clock),))


def forgetful_api(data: Path, port: int) -> None:
    run("api", "licensing", "steering", data=data, port=port, providers={"ingest": provide})
