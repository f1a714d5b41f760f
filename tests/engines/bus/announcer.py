"""A process that changes, announces, relays and hears, until it is killed.

    python -m tests.engines.bus.announcer sqlite|URL FOLDER

Each change is a row of `steps` and an event in one transaction; what is heard goes to a file.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection, text

from tests.conftest import opened
from tests.engines.bus.conftest import Moved
from vitascope.engines.bus.log import MIGRATIONS as LOG
from vitascope.engines.bus.outbox import MIGRATIONS as OUTBOX
from vitascope.engines.bus.rows import RowsBus
from vitascope.engines.bus.settings import BusSettings
from vitascope.engines.notices.sockets import SocketNotices
from vitascope.engines.rows import Rows
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.events import Envelope, Event

KEYS = "abcdefgh"
QUICK = BusSettings(poll_s=0.02, sweep_s=0.05, hold_s=1.0, backoff_s=0.01)


@asynccontextmanager
async def hearing_bus(url: str, folder: Path) -> AsyncIterator[tuple[RowsBus, Rows]]:
    """A bus whose one group writes what it hears to `folder/heard`, and the place's rows."""
    async with AsyncExitStack() as stack:
        bus_rows = await opened("bus", url, folder, [LOG])
        stack.push_async_callback(bus_rows.close)
        rows = await opened("place", url, folder, [OUTBOX])
        stack.push_async_callback(rows.close)
        notices = SocketNotices(folder=folder / "notices")
        stack.push_async_callback(notices.close)
        heard = os.open(folder / "heard", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        stack.callback(os.close, heard)
        yield _hearing(bus_rows, notices, heard), rows


def _hearing(bus_rows: Rows, notices: SocketNotices, heard: int) -> RowsBus:
    bus = RowsBus(rows=bus_rows, notices=notices, clock=SystemClock(), settings=QUICK)

    async def hear(event: Event, envelope: Envelope) -> None:
        assert isinstance(event, Moved)
        await asyncio.to_thread(os.write, heard, f"{event.who} {event.step}\n".encode())

    bus.subscribe("watchers", [Moved], hear)
    return bus


async def main(url: str, folder: Path) -> None:
    async with hearing_bus(url, folder) as (bus, rows):
        await announce(bus, rows)


async def announce(bus: RowsBus, rows: Rows) -> None:
    outbox = bus.outbox("place", rows)
    running = asyncio.create_task(bus.run())

    async def walk(who: str) -> None:
        while True:

            def step(connection: Connection) -> None:
                last = connection.scalar(
                    text("SELECT max(step) FROM steps WHERE who = :who"), {"who": who}
                )
                following = Moved(who=who, step=(-1 if last is None else last) + 1)
                connection.execute(
                    text("INSERT INTO steps VALUES (:who, :step)"),
                    {"who": who, "step": following.step},
                )
                outbox.put(connection, following)

            await rows.write(step)
            sys.stdout.write(f"{who}\n")
            sys.stdout.flush()

    await asyncio.gather(running, *(walk(who) for who in KEYS))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
