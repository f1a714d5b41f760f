"""The bus as an outbox over rows: no broker, only the databases that are there anyway.

How the words map: an announcement is a row of the announcer's `outbox`; the *log* is a table of
the bus's own database; a *group* is a row that says how far it has heard and which process is
delivering to it. A process keeps that hold by renewing it, and when it dies another takes over
after `hold_s`, from the last place saved: so an event is heard at least once, in order by key.
A process that was only frozen may deliver what it had in hand beside its successor; handlers are
harmless to repetition anyway (`first_time`). A *bystander* follows the log for its own process
alone, and leaves no row.

Costs: every announcement is one row more in a commit that happens anyway, two small commits to
carry it, and a commit per group for a batch that was heard. About 5-10 ms from commit to handler
within a process, `poll_s` more across processes.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from vitascope.engines.bus.bystander import Bystander
from vitascope.engines.bus.contract import DeadLetter, Handler
from vitascope.engines.bus.follow import Follower, Group
from vitascope.engines.bus.log import MIGRATIONS, Log
from vitascope.engines.bus.outbox import RowsOutbox
from vitascope.engines.bus.settings import BusSettings
from vitascope.engines.rows import Rows
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Trouble
from vitascope.kernel.events import Event
from vitascope.kernel.ids import new_id

__all__ = ["MIGRATIONS", "OutboxBus"]

_logger = logging.getLogger("vitascope.bus")

_AFTER_ANNOUNCEMENT_S = (0.002, 0.01, 0.04, 0.15)  # its commit comes some time after the `put`


class OutboxBus:
    """One process's part of the bus. `rows` is the bus's own database, opened with `MIGRATIONS`."""

    def __init__(self, *, rows: Rows, clock: Clock, settings: BusSettings | None = None) -> None:
        self._log = Log(rows)
        self._clock = clock
        self._settings = settings or BusSettings()
        self._holder = new_id("bus")
        self._outboxes: dict[str, RowsOutbox] = {}
        self._groups: dict[str, Group] = {}
        self._followers: dict[str, tuple[Follower, asyncio.Task[None]]] = {}
        self._bystanders: list[Bystander] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._announced = asyncio.Event()
        self._regroup = asyncio.Event()
        self._due: set[str] = set()
        self._running = 0
        self._seen = 0
        self._held_at = 0.0

    def outbox(self, domain: str, rows: Rows) -> RowsOutbox:
        """The announcing side of a domain, whose outbox this process relays from now on.

        `rows` was opened with `vitascope.engines.bus.outbox.MIGRATIONS` beside the domain's own.
        """

        def announced() -> None:
            """Comes from whatever thread the transaction runs in."""
            if self._loop is not None:  # else the first sweep of `run` finds it
                self._loop.call_soon_threadsafe(self._hear_of, domain)

        outbox = RowsOutbox(rows=rows, clock=self._clock, announced=announced)
        self._outboxes[domain] = outbox
        return outbox

    def subscribe(
        self, group: str, types: Sequence[type[Event]], handler: Handler, *, attempts: int = 5
    ) -> None:
        self._groups.setdefault(group, Group(group)).hear(types, handler, attempts)
        self._regroup.set()

    async def overhear(self, types: Sequence[type[Event]], handler: Handler) -> None:
        self._bystanders.append(
            Bystander(
                types,
                handler,
                offset=await self._log.head(),
                log=self._log,
                settings=self._settings,
            )
        )

    async def run(self) -> None:
        self._running += 1
        self._loop = asyncio.get_running_loop()
        try:
            async with asyncio.TaskGroup() as tasks:
                for work in (self._relay, self._sweep, self._hold, self._watch, self._trim):
                    tasks.create_task(work(), name=f"bus {work.__name__}")
                for bystander in self._bystanders:
                    tasks.create_task(bystander.run(), name="bus bystander")
        finally:
            self._running -= 1
            await self._release(list(self._followers))
            with suppress(Trouble):
                await self._log.let_go(self._holder)

    async def drain(self) -> None:
        """As the port says, and until handlers announce nothing more. Delivers by itself where
        `run` is not under way in this process."""
        async with self._under_way():
            heard = -1
            while heard != (heard := await self._carry_all_and_count()):
                self._stir()
                while not await self._all_heard(heard):  # noqa: ASYNC110 - maybe by other processes
                    await asyncio.sleep(0.01)

    async def dead_letters(self, group: str) -> list[DeadLetter]:
        return await self._log.dead_letters(group)

    async def replay(self, group: str, envelope_id: str) -> None:
        await self._log.ask_replay(group, envelope_id)
        self._stir()

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

    async def _carry_all_and_count(self) -> int:
        for outbox in list(self._outboxes.values()):
            await self._carry(outbox)
        return await self._log.head()

    async def _all_heard(self, head: int) -> bool:
        if any(bystander.heard_to < head for bystander in self._bystanders):
            return False
        groups = list(self._groups)
        offsets = await self._log.offsets(groups)
        if any(offsets.get(group, -1) < head for group in groups):
            return False
        for group in groups:
            if await self._log.dead_letters(group, replay=True):
                return False
        return True

    async def _carry(self, outbox: RowsOutbox) -> bool:
        """Move what waits in an outbox to the log. Whether there was something."""
        some = False
        while waiting := await outbox.waiting(self._settings.batch):
            await self._log.append([envelope for _, envelope in waiting])
            await outbox.carried(waiting)
            some = True
        if some:
            self._stir()
        return some

    def _hear_of(self, domain: str) -> None:
        self._due.add(domain)
        self._announced.set()

    async def _relay(self) -> None:
        """Carry announcements of this process soon after they were made."""
        while True:
            await self._announced.wait()
            self._announced.clear()
            due, self._due = self._due, set()
            for wait_s in _AFTER_ANNOUNCEMENT_S:
                await asyncio.sleep(wait_s)
                due |= self._due
                for domain in due:
                    await self._through_trouble(self._carry, self._outboxes[domain])

    async def _sweep(self) -> None:
        """Carry announcements that were left behind, by whichever process."""
        while True:
            for outbox in list(self._outboxes.values()):
                await self._through_trouble(self._carry, outbox)
            await asyncio.sleep(self._settings.sweep_s)

    async def _hold(self) -> None:
        """Be the one who delivers, for every group that nobody else delivers to."""
        self._held_at = asyncio.get_running_loop().time()
        while True:
            self._regroup.clear()
            if self._groups:
                await self._through_trouble(self._renew)
            if asyncio.get_running_loop().time() - self._held_at > self._settings.hold_s:
                await self._release(list(self._followers))
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.hold_s / 3):
                    await self._regroup.wait()

    async def _renew(self) -> None:
        now = self._clock.now_ms()
        until = now + round(self._settings.hold_s * 1000)
        held = await self._log.hold(list(self._groups), self._holder, now, until)
        self._held_at = asyncio.get_running_loop().time()
        ended = [group for group, (_, task) in self._followers.items() if task.done()]
        await self._release([group for group in self._followers if group not in held] + ended)
        for group, offset in held.items():
            if group not in self._followers:
                self._follow(group, offset)
        self._stir()  # a replay may have been asked for elsewhere

    def _follow(self, group: str, offset: int) -> None:
        follower = Follower(
            self._groups[group],
            holder=self._holder,
            log=self._log,
            clock=self._clock,
            settings=self._settings,
        )
        task = asyncio.create_task(follower.run(offset), name=f"group {group}")
        self._followers[group] = follower, task

    async def _release(self, groups: Sequence[str]) -> None:
        for group in set(groups):
            _, task = self._followers.pop(group)
            task.cancel()
            (error,) = await asyncio.gather(task, return_exceptions=True)
            if isinstance(error, Exception):
                _logger.warning("delivering to %s was broken off", group, exc_info=error)

    async def _watch(self) -> None:
        """Notice what other processes appended."""
        while True:
            await self._through_trouble(self._look)
            await asyncio.sleep(self._settings.poll_s)

    async def _look(self) -> None:
        if (head := await self._log.head()) != self._seen:
            self._seen = head
            self._stir()

    async def _trim(self) -> None:
        while True:
            await self._through_trouble(self._forget_old)
            await asyncio.sleep(3600)

    async def _forget_old(self) -> None:
        before_ms = self._clock.now_ms() - round(self._settings.keep_s * 1000)
        await self._log.trim(before_ms)
        for outbox in list(self._outboxes.values()):
            await outbox.forget_heard(before_ms - 24 * 3600 * 1000)

    async def _through_trouble(
        self, work: Callable[..., Awaitable[object]], *given: object
    ) -> None:
        """Go on after an error: everything here is tried again at the next turn."""
        try:
            await work(*given)
        except Trouble as error:
            _logger.warning("the bus waits: %s", error)
        except Exception:
            _logger.exception("the bus goes on after a surprise")

    def _stir(self) -> None:
        for follower, _ in self._followers.values():
            follower.stir()
        for bystander in self._bystanders:
            bystander.stir()
