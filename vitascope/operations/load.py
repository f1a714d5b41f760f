"""How much the edges sent over the last hour, as their reports say, for operators' plots."""

from collections import deque

import msgspec

from vitascope.engines.trace import get_log
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import VitascopeError
from vitascope.steering import EdgeStatus, Steering

_EVERY_S = 15.0
_SAMPLES = 240  # an hour
_PAGE = 1000
_log = get_log("operations")


class LoadSample(msgspec.Struct, frozen=True, kw_only=True):
    """What all edges served at a moment."""

    at_ms: int
    streams: int
    mbps: float


class LoadHistory:
    """The samples that this process took. Another process, or a later start, has its own."""

    def __init__(self, steering: Steering, clock: Clock) -> None:
        self._steering = steering
        self._clock = clock
        self._samples: deque[LoadSample] = deque(maxlen=_SAMPLES)

    @property
    def samples(self) -> tuple[LoadSample, ...]:
        """Returns what was measured, oldest first."""
        return tuple(self._samples)

    async def run(self) -> None:
        """Measure every 15 seconds, until cancelled."""
        while True:
            try:
                await self.measure()
            except VitascopeError as error:
                _log.info("load_not_measured", why=error.detail)
            await self._clock.sleep(_EVERY_S)

    async def measure(self) -> None:
        edges = [edge.report for edge in await self._all() if edge.healthy]
        self._samples.append(
            LoadSample(
                at_ms=self._clock.now_ms(),
                streams=sum(report.streams for report in edges),
                mbps=round(sum(report.load_mbps for report in edges), 1),
            )
        )

    async def _all(self) -> list[EdgeStatus]:
        found: list[EdgeStatus] = []
        after = None
        while True:
            page = await self._steering.edges(after=after, limit=_PAGE)
            found += page.edges
            if not page.more:
                return found
            after = page.edges[-1].report.edge_id
