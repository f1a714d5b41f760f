"""A process that changes, announces, relays and hears, until it is killed.

    python -m tests.engines.bus.announcer sqlite|URL FOLDER

Each change is a row of `steps` and an event in one transaction; what is heard goes to a file.
"""

import asyncio
import os
import sys
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


async def hearing_bus(url: str, folder: Path) -> tuple[RowsBus, Rows, Rows]:
    """A bus whose one group writes what it hears to `folder/heard`; its rows, and the place's."""
    bus_rows = await opened("bus", url, folder, [LOG])
    rows = await opened("place", url, folder, [OUTBOX])
    notices = SocketNotices(folder=folder / "notices")
    bus = RowsBus(rows=bus_rows, notices=notices, clock=SystemClock(), settings=QUICK)
    heard = os.open(folder / "heard", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    async def hear(event: Event, envelope: Envelope) -> None:
        assert isinstance(event, Moved)
        await asyncio.to_thread(os.write, heard, f"{event.who} {event.step}\n".encode())

    bus.subscribe("watchers", [Moved], hear)
    return bus, bus_rows, rows


async def main(url: str, folder: Path) -> None:
    bus, _, rows = await hearing_bus(url, folder)
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
