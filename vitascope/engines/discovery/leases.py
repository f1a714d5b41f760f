"""Discovery by the leases store: every process enters itself, and confirms it.

    our part        the subject `process:PART`
    its processes   the holders of leases on it, by their URL
    heartbeat       a claim, which extends the lease; one that misses two is gone
    draining        the lease's note

Costs one claim for each part and heartbeat, and one read for each list.
"""

import asyncio
from collections.abc import Collection

import structlog

from vitascope.engines.discovery.contract import Instance
from vitascope.engines.leases import Leases
from vitascope.kernel.clock import Clock, set_within
from vitascope.kernel.errors import VitascopeError

_DRAINING = "draining"
_MOST = 10_000  # processes that run one part
_log = structlog.get_logger("discovery")


class LeasesDiscovery:
    """Implements `Discovery` and `Registry`."""

    def __init__(self, leases: Leases, clock: Clock, *, heartbeat_s: float = 2.0) -> None:
        self._leases = leases
        self._clock = clock
        self._heartbeat_s = heartbeat_s

    async def instances(self, part: str) -> tuple[Instance, ...]:
        holders = await self._leases.holders(_subject(part))
        return tuple(
            Instance(url=lease.holder, draining=lease.note == _DRAINING) for lease in holders
        )

    async def keep(self, url: str, parts: Collection[str], draining: asyncio.Event) -> None:
        try:
            while not draining.is_set():
                await self._confirm(url, parts)
                await set_within(draining, self._heartbeat_s, self._clock)
            while True:
                await self._confirm(url, parts, note=_DRAINING)
                await self._clock.sleep(self._heartbeat_s)
        finally:
            releasing = (self._leases.release(_subject(part), url) for part in parts)
            await asyncio.gather(*releasing, return_exceptions=True)

    async def _confirm(self, url: str, parts: Collection[str], *, note: str = "") -> None:
        """A store that does not answer is asked again at the next heartbeat."""
        ttl_s = 2.5 * self._heartbeat_s
        try:
            for part in parts:
                await self._leases.claim(_subject(part), url, limit=_MOST, ttl_s=ttl_s, note=note)
        except VitascopeError as error:
            _log.warning("not_registered", url=url, why=error.detail)


def _subject(part: str) -> str:
    return f"process:{part}"
