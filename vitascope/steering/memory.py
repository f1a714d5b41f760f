"""Knows the edges by what they and their viewers say, and ranks them.

Everything here is soft: steering that starts anew knows all edges again after one round of reports
(seconds) and what they hold shortly after, so it keeps nothing on disk and may run in several
processes at once, each hearing all edges. What changes with time alone (silence, complaints that
expire, viewers that show in reports by now) is looked at before each answer, in the order in which
it falls due, so that an answer costs what changed and not what is known.
"""

import heapq
from collections.abc import Callable, Sequence

import structlog

from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import EdgeId
from vitascope.steering.complaints import Complaints
from vitascope.steering.contract import (
    EdgePage,
    EdgeRank,
    EdgeReport,
    EdgeStatus,
    InventoryChange,
    InventoryMark,
    NetworkNotServed,
    NoEdge,
    Where,
)
from vitascope.steering.index import Band, EdgeIndex, areas_of, band_of
from vitascope.steering.inventory import InventoryFollower
from vitascope.steering.networks import NetworkTable
from vitascope.steering.numbers import number_of
from vitascope.steering.ranking import MOST, ranked
from vitascope.steering.recent import RecentlySent
from vitascope.steering.settings import SteeringSettings
from vitascope.steering.silence import EdgeSilence, Presence

_NO_SPARE_S = 600.0  # an edge that is silent for this long is no spare
_LARGEST_PAGE = 1000
_TOLD_AGAIN_S = 300.0  # of one network
_TO_SERVE_IT = (
    "run an edge without [edge] isp, or set lend_network_edges = true in [steering] "
    "(VITASCOPE_STEERING__LEND_NETWORK_EDGES)"
)
_log = structlog.get_logger("steering")


class KnownEdge:
    """One edge as it was last heard."""

    __slots__ = ("areas", "follower", "number", "report", "seen_at_ms")

    def __init__(self, number: int, report: EdgeReport) -> None:
        self.number = number
        self.areas = areas_of(report.isp, report.country)
        self.report = report
        self.seen_at_ms = 0
        self.follower = InventoryFollower()


class MemorySteering:
    """Implements `Steering`. Safe to share between the tasks of one event loop."""

    def __init__(
        self,
        *,
        clock: Clock,
        settings: SteeringSettings,
        network_of: Callable[[str], str | None] | None = None,
    ) -> None:
        """`network_of` tells the network of an address where it is known; by default the table in
        the settings does. Raises `Invalid` when that table cannot be read."""
        self._clock = clock
        self._settings = settings
        self._network_of = network_of or NetworkTable(settings.networks)
        self._index = EdgeIndex()
        self._edges: dict[EdgeId, KnownEdge] = {}
        self._silence = EdgeSilence(clock, settings)
        self._numbered: dict[int, KnownEdge] = {}
        self._unhealthy: set[EdgeId] = set()
        self._complaints = Complaints(clock, settings.complaint_window_s, settings.complaints)
        self._recent = RecentlySent(clock, settings.settle_s)
        self._told_again: dict[str | None, float] = {}  # when, by network, the operator may be

    # -- what edges say

    async def report(self, report: EdgeReport) -> InventoryMark:
        self._pass_time()
        edge = self._edges.get(report.edge_id) or self._meet(report)
        if edge.areas != areas_of(report.isp, report.country):
            self._forget(edge)
            edge = self._meet(report)
        edge.report = report
        edge.seen_at_ms = self._clock.now_ms()
        self._silence.hear(report.edge_id, report.next_s)
        self._refresh(edge)
        return edge.follower.mark

    async def change_inventory(self, change: InventoryChange) -> InventoryMark:
        edge = self._edges.get(change.edge_id)
        if edge is None:
            return InventoryMark()
        turnover = edge.follower.take(change)
        if turnover is not None:
            for prefix in turnover.added:
                self._index.hold(edge.number, edge.areas, prefix)
            for prefix in turnover.removed:
                self._index.drop(edge.number, edge.areas, prefix)
            if turnover.only is not None:
                self._keep_only(edge, turnover.only)
        return edge.follower.mark

    # -- what viewers ask and say

    async def rank(self, where: Where, *, limit: int = 3, spares: bool = False) -> list[EdgeRank]:
        if not 0 < limit <= MOST:
            raise Invalid(f"A ranking has from 1 to {MOST} edges.")
        self._pass_time()
        if not len(self._index):
            raise NoEdge("No edge is reachable right now. Try again in a few seconds.")
        network = self._network_of(where.address)
        order = ranked(
            self._index,
            where,
            network,
            share=self._share,
            lend=self._settings.lend_network_edges,
            limit=limit,
        )
        if not order:
            raise self._none_for(network)
        named = [self._numbered[number].report for number in order]
        self._send(where.viewer_key, named[0].edge_id)
        if spares and len(named) < limit:
            named += self._spares(limit - len(named), network)
        return [
            EdgeRank(edge_id=r.edge_id, base_url=r.base_url, secure_url=r.secure_url) for r in named
        ]

    async def usable(self, edge_ids: Sequence[EdgeId]) -> list[EdgeId]:
        self._pass_time()
        known = [self._edges[edge_id] for edge_id in edge_ids if edge_id in self._edges]
        bands = [(edge.report.edge_id, self._index.band(edge.number)) for edge in known]
        healthy = [(edge_id, band) for edge_id, band in bands if band is not None]
        return [edge_id for edge_id, _ in sorted(healthy, key=lambda each: each[1] is Band.FULL)]

    async def complain(self, edge_ids: Sequence[EdgeId], session_id: str) -> None:
        self._pass_time()
        known = [edge_id for edge_id in dict.fromkeys(edge_ids) if edge_id in self._edges]
        self._complaints.add(known, session_id)
        for edge_id in known:
            self._refresh(self._edges[edge_id])

    # -- what operators ask

    async def edges(self, *, after: EdgeId | None = None, limit: int = 100) -> EdgePage:
        if not 0 < limit <= _LARGEST_PAGE:
            raise Invalid(f"A page has from 1 to {_LARGEST_PAGE} edges.")
        self._pass_time()
        following = (edge_id for edge_id in self._edges if after is None or edge_id > after)
        ids = heapq.nsmallest(limit + 1, following)
        found = tuple(self._status(self._edges[edge_id]) for edge_id in ids[:limit])
        return EdgePage(edges=found, more=len(ids) > limit)

    def _status(self, edge: KnownEdge) -> EdgeStatus:
        return EdgeStatus(
            report=edge.report,
            healthy=self._index.band(edge.number) is not None,
            last_seen_at_ms=edge.seen_at_ms,
        )

    # -- keeping the index true

    def _pass_time(self) -> None:
        for edge_id in self._complaints.expire() | self._recent.settle():
            if edge_id in self._edges:
                self._refresh(self._edges[edge_id])
        self._notice_silence()

    def _notice_silence(self) -> None:
        for edge_id in self._silence.expire():
            if self._silence.of(edge_id) is Presence.FORGOTTEN:
                self._forget(self._edges[edge_id])
            else:
                self._refresh(self._edges[edge_id])

    def _refresh(self, edge: KnownEdge) -> None:
        edge_id, presence = edge.report.edge_id, self._silence.of(edge.report.edge_id)
        bad = (
            presence is Presence.SILENT
            or edge.report.draining
            or self._complaints.are_enough(edge_id)
        )
        band = band_of(self._share(edge.number), self._settings.full_share)
        if presence is Presence.LATE:
            band = Band.FULL  # it may well be dead: it comes after all others
        self._index.put(edge.number, edge.areas, None if bad else band)
        if bad:
            self._unhealthy.add(edge_id)
        else:
            self._unhealthy.discard(edge_id)

    def _share(self, number: int) -> float:
        """Of an edge's capacity, what is in use or will be by viewers just sent there."""
        report = self._numbered[number].report
        assigned_mbps = self._recent.viewers(report.edge_id) * self._settings.stream_mbps
        return (report.load_mbps + assigned_mbps) / max(report.capacity_mbps, 1)

    def _send(self, viewer_key: str, edge_id: EdgeId) -> None:
        for changed in self._recent.send(viewer_key, edge_id):
            if changed in self._edges:
                self._refresh(self._edges[changed])

    def _none_for(self, network: str | None) -> NoEdge | NetworkNotServed:
        """Returns the refusal for a viewer to whom no healthy edge may be given. It is for good
        when none of the others may be, either: the operator is told which setting decides."""
        others = (self._edges[edge_id].report for edge_id in self._unhealthy)
        if any(self._may_serve(report, network) for report in others):
            return NoEdge("No edge serves your network right now. Try again in a few seconds.")
        now = self._clock.monotonic()
        if now >= self._told_again.get(network, now):
            self._told_again[network] = now + _TOLD_AGAIN_S
            _log.warning("network_not_served", network=network, do=_TO_SERVE_IT)
        return NetworkNotServed("This service can't be watched from your network.")

    def _may_serve(self, report: EdgeReport, network: str | None) -> bool:
        """Returns True if this edge may be given to viewers of a network."""
        open_to_them = report.isp is None or network is None or report.isp == network
        return open_to_them or self._settings.lend_network_edges

    def _spares(self, count: int, network: str | None) -> list[EdgeReport]:
        """Edges that may be back before a film is over, those heard last first."""
        since = self._clock.monotonic() - _NO_SPARE_S
        edges = (self._edges[edge_id] for edge_id in self._unhealthy)
        likely = (
            edge
            for edge in edges
            if self._silence.heard_at(edge.report.edge_id) > since
            and not edge.report.draining
            and self._may_serve(edge.report, network)
        )
        reports = [edge.report for edge in likely]
        return heapq.nlargest(count, reports, key=lambda each: self._silence.heard_at(each.edge_id))

    def _meet(self, report: EdgeReport) -> KnownEdge:
        number = number_of(report.edge_id)
        while number in self._numbered:  # two ids of one hash: rare, and no harm
            number = (number + 1) % 2**32
        edge = KnownEdge(number, report)
        self._edges[report.edge_id] = self._numbered[number] = edge
        return edge

    def _forget(self, edge: KnownEdge) -> None:
        self._index.put(edge.number, edge.areas, None)
        self._keep_only(edge, frozenset())
        edge_id = edge.report.edge_id
        self._unhealthy.discard(edge_id)
        self._silence.forget(edge_id)
        del self._edges[edge_id], self._numbered[edge.number]

    def _keep_only(self, edge: KnownEdge, held: frozenset[str]) -> None:
        for prefix in self._index.held(edge.number, edge.areas):
            if prefix not in held:
                self._index.drop(edge.number, edge.areas, prefix)
