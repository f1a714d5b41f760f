"""The relay: moves announcements from the outboxes of this process to the log.

It knows nothing of who listens. An outbox tells it of each announcement, whose commit follows some
time later; so it looks several times soon after, and into every outbox now and then for what a
process that died left behind.
"""

import asyncio

from vitascope.engines.bus.contract import Log
from vitascope.engines.bus.outbox import RowsOutbox
from vitascope.engines.bus.settings import BusSettings
from vitascope.engines.bus.trouble import through_trouble
from vitascope.engines.rows import Rows
from vitascope.kernel.clock import Clock, set_within

_AFTER_ANNOUNCEMENT_S = (0.002, 0.01, 0.04, 0.15, 1.0)  # its commit comes some time after the `put`


class OutboxRelay:
    """`outbox` makes the outboxes that it looks after."""

    def __init__(self, *, log: Log, clock: Clock, settings: BusSettings) -> None:
        self._log = log
        self._clock = clock
        self._settings = settings
        self._outboxes: dict[str, RowsOutbox] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._announced = asyncio.Event()
        self._stirred = asyncio.Event()
        self._due: set[str] = set()

    def outbox(self, domain: str, rows: Rows) -> RowsOutbox:
        """Returns the announcing side of a domain, which this process relays from now on."""

        def announced() -> None:
            """Comes from whatever thread the transaction runs in."""
            if self._loop is not None:  # else the first sweep of `run` finds it
                self._loop.call_soon_threadsafe(self._note, domain)

        outbox = RowsOutbox(rows=rows, clock=self._clock, announced=announced)
        self._outboxes[domain] = outbox
        return outbox

    async def carry_all(self) -> None:
        for outbox in list(self._outboxes.values()):
            await self._carry(outbox)

    async def run(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._carry_announced(), name="relay announced")
            tasks.create_task(self._sweep(), name="relay sweep")

    async def forget_heard(self, before_ms: int) -> None:
        """Forget which events were heard before a time; nothing so old is offered again."""
        for outbox in list(self._outboxes.values()):
            await outbox.forget_heard(before_ms)

    def _note(self, domain: str) -> None:
        self._due.add(domain)
        self._announced.set()
        self._stirred.set()

    async def _carry(self, outbox: RowsOutbox) -> None:
        """Move what waits in an outbox to the log. When this process dies between the two commits
        it is moved again, and the log knows it already."""
        while waiting := await outbox.waiting(self._settings.batch):
            await self._log.append([envelope for _, envelope in waiting])
            await outbox.carried(waiting)

    async def _carry_announced(self) -> None:
        while True:
            await self._announced.wait()
            self._announced.clear()
            due, self._due = self._due, set()
            for wait_s in _AFTER_ANNOUNCEMENT_S:
                await self._clock.sleep(wait_s)
                due |= self._due
                for domain in due:
                    await through_trouble(self._carry, self._outboxes[domain])

    async def _sweep(self) -> None:
        """Look into every outbox, less and less often while this process announces nothing."""
        pause_s = self._settings.sweep_s
        while True:
            for outbox in list(self._outboxes.values()):
                await through_trouble(self._carry, outbox)
            self._stirred.clear()
            await set_within(self._stirred, pause_s, self._clock)
            if self._stirred.is_set():
                pause_s = self._settings.sweep_s
                await self._clock.sleep(pause_s)
            else:
                pause_s = min(pause_s * 2, self._settings.longest_sweep_s)
