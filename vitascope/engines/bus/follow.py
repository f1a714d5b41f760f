"""One group on its way through the log: reading, delivering, trying again, giving up."""

import asyncio
import logging
from collections.abc import Sequence

import msgspec

from vitascope.engines.bus.contract import DeadLetter, Handler
from vitascope.engines.bus.delivery_by_key import DeliveryByKey
from vitascope.engines.bus.gathering import GatheringHandler
from vitascope.engines.bus.log import RowsLog
from vitascope.engines.bus.outbox import type_of
from vitascope.engines.bus.progress import GroupProgress
from vitascope.engines.bus.settings import BusSettings
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Trouble
from vitascope.kernel.events import Envelope, Event

_logger = logging.getLogger("vitascope.bus")


class Subscriber(msgspec.Struct, frozen=True):
    """What a group does on one type of event."""

    event: type[Event]
    handler: Handler
    attempts: int


class Group:
    """A name and its subscriptions."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._subscribers: dict[str, Subscriber] = {}

    @property
    def types(self) -> list[str]:
        return list(self._subscribers)

    def subscribe(self, types: Sequence[type[Event]], handler: Handler, attempts: int) -> None:
        for event in types:
            name = type_of(event)
            if name in self._subscribers:
                raise ValueError(f"The group {self.name} hears {name} already; name another group.")
            self._subscribers[name] = Subscriber(event, handler, attempts)

    async def stop(self) -> None:
        """Break off the batches that are being handled."""
        for subscriber in self._subscribers.values():
            if isinstance(subscriber.handler, GatheringHandler):
                await subscriber.handler.stop()

    def subscriber(self, envelope: Envelope) -> Subscriber | None:
        return self._subscribers.get(envelope.type)


class Follower:
    """Delivers to one group for as long as this process holds it."""

    def __init__(
        self,
        group: Group,
        *,
        holder: str,
        log: RowsLog,
        progress: GroupProgress,
        clock: Clock,
        settings: BusSettings,
    ) -> None:
        self._group = group
        self._holder = holder
        self._log = log
        self._progress = progress
        self._clock = clock
        self._settings = settings
        self._woken = asyncio.Event()
        self._turn = asyncio.Semaphore(settings.at_once)
        self._all = asyncio.Semaphore(settings.batch)
        self._deliveries = DeliveryByKey(self._deliver, self.wake)
        self._replaying: set[str] = set()
        self._read_to = self._saved = 0

    @property
    def replaying(self) -> frozenset[str]:
        """The ids of the dead letters that are being delivered once more."""
        return frozenset(self._replaying)

    def wake(self) -> None:
        """Look for something new to deliver."""
        self._woken.set()

    def deliver_again(self, letter: DeadLetter) -> None:
        """Offer a dead letter once more. Harmless while it is being delivered."""
        if letter.envelope.id not in self._replaying:
            self._replaying.add(letter.envelope.id)
            self._deliveries.take_again(letter.envelope)

    async def run(self, offset: int) -> None:
        """Follow the log from `offset` until cancelled, or until another process took over."""
        self._read_to = self._saved = offset
        try:
            while True:
                self._woken.clear()
                await self._read()
                if not await self._save():
                    return
                await self._woken.wait()
        finally:
            await self._deliveries.stop()
            await self._group.stop()

    async def _read(self) -> None:
        room = self._settings.batch - len(self._deliveries)
        if room < self._settings.batch // 2:
            return
        envelopes, self._read_to = await self._log.after(self._read_to, self._group.types, room)
        for envelope in envelopes:
            self._deliveries.take(envelope)

    async def _save(self) -> bool:
        unheard = self._deliveries.first_unheard
        through = self._read_to if unheard is None else unheard - 1
        if through == self._saved:
            return True
        self._saved = through
        return await self._progress.save(self._group.name, self._holder, through)

    async def _deliver(self, envelope: Envelope) -> None:
        """Call the handler until it succeeds or has used up its attempts, and keep the outcome."""
        subscriber = self._group.subscriber(envelope)
        replay = envelope.id in self._replaying
        if subscriber is None:
            if replay:  # or it would be waited for until somebody subscribes again
                failure = f"{self._group.name} does not hear {envelope.type} any more."
                await self._settle(envelope, 0, failure, replay)
                self._replaying.discard(envelope.id)
            return
        failure = ""
        for attempt in range(subscriber.attempts):
            if attempt:
                await self._clock.sleep(min(30.0, self._settings.backoff_s * 2 ** (attempt - 1)))
            failure = await self._attempt(subscriber, envelope)
            if not failure:
                break
        await self._settle(envelope, subscriber.attempts, failure, replay)
        self._replaying.discard(envelope.id)

    async def _attempt(self, subscriber: Subscriber, envelope: Envelope) -> str:
        """Call the handler once. Returns what went wrong, or an empty string."""
        # A batch can gather all that is under way, so that all of it is handed over.
        gathers = isinstance(subscriber.handler, GatheringHandler)
        async with self._all if gathers else self._turn:
            try:
                await subscriber.handler(
                    msgspec.json.decode(envelope.body, type=subscriber.event), envelope
                )
            except Exception as error:
                failure = f"{type(error).__name__}: {error}"
                said = (self._group.name, envelope.type, envelope.id, failure)
                _logger.warning("%s could not handle %s %s: %s", *said, exc_info=error)
                return failure
        return ""

    async def _settle(self, envelope: Envelope, attempts: int, failure: str, replay: bool) -> None:
        """Keep the outcome; wait while the database is away."""
        letter = DeadLetter(
            group=self._group.name,
            envelope=envelope,
            attempts=attempts,
            error=failure,
            at_ms=self._clock.now_ms(),
        )
        while True:
            try:
                if failure:
                    await self._progress.add_dead_letter(letter)
                elif replay:
                    await self._progress.remove_dead_letter(self._group.name, envelope.id)
                return
            except Trouble:
                await self._clock.sleep(self._settings.sweep_s)
