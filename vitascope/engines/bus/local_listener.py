"""Events for what one process keeps in memory: a cache, a model.

A group hears each event once, in whichever process; a local listener belongs to one process and
hears every event, from the place where it began to listen. How far it came is not kept: what it
keeps up to date ends with its process.
"""

import asyncio
import logging
from collections.abc import Sequence

import msgspec

from vitascope.engines.bus.contract import Handler
from vitascope.engines.bus.log import RowsLog
from vitascope.engines.bus.outbox import type_of
from vitascope.engines.bus.settings import BusSettings
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Trouble
from vitascope.kernel.events import Envelope, Event

ATTEMPTS = 5

_logger = logging.getLogger("vitascope.bus")


class LocalListener:
    """Hears events of `types` after `offset`, one after the other."""

    def __init__(
        self,
        types: Sequence[type[Event]],
        handler: Handler,
        *,
        offset: int,
        log: RowsLog,
        clock: Clock,
        settings: BusSettings,
    ) -> None:
        self.heard_to = offset
        self._types = {type_of(event): event for event in types}
        self._handler = handler
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
            for envelope in found:
                await self._deliver(envelope)
            self.heard_to = heard_to
            more = len(found) == batch

    async def _deliver(self, envelope: Envelope) -> None:
        """Call the handler, up to `ATTEMPTS` times; then skip the event."""
        for attempt in range(ATTEMPTS):
            if attempt:
                await self._clock.sleep(self._settings.backoff_s * 2 ** (attempt - 1))
            if await self._attempt(envelope):
                return

    async def _attempt(self, envelope: Envelope) -> bool:
        try:
            event = msgspec.json.decode(envelope.body, type=self._types[envelope.type])
            await self._handler(event, envelope)
        except Exception:
            _logger.exception("a local listener could not handle %s %s", envelope.type, envelope.id)
            return False
        return True
