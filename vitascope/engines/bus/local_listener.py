"""Events for what one process keeps in memory: a cache, a model.

A group hears each event once, in whichever process; a local listener belongs to one process and
hears every event, from the place where it began to listen. How far it came is not kept: what it
keeps up to date ends with its process.
"""

import asyncio
import logging
from collections.abc import Sequence

import msgspec

from vitascope.engines.bus.contract import BatchHandler
from vitascope.engines.bus.log import RowsLog
from vitascope.engines.bus.outbox import type_of
from vitascope.engines.bus.settings import BusSettings
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Trouble
from vitascope.kernel.events import Envelope, Event

ATTEMPTS = 5

_logger = logging.getLogger("vitascope.bus")


class LocalListener:
    """Hears events of `types` after `offset`, at most `at_once` of them together."""

    def __init__(
        self,
        types: Sequence[type[Event]],
        handler: BatchHandler,
        *,
        at_once: int,
        offset: int,
        log: RowsLog,
        clock: Clock,
        settings: BusSettings,
    ) -> None:
        self.heard_to = offset
        self._types = {type_of(event): event for event in types}
        self._handler = handler
        self._at_once = at_once
        self._log = log
        self._clock = clock
        self._settings = settings
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look for new events."""
        self._woken.set()

    async def run(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self._hear()
            except Trouble as error:
                _logger.warning("a local listener waits: %s", error)
                await self._clock.sleep(self._settings.sweep_s)
            else:
                await self._woken.wait()

    async def _hear(self) -> None:
        batch = self._settings.batch
        more = True
        while more:
            found, heard_to = await self._log.after(self.heard_to, list(self._types), batch)
            for first in range(0, len(found), self._at_once):
                await self._deliver(found[first : first + self._at_once])
            self.heard_to = heard_to
            more = len(found) == batch

    async def _deliver(self, envelopes: Sequence[Envelope]) -> None:
        """Call the handler. Of several events, when it raises, offer each half alone; of one, try
        again, up to `ATTEMPTS` times, and then skip it."""
        if len(envelopes) > 1:
            if not await self._attempt(envelopes):
                middle = len(envelopes) // 2
                await self._deliver(envelopes[:middle])
                await self._deliver(envelopes[middle:])
            return
        for attempt in range(ATTEMPTS):
            if attempt:
                await self._clock.sleep(self._settings.backoff_s * 2 ** (attempt - 1))
            if await self._attempt(envelopes):
                return

    async def _attempt(self, envelopes: Sequence[Envelope]) -> bool:
        try:
            await self._handler([(self._event(envelope), envelope) for envelope in envelopes])
        except Exception:
            first = envelopes[0]
            said = (len(envelopes), first.type, first.id)
            _logger.exception("a local listener could not handle %d events from %s %s", *said)
            return False
        return True

    def _event(self, envelope: Envelope) -> Event:
        return msgspec.json.decode(envelope.body, type=self._types[envelope.type])
