"""A bus whose patience is short, and a domain that announces."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.clocks import WakefulClock
from tests.conftest import OpenRows
from vitascope.engines.bus import Outbox
from vitascope.engines.bus.rows import MIGRATIONS, RowsBus
from vitascope.engines.bus.settings import BusSettings
from vitascope.engines.notices.sockets import SocketNotices
from vitascope.engines.rows import Connection, Rows
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.events import Event

HASTY = BusSettings(poll_s=3600.0, sweep_s=0.05, backoff_s=0.005)  # heard by notices alone


class Moved(Event, frozen=True, tag="Moved"):
    who: str
    step: int

    @property
    def key(self) -> str:
        return self.who


class Left(Event, frozen=True, tag="Left"):
    who: str

    @property
    def key(self) -> str:
        return self.who


class Place:
    """A domain's database with its outbox."""

    def __init__(self, rows: Rows, outbox: Outbox) -> None:
        self.rows = rows
        self.outbox = outbox

    async def announce(self, *events: Event, fail: bool = False) -> None:
        def work(connection: Connection) -> None:
            self.outbox.put(connection, *events)
            if fail:
                raise ValueError("changed my mind")

        await self.rows.write(work)

    async def left_in_outbox(self) -> int:
        def work(connection: Connection) -> int:
            return int(connection.scalar(text("SELECT count(*) FROM outbox")) or 0)

        return await self.rows.read(work)


MakeBus = Callable[..., Awaitable[RowsBus]]


@pytest.fixture
def clock() -> HeldClock:
    return WakefulClock()


@pytest.fixture
async def make_bus(open_rows: OpenRows, clock: HeldClock, data: Path) -> AsyncIterator[MakeBus]:
    """Each call is another process's part of the same bus."""
    async with AsyncExitStack() as stack:

        async def make(settings: BusSettings = HASTY) -> RowsBus:
            rows = await open_rows("bus", migrations=[MIGRATIONS])
            notices = SocketNotices(folder=data / "notices")
            stack.push_async_callback(notices.close)
            return RowsBus(rows=rows, notices=notices, clock=clock, settings=settings)

        yield make


@pytest.fixture
async def bus(make_bus: MakeBus) -> RowsBus:
    return await make_bus()


@pytest.fixture
async def place(bus: RowsBus, open_rows: OpenRows) -> Place:
    rows = await open_rows("place")
    return Place(rows, bus.outbox("place", rows))
