"""What is done when a disk of the service is full: the job says so, and goes on when there is room.

Nothing has failed by then: what is half-written is thrown away, and a step that waits here does not
use up its attempts. It waits in its worker's place, since there is nothing else that a worker with
a full disk could do; a worker that is stopped or dies hands it to another one, as always.
"""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from vitascope.encoding import Encoding, NoRoom
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.ids import JobId
from vitascope.publishing.contract import JobState
from vitascope.publishing.ledger import Ledger

T = TypeVar("T")

_LONGEST_S = 60.0
_TRIES = 30  # while there is room, and not enough: half an hour
_GOES_ON = "The job goes on by itself when there is room."
_log = logging.getLogger("vitascope.publishing")


class RoomWaits:
    """Safe to share between tasks. `every_s` is how soon it is looked for room again; where room
    was there and did not do, later each time, up to a minute."""

    def __init__(
        self, *, encoding: Encoding, ledger: Ledger, clock: Clock, every_s: float = 5.0
    ) -> None:
        self._encoding = encoding
        self._ledger = ledger
        self._clock = clock
        self._every_s = every_s

    async def run(self, job_id: JobId, state: JobState, work: Callable[[], Awaitable[T]]) -> T:
        """Returns what `work` does, done again until there is room for it. `state` is what the job
        is in meanwhile."""
        pause_s = self._every_s
        for _ in range(_TRIES):
            try:
                return await work()
            except NoRoom as full:
                await self._until_room(job_id, full, pause_s)
            pause_s = min(pause_s * 2, _LONGEST_S)
            with suppress(VitascopeError):
                await self._ledger.move(job_id, state)
        return await work()

    async def _until_room(self, job_id: JobId, full: NoRoom, pause_s: float) -> None:
        while True:
            where = full.extra.get("where", "")
            _log.warning("%s waits for room: %s %s", job_id, full.detail, where)
            with suppress(VitascopeError):  # the database may have no room either
                await self._ledger.move(job_id, JobState.NO_ROOM, f"{full.detail} {_GOES_ON}")
            await self._clock.sleep(pause_s)
            try:
                return await self._encoding.need_room()
            except NoRoom as still:
                full = still
