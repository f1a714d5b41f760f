"""The bus over rows: no broker, only the databases that are there anyway.

How the words map: an announcement is a row of the announcer's `outbox`; the log, the groups and the
dead letters are tables of the bus's own database. Processes tell each other by notices that the log
has grown, and look by themselves now and then.

Costs: every announcement is one row more in a commit that happens anyway, two small commits to
carry it, and a commit per group for a batch that was heard. About 5-10 ms from commit to handler,
within a process or across two; `poll_s` more when a notice was lost.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from vitascope.engines.bus.contract import BatchHandler, DeadLetter, Handler
from vitascope.engines.bus.groups import RowsGroups
from vitascope.engines.bus.log import MIGRATIONS, RowsLog
from vitascope.engines.bus.outbox import RowsOutbox
from vitascope.engines.bus.progress import GroupProgress
from vitascope.engines.bus.relay import OutboxRelay
from vitascope.engines.bus.settings import BusSettings
from vitascope.engines.bus.trouble import through_trouble
from vitascope.engines.notices import Notices
from vitascope.engines.rows import Rows
from vitascope.kernel.clock import Clock
from vitascope.kernel.events import Event

__all__ = ["MIGRATIONS", "RowsBus"]

_TRIM_EVERY_S = 3600.0
_DAY_MS = 24 * 3600 * 1000


class RowsBus:
    """One process's part of the bus. `rows` is the bus's own database, opened with `MIGRATIONS`."""

    def __init__(
        self, *, rows: Rows, notices: Notices, clock: Clock, settings: BusSettings | None = None
    ) -> None:
        self._clock = clock
        self._settings = settings or BusSettings()
        log = RowsLog(rows, notices)
        self._relay = OutboxRelay(log=log, clock=clock, settings=self._settings)
        self._groups = RowsGroups(
            log=log,
            progress=GroupProgress(rows),
            notices=notices,
            clock=clock,
            settings=self._settings,
        )
        self._running = 0

    def outbox(self, domain: str, rows: Rows) -> RowsOutbox:
        """Returns the announcing side of a domain, whose outbox this process relays from now on.

        `rows` was opened with `vitascope.engines.bus.outbox.MIGRATIONS` beside the domain's own.
        """
        return self._relay.outbox(domain, rows)

    def subscribe(
        self, group: str, types: Sequence[type[Event]], handler: Handler, *, attempts: int = 5
    ) -> None:
        self._groups.subscribe(group, types, handler, attempts=attempts)

    def subscribe_batches(
        self, group: str, types: Sequence[type[Event]], handler: BatchHandler, *, attempts: int = 5
    ) -> None:
        self._groups.subscribe_batches(group, types, handler, attempts=attempts)

    async def overhear(self, types: Sequence[type[Event]], handler: Handler) -> None:
        await self._groups.overhear(types, handler)

    async def overhear_batches(self, types: Sequence[type[Event]], handler: BatchHandler) -> None:
        await self._groups.overhear_batches(types, handler)

    async def run(self) -> None:
        self._running += 1
        try:
            async with asyncio.TaskGroup() as tasks:
                for work in (self._relay.run, self._groups.run, self._trim):
                    tasks.create_task(work(), name=f"bus {work.__qualname__}")
        finally:
            self._running -= 1

    async def drain(self) -> None:
        """Return when all that was announced was heard, and handlers announce nothing more.
        Delivers by itself where `run` is not under way in this process."""
        async with self._under_way():
            through = -1
            while through != (through := await self._carried_and_caught_up()):
                pass

    async def dead_letters(self, group: str | None = None, *, limit: int = 100) -> list[DeadLetter]:
        return await self._groups.dead_letters(group, limit=limit)

    async def replay(self, group: str, envelope_id: str) -> None:
        await self._groups.replay(group, envelope_id)

    async def replay_all(self, group: str) -> int:
        return await self._groups.replay_all(group)

    async def _carried_and_caught_up(self) -> int:
        await self._relay.carry_all()
        return await self._groups.caught_up()

    @asynccontextmanager
    async def _under_way(self) -> AsyncIterator[None]:
        if self._running:
            yield
            return
        running = asyncio.create_task(self.run(), name="bus for a drain")
        try:
            yield
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    async def _trim(self) -> None:
        while True:
            await through_trouble(self._forget_old)
            await self._clock.sleep(_TRIM_EVERY_S)

    async def _forget_old(self) -> None:
        before_ms = self._clock.now_ms() - round(self._settings.keep_s * 1000)
        await self._groups.trim(before_ms)
        await self._relay.forget_heard(before_ms - _DAY_MS)
