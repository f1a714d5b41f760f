"""One group on its way through the log: reading, delivering, trying again, burying."""

import asyncio
import logging
from collections.abc import Sequence

import msgspec

from vitascope.engines.bus.contract import DeadLetter, Handler
from vitascope.engines.bus.lanes import Lanes
from vitascope.engines.bus.log import Log
from vitascope.engines.bus.outbox import type_of
from vitascope.engines.bus.settings import BusSettings
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Trouble
from vitascope.kernel.events import Envelope, Event

_logger = logging.getLogger("vitascope.bus")


class Ear(msgspec.Struct, frozen=True):
    """What a group does on one type of event."""

    event: type[Event]
    handler: Handler
    attempts: int


class Group:
    """A name, and the ears that belong to it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._ears: dict[str, Ear] = {}

    @property
    def types(self) -> list[str]:
        return list(self._ears)

    def hear(self, types: Sequence[type[Event]], handler: Handler, attempts: int) -> None:
        for event in types:
            name = type_of(event)
            if name in self._ears:
                raise ValueError(f"The group {self.name} hears {name} already; name another group.")
            self._ears[name] = Ear(event, handler, attempts)

    def ear(self, envelope: Envelope) -> Ear | None:
        return self._ears.get(envelope.type)


class Follower:
    """Delivers to one group for as long as this process holds it."""

    def __init__(
        self, group: Group, *, holder: str, log: Log, clock: Clock, settings: BusSettings
    ) -> None:
        self._group = group
        self._holder = holder
        self._log = log
        self._clock = clock
        self._settings = settings
        self._stirred = asyncio.Event()
        self._turn = asyncio.Semaphore(settings.at_once)
        self._lanes = Lanes(self._deliver, self.stir)
        self._replaying: set[str] = set()
        self._read_to = self._saved = 0

    def stir(self) -> None:
        """There may be something new to do."""
        self._stirred.set()

    async def run(self, offset: int) -> None:
        """Follow the log from `offset` until cancelled, or until another process took over."""
        self._read_to = self._saved = offset
        try:
            while True:
                self._stirred.clear()
                await self._read()
                await self._read_replays()
                if not await self._save():
                    return
                await self._stirred.wait()
        finally:
            await self._lanes.stop()

    async def _read(self) -> None:
        room = self._settings.batch - len(self._lanes)
        if room < self._settings.batch // 2:
            return
        envelopes, self._read_to = await self._log.after(self._read_to, self._group.types, room)
        for envelope in envelopes:
            self._lanes.take(envelope)

    async def _read_replays(self) -> None:
        for letter in await self._log.dead_letters(self._group.name, replay=True):
            if letter.envelope.id not in self._replaying:
                self._replaying.add(letter.envelope.id)
                self._lanes.take_again(letter.envelope)

    async def _save(self) -> bool:
        unheard = self._lanes.first_unheard
        through = self._read_to if unheard is None else unheard - 1
        if through == self._saved:
            return True
        self._saved = through
        return await self._log.heard(self._group.name, self._holder, through)

    async def _deliver(self, envelope: Envelope) -> None:
        """Let the group hear an event, however often it takes; bury it when it will not."""
        ear = self._group.ear(envelope)
        replay = envelope.id in self._replaying
        if ear is None:
            return
        failure = ""
        for attempt in range(ear.attempts):
            if attempt:
                await asyncio.sleep(min(30.0, self._settings.backoff_s * 2 ** (attempt - 1)))
            failure = await self._attempt(ear, envelope)
            if not failure:
                break
        await self._settle(envelope, ear, failure, replay)
        self._replaying.discard(envelope.id)

    async def _attempt(self, ear: Ear, envelope: Envelope) -> str:
        """Empty when the handler heard it, else what went wrong."""
        async with self._turn:
            try:
                await ear.handler(msgspec.json.decode(envelope.body, type=ear.event), envelope)
            except Exception as error:
                failure = f"{type(error).__name__}: {error}"
                said = (self._group.name, envelope.type, envelope.id, failure)
                _logger.warning("%s could not hear %s %s: %s", *said, exc_info=error)
                return failure
        return ""

    async def _settle(self, envelope: Envelope, ear: Ear, failure: str, replay: bool) -> None:
        """Remember how it ended; while the database is away, that waits."""
        letter = DeadLetter(
            group=self._group.name,
            envelope=envelope,
            attempts=ear.attempts,
            error=failure,
            at_ms=self._clock.now_ms(),
        )
        while True:
            try:
                if failure:
                    await self._log.bury(letter)
                elif replay:
                    await self._log.unbury(self._group.name, envelope.id)
                return
            except Trouble:
                await asyncio.sleep(self._settings.sweep_s)
