"""Knows the edges by what they and their viewers say, and ranks them.

Everything here is soft: a dispatcher that starts anew knows all edges again after one round of
reports (two seconds), so it keeps nothing on disk and may run in several processes at once, each
hearing all reports.
"""

from collections.abc import Callable

from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import EdgeId
from vitascope.steering.contract import EdgeRank, EdgeReport, EdgeStatus, NoEdge, Where
from vitascope.steering.ranking import Standing, ranked
from vitascope.steering.settings import SteeringSettings
from vitascope.steering.settling import Settling

_FORGOTTEN_S = 600.0  # an edge that is silent for this long is no spare


def unknown_network(address: str) -> str | None:
    """The network of an address, when no table of networks is given."""
    return None


class Dispatcher:
    """Implements `Steering`. Safe to share between the tasks of one event loop."""

    def __init__(
        self,
        *,
        clock: Clock,
        settings: SteeringSettings,
        network_of: Callable[[str], str | None] = unknown_network,
    ) -> None:
        self._clock = clock
        self._settings = settings
        self._network_of = network_of
        self._reports: dict[EdgeId, tuple[EdgeReport, float, int]] = {}
        self._complaints: dict[EdgeId, dict[str, float]] = {}
        self._settling = Settling(clock, settings.settle_s)

    async def report(self, report: EdgeReport) -> None:
        now = self._clock.monotonic()
        self._reports[report.edge_id] = (report, now, self._clock.now_ms())

    async def rank(self, where: Where, *, limit: int = 3, spares: bool = False) -> list[EdgeRank]:
        usable = [report for report, heard, _ in self._reports.values() if self._ok(report, heard)]
        if not usable:
            raise NoEdge("No edge is reachable right now. Try again in a few seconds.")
        standings = [
            Standing(report=report, assigned_mbps=self._assigned_mbps(report.edge_id))
            for report in usable
        ]
        network = self._network_of(where.address)
        order = ranked(standings, where, network, self._settings.full_share)[:limit]
        if not order:
            raise NoEdge("No edge serves this network right now. Try again in a few seconds.")
        self._settling.send(where.viewer_key, order[0].report.edge_id)
        named = [standing.report for standing in order]
        if spares:
            named += [report for report in self._unwell() if report not in named]
        return [EdgeRank(edge_id=r.edge_id, base_url=r.base_url) for r in named[:limit]]

    def _unwell(self) -> list[EdgeReport]:
        """Edges that may be back before a film is over, those heard last first."""
        heard = sorted(self._reports.values(), key=lambda known: -known[1])
        return [
            report
            for report, at, _ in heard
            if not (self._ok(report, at) or report.draining)
            and self._clock.monotonic() - at < _FORGOTTEN_S
        ]

    async def complain(self, edge_id: EdgeId, session_id: str) -> None:
        if edge_id in self._reports:
            self._complaints.setdefault(edge_id, {})[session_id] = self._clock.monotonic()

    async def edges(self) -> list[EdgeStatus]:
        return [
            EdgeStatus(report=report, healthy=self._ok(report, heard), last_seen_at_ms=seen_at_ms)
            for report, heard, seen_at_ms in sorted(
                self._reports.values(), key=lambda known: known[0].edge_id
            )
        ]

    def _ok(self, report: EdgeReport, heard: float) -> bool:
        silent = self._clock.monotonic() - heard > self._settings.silence_s
        return not (silent or report.draining or self._is_complained_of(report.edge_id))

    def _is_complained_of(self, edge_id: EdgeId) -> bool:
        """By enough different sessions: one player on a bad line says nothing of an edge."""
        since = self._clock.monotonic() - self._settings.complaint_window_s
        heard = self._complaints.get(edge_id, {})
        for session_id in [each for each, at in heard.items() if at <= since]:
            del heard[session_id]
        return len(heard) >= self._settings.complaints

    def _assigned_mbps(self, edge_id: EdgeId) -> float:
        """What new viewers will need of an edge that its report cannot show yet."""
        return self._settling.viewers(edge_id) * self._settings.stream_mbps
