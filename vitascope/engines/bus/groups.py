"""Groups over rows: each followed by one process at a time, from where it stopped.

A group is a row that says how far it has come and which process delivers to it. A process keeps
that hold by renewing it; when it dies another takes over after `hold_s`, from the last place saved.
So an event is heard at least once, in order by key. A process that was only frozen may deliver what
it had in hand beside its successor; handlers are harmless to repetition anyway (`first_time`).
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from vitascope.engines.bus.contract import BatchHandler, DeadLetter, Handler
from vitascope.engines.bus.follow import Follower, Group
from vitascope.engines.bus.gathering import GatheringHandler
from vitascope.engines.bus.local_listener import LocalListener
from vitascope.engines.bus.log import TOPIC, RowsLog
from vitascope.engines.bus.progress import GroupProgress
from vitascope.engines.bus.settings import BusSettings
from vitascope.engines.bus.trouble import through_trouble
from vitascope.engines.notices import Notices
from vitascope.kernel.clock import Clock, set_within
from vitascope.kernel.errors import Trouble
from vitascope.kernel.events import Envelope, Event
from vitascope.kernel.ids import new_id

_logger = logging.getLogger("vitascope.bus")


class RowsGroups:
    """This process's part in delivering what lies in `log`."""

    def __init__(
        self,
        *,
        log: RowsLog,
        progress: GroupProgress,
        notices: Notices,
        clock: Clock,
        settings: BusSettings,
    ) -> None:
        self._log = log
        self._progress = progress
        self._notices = notices
        self._clock = clock
        self._settings = settings
        self._holder = new_id("bus")
        self._groups: dict[str, Group] = {}
        self._followers: dict[str, tuple[Follower, asyncio.Task[None]]] = {}
        self._local: list[LocalListener] = []
        self._regroup = asyncio.Event()
        self._news = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._seen = -1
        self._held_at = 0.0

    def subscribe(
        self, group: str, types: Sequence[type[Event]], handler: Handler, *, attempts: int = 5
    ) -> None:
        self._groups.setdefault(group, Group(group)).subscribe(types, handler, attempts)
        self._regroup.set()

    def subscribe_batches(
        self, group: str, types: Sequence[type[Event]], handler: BatchHandler, *, attempts: int = 5
    ) -> None:
        self.subscribe(group, types, GatheringHandler(handler), attempts=attempts)

    async def overhear(self, types: Sequence[type[Event]], handler: Handler) -> None:
        async def each(news: Sequence[tuple[Event, Envelope]]) -> None:
            for event, envelope in news:
                await handler(event, envelope)

        await self._listen_from_now(types, each, at_once=1)

    async def overhear_batches(self, types: Sequence[type[Event]], handler: BatchHandler) -> None:
        await self._listen_from_now(types, handler, at_once=self._settings.batch)

    async def _listen_from_now(
        self, types: Sequence[type[Event]], handler: BatchHandler, *, at_once: int
    ) -> None:
        self._local.append(
            LocalListener(
                types,
                handler,
                at_once=at_once,
                offset=await self._log.head(),
                log=self._log,
                clock=self._clock,
                settings=self._settings,
            )
        )

    async def run(self) -> None:
        self._listen()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._hold(), name="groups hold")
                tasks.create_task(self._watch(), name="groups watch")
                for local in self._local:
                    tasks.create_task(local.run(), name="local listener")
        finally:
            await self._release(list(self._followers))
            with suppress(Trouble):
                await self._progress.let_go(self._holder)

    async def caught_up(self) -> int:
        head = await self._log.head()
        self._wake_all()
        while not await self._all_heard(head):  # noqa: ASYNC110 - maybe by other processes
            await asyncio.sleep(0.01)
        return head

    async def dead_letters(self, group: str | None = None, *, limit: int = 100) -> list[DeadLetter]:
        return await self._progress.dead_letters(group, limit)

    async def replay(self, group: str, envelope_id: str) -> None:
        await self._progress.ask_replay(group, envelope_id)
        await self._tell()

    async def replay_all(self, group: str) -> int:
        asked = await self._progress.ask_replay_of_all(group)
        await self._tell()
        return asked

    async def trim(self, before_ms: int) -> None:
        """Forget events of before a time that every group has heard."""
        await self._log.trim(before_ms, await self._progress.slowest())

    async def _tell(self) -> None:
        self._news.set()
        await asyncio.to_thread(self._notices.tell, TOPIC)

    def _listen(self) -> None:
        """Once for all runs: who listens to notices does so to the end."""
        if self._loop is None:
            self._notices.listen(TOPIC, self._noticed)
        self._loop = asyncio.get_running_loop()

    def _noticed(self) -> None:
        """Comes from a thread of the notices."""
        if self._loop is not None and not self._loop.is_closed():
            with suppress(RuntimeError):  # closed since
                self._loop.call_soon_threadsafe(self._news.set)

    async def _all_heard(self, head: int) -> bool:
        if any(local.heard_to < head for local in self._local):
            return False
        groups = list(self._groups)
        offsets = await self._progress.offsets(groups)
        if any(offsets.get(group, -1) < head for group in groups):
            return False
        return not await self._progress.to_replay(groups, 1)

    async def _hold(self) -> None:
        """Be the one who delivers, for every group that nobody else delivers to."""
        self._held_at = self._clock.monotonic()
        while True:
            self._regroup.clear()
            if self._groups:
                await through_trouble(self._renew)
            if self._clock.monotonic() - self._held_at > self._settings.hold_s:
                await self._release(list(self._followers))
            await set_within(self._regroup, self._settings.hold_s / 3, self._clock)

    async def _renew(self) -> None:
        now = self._clock.now_ms()
        until = now + round(self._settings.hold_s * 1000)
        held = await self._progress.hold(list(self._groups), self._holder, now, until)
        self._held_at = self._clock.monotonic()
        ended = [group for group, (_, task) in self._followers.items() if task.done()]
        await self._release([group for group in self._followers if group not in held] + ended)
        for group, offset in held.items():
            if group not in self._followers:
                self._follow(group, offset)

    def _follow(self, group: str, offset: int) -> None:
        follower = Follower(
            self._groups[group],
            holder=self._holder,
            log=self._log,
            progress=self._progress,
            clock=self._clock,
            settings=self._settings,
        )
        task = asyncio.create_task(follower.run(offset), name=f"group {group}")
        self._followers[group] = follower, task
        self._news.set()  # it may have dead letters to be replayed

    async def _release(self, groups: Sequence[str]) -> None:
        for group in set(groups):
            _, task = self._followers.pop(group)
            task.cancel()
            (error,) = await asyncio.gather(task, return_exceptions=True)
            if isinstance(error, Exception):
                _logger.warning("delivering to %s was broken off", group, exc_info=error)

    async def _watch(self) -> None:
        """Look for what was appended or is to be replayed, when a notice comes and now and then."""
        while True:
            self._news.clear()
            await through_trouble(self._look)
            await set_within(self._news, self._settings.poll_s, self._clock)

    async def _look(self) -> None:
        if (head := await self._log.head()) != self._seen:
            self._seen = head
            self._wake_all()
        if not (held := list(self._followers)):
            return
        # What is under way now may be settled while the letters are read, which then are too old.
        under_way = {
            (group, letter)
            for group, (follower, _) in self._followers.items()
            for letter in follower.replaying
        }
        for letter in await self._progress.to_replay(held, self._settings.batch):
            following = self._followers.get(letter.group)
            if following is not None and (letter.group, letter.envelope.id) not in under_way:
                following[0].deliver_again(letter)

    def _wake_all(self) -> None:
        for follower, _ in self._followers.values():
            follower.wake()
        for local in self._local:
            local.wake()
