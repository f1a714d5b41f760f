"""Ranking edges for a viewer, and telling players to move."""

from typing import Protocol

import msgspec

from vitascope.kernel.country import Country
from vitascope.kernel.errors import Unavailable
from vitascope.kernel.ids import EdgeId


class NoEdge(Unavailable):
    """No edge is healthy; the origin may still be."""

    code = "no-edge"


class EdgeReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an edge says of itself, every few seconds. `base_url` has a hostname of its own."""

    edge_id: EdgeId
    base_url: str  # "http://edge-a.localhost:8801"
    country: Country
    isp: str | None = None
    capacity_mbps: int
    load_mbps: float
    streams: int
    disk_bytes: int
    disk_used_bytes: int
    holds: tuple[str, ...] = ()  # "asset/version" prefixes held whole
    draining: bool = False


class EdgeRank(msgspec.Struct, frozen=True, kw_only=True):
    edge_id: EdgeId
    base_url: str


class Where(msgspec.Struct, frozen=True, kw_only=True):
    """Where the viewer is, and what is wanted."""

    country: Country
    address: str
    wants: str | None = None  # "asset/version"
    viewer_key: str = ""  # spreads viewers; the session id


class EdgeStatus(msgspec.Struct, frozen=True, kw_only=True):
    report: EdgeReport
    healthy: bool
    last_seen_at_ms: int


class Steering(Protocol):
    async def report(self, report: EdgeReport) -> None: ...

    async def rank(self, where: Where, *, limit: int = 3, spares: bool = False) -> list[EdgeRank]:
        """Best first; healthy ones only. With `spares`, places that are left go to edges that are
        not well now: for a list that must last as long as a film. Raises `NoEdge`."""
        ...

    async def complain(self, edge_id: EdgeId, session_id: str) -> None:
        """A player could not use this edge; enough complaints in a short time lower its rank."""
        ...

    async def edges(self) -> list[EdgeStatus]: ...
