"""Ranking edges for a viewer, and what edges say of themselves."""

from collections.abc import Sequence
from typing import Annotated, Protocol

import msgspec

from vitascope.kernel.country import Country
from vitascope.kernel.errors import Forbidden, Unavailable
from vitascope.kernel.ids import EdgeId


class NoEdge(Unavailable):
    """No edge is healthy; the origin may still be."""

    code = "no-edge"


class NetworkNotServed(Forbidden):
    """There are edges, and all of them stand in networks other than the viewer's."""

    code = "network-not-served"


class InventoryMark(msgspec.Struct, frozen=True, kw_only=True):
    """A point in an edge's list of changes: those up to `number`, counted from 1 in this `run` of
    the edge. An edge that restarts begins a new run."""

    run: str = ""
    number: int = 0


class EdgeReport(msgspec.Struct, frozen=True, kw_only=True):
    """How an edge is, every few seconds, in a few hundred bytes however much it holds.

    Addresses may have `{host}` in them, for the host by which a viewer's page came. `secure_url` is
    for pages that came over TLS, where it differs. `inventory` is the last change of what it
    holds. The next report comes within `next_s`; an edge of before says nothing of it."""

    edge_id: EdgeId
    base_url: str  # "http://edge-a.localhost:8801", "http://{host}:8801"
    secure_url: str = ""
    country: Country
    isp: str | None = None  # the one network that it stands in; None when it is open to all
    capacity_mbps: int
    load_mbps: float
    streams: int
    disk_bytes: int
    disk_used_bytes: int
    held: int = 0  # versions held whole
    inventory: InventoryMark = InventoryMark()
    draining: bool = False
    next_s: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class InventoryChange(msgspec.Struct, frozen=True, kw_only=True):
    """What an edge took in and dropped between two numbers of its run: after `after`, up to `upto`.

    Names are "asset/version" prefixes held whole; each is in one of the lists, as it is now. With
    `after` 0 it begins a full list, and after the last change without `more` whatever was not
    named is not there. At most 500 names in one.
    """

    edge_id: EdgeId
    run: str
    after: int
    upto: int
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    more: bool = False


class EdgeRank(msgspec.Struct, frozen=True, kw_only=True):
    """Where an edge is reached, as it reported it."""

    edge_id: EdgeId
    base_url: str
    secure_url: str = ""


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


class EdgePage(msgspec.Struct, frozen=True, kw_only=True):
    """Edges in the order of their ids. Ask again with the last id for those that follow."""

    edges: tuple[EdgeStatus, ...]
    more: bool = False


class Steering(Protocol):
    async def report(self, report: EdgeReport) -> InventoryMark:
        """Record how an edge is. Returns how far the edge's inventory is known here. When that is
        not `report.inventory`, the edge sends what came after it, or all of it when it cannot
        tell."""
        ...

    async def change_inventory(self, change: InventoryChange) -> InventoryMark:
        """Record what an edge took in and dropped. Returns how far the edge's inventory is known
        now. A change that does not begin where the last one ended is not taken; one that was taken
        already does no harm."""
        ...

    async def rank(self, where: Where, *, limit: int = 3, spares: bool = False) -> list[EdgeRank]:
        """Returns healthy edges, best first; `limit` is at most 16. With `spares`, places that are
        left go to edges that are not healthy now: for a list that must last as long as a film.
        Raises `NoEdge`; `NetworkNotServed` when no edge that is known may serve the viewer."""
        ...

    async def usable(self, edge_ids: Sequence[EdgeId]) -> list[EdgeId]:
        """Returns those of these edges that are healthy: those with room first, and otherwise in
        the order given."""
        ...

    async def complain(self, edge_ids: Sequence[EdgeId], session_id: str) -> None:
        """Record that a player could not use these edges. One that enough sessions complain of in a
        short time is dropped for a while."""
        ...

    async def edges(self, *, after: EdgeId | None = None, limit: int = 100) -> EdgePage:
        """Returns a page of edges, for operators. `limit` is at most 1000."""
        ...
