"""How often a bus looks into its databases when nothing happens: counted under a held clock."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from tests.clocks import PATIENT_S
from tests.conftest import OpenRows
from tests.engines.bus.conftest import Moved, Place
from tests.notices import HeardNotices
from vitascope.engines.bus.outbox import RowsOutbox
from vitascope.engines.bus.rows import MIGRATIONS, RowsBus
from vitascope.engines.bus.settings import BusSettings
from vitascope.engines.notices.sockets import SocketNotices
from vitascope.engines.rows import Rows
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.events import Envelope, Event

T = TypeVar("T")

GROUPS = 8
MINUTE_S = 60


class CountedRows:
    """Passes work on, and counts it."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.dialect = rows.dialect
        self.reads = self.writes = self.under_way = 0

    async def read(self, work: Callable[[Connection], T]) -> T:
        self.reads += 1
        return await self._counted(self._rows.read(work))

    async def write(self, work: Callable[[Connection], T]) -> T:
        self.writes += 1
        return await self._counted(self._rows.write(work))

    async def _counted(self, answer: Coroutine[Any, Any, T]) -> T:
        self.under_way += 1
        try:
            return await answer
        finally:
            self.under_way -= 1

    async def close(self) -> None:
        await self._rows.close()


async def settled(bus_rows: CountedRows, place_rows: CountedRows, looks: int = 20) -> None:
    """Return when nobody has asked for a while: the clock is held, so all wait for it."""
    quiet = 0
    while quiet < looks:
        before = bus_rows.reads + bus_rows.writes + place_rows.reads
        await asyncio.sleep(0.01)
        busy = bus_rows.under_way + place_rows.under_way
        asked = bus_rows.reads + bus_rows.writes + place_rows.reads
        quiet = quiet + 1 if asked == before and not busy else 0


async def test_a_bus_at_rest_looks_every_few_seconds_and_hears_a_notice_at_once(
    open_sqlite: OpenRows, data: Path
) -> None:
    clock, notices = HeldClock(), SocketNotices(folder=data / "notices")
    rows = CountedRows(await open_sqlite("bus", migrations=[MIGRATIONS]))
    place_rows = CountedRows(await open_sqlite("place"))
    bus = RowsBus(rows=rows, notices=notices, clock=clock)
    place = Place(place_rows, bus.outbox("place", place_rows))
    heard = asyncio.Event()

    async def handler(_event: Event, _envelope: Envelope) -> None:
        heard.set()

    for n in range(GROUPS):
        bus.subscribe(f"group {n}", [Moved], handler)
    running = asyncio.create_task(bus.run())
    await settled(rows, place_rows)
    rows.reads = rows.writes = place_rows.reads = place_rows.writes = 0
    for _ in range(MINUTE_S * 2):
        clock.advance(0.5)
        await asyncio.sleep(0.005)
    await settled(rows, place_rows)
    # every 5 s: the log's head and what is to be replayed; the one outbox after 5, 10, 20 and 40 s;
    # the hold of all groups together is renewed a little more often than every 2 s. A notice may
    # come late
    assert rows.reads <= 2 * MINUTE_S / 5 + 10
    assert rows.writes <= MINUTE_S / 1.6 + 10
    assert place_rows.reads <= 4
    assert place_rows.writes == 0

    # another process: its relay carries the event, and a notice wakes this one, whose clock stands
    other_notices = SocketNotices(folder=data / "notices")
    other = RowsBus(
        rows=await open_sqlite("bus", migrations=[MIGRATIONS]), notices=other_notices, clock=clock
    )
    theirs = await open_sqlite("place")
    elsewhere = Place(theirs, other.outbox("place", theirs))
    await elsewhere.announce(Moved(who="a", step=1))
    await other._relay.carry_all()
    await asyncio.wait_for(heard.wait(), PATIENT_S)
    assert await place.left_in_outbox() == 0
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    await other_notices.close()
    await notices.close()
    await other_notices.close()


async def test_what_is_committed_late_is_swept_up_soon_although_all_was_quiet(
    open_sqlite: OpenRows, data: Path
) -> None:
    clock, settings = HeldClock(), BusSettings()
    rows = CountedRows(await open_sqlite("bus", migrations=[MIGRATIONS]))
    place_rows = CountedRows(await open_sqlite("place"))
    bus = RowsBus(rows=rows, notices=HeardNotices(), clock=clock, settings=settings)
    announcing = bus.outbox("place", place_rows)
    late = Place(place_rows, RowsOutbox(rows=place_rows, clock=clock, announced=lambda: None))

    async def passed(*pauses_s: float) -> None:
        for pause_s in pauses_s:
            clock.advance(pause_s)
            await settled(rows, place_rows, looks=5)

    running = asyncio.create_task(bus.run())
    await settled(rows, place_rows)
    await passed(5, 10, 20, 40)
    announcing._announced()  # long before its commit
    await passed(0, 0.2, 0.2, 0.2, 0.2, 1.2)
    await late.announce(Moved(who="a", step=1))
    await passed(*(1 for _ in range(round(settings.sweep_s))))
    assert await late.left_in_outbox() == 0
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
