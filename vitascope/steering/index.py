"""Edges by what a ranking asks for: where they stand, how full they are, and what they hold.

Kept up to date by every change of one edge, so that a ranking looks at a few edges and not at all.
An *area* is a network and a country. An edge that is open to all is in two, its country's and the
whole world's; one that stands in a network is in these two of its network, and again in two that
hold the edges of all networks together.
"""

import enum
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from vitascope.kernel.country import Country
from vitascope.steering.numbers import Numbers

OPEN = ""  # the network of edges that are open to all
NETWORKS = "*"  # the edges of all networks

_EMPTY = Numbers()


class Area(msgspec.Struct, frozen=True, kw_only=True):
    """`country` is None for the whole world."""

    network: str
    country: Country | None = None


Areas = tuple[Area, ...]


class Band(enum.Enum):
    """Of a healthy edge, by the share of its capacity that is in use."""

    FREE = "free"  # so little that holding a title is an advantage
    BUSY = "busy"
    FULL = "full"


def areas_of(network: str | None, country: Country) -> Areas:
    """Returns those that an edge is in."""
    networks = (OPEN,) if network is None else (network, NETWORKS)
    return tuple(
        Area(network=each, country=where) for each in networks for where in (country, None)
    )


def band_of(share: float, full_share: float) -> Band:
    if share >= full_share:
        return Band.FULL
    return Band.BUSY if share >= full_share / 2 else Band.FREE


class EdgeIndex:
    """For one event loop. Edges go by their numbers."""

    def __init__(self) -> None:
        self._bands: dict[int, Band] = {}  # of the healthy ones
        self._free: defaultdict[Area, Numbers] = defaultdict(Numbers)
        self._with_room: defaultdict[Area, Numbers] = defaultdict(Numbers)
        self._full: defaultdict[Area, Numbers] = defaultdict(Numbers)
        self._holders: defaultdict[Area, dict[str, Numbers]] = defaultdict(dict)

    def __len__(self) -> int:
        """Returns how many edges are healthy."""
        return len(self._bands)

    def band(self, number: int) -> Band | None:
        """Returns None when the edge is not healthy."""
        return self._bands.get(number)

    def free(self, area: Area) -> Numbers:
        return self._free.get(area, _EMPTY)

    def with_room(self, area: Area) -> Numbers:
        """Returns those that are free or busy."""
        return self._with_room.get(area, _EMPTY)

    def full(self, area: Area) -> Numbers:
        return self._full.get(area, _EMPTY)

    def holders(self, area: Area, prefix: str) -> Numbers:
        """Returns all edges that hold `prefix`, healthy or not."""
        return self._holders[area].get(prefix, _EMPTY) if area in self._holders else _EMPTY

    def put(self, number: int, areas: Areas, band: Band | None) -> None:
        """Put the edge in this band; None takes it out."""
        before = self._bands.get(number)
        if before is band:
            return
        for area in areas:
            for numbers in self._of(area, before):
                numbers.discard(number)
            for numbers in self._of(area, band):
                numbers.add(number)
        if band is None:
            del self._bands[number]
        else:
            self._bands[number] = band

    def hold(self, number: int, areas: Areas, prefix: str) -> None:
        for area in areas:
            holders = self._holders[area]
            if prefix not in holders:
                holders[prefix] = Numbers()
            holders[prefix].add(number)

    def drop(self, number: int, areas: Areas, prefix: str) -> None:
        for area in areas:
            holders = self._holders[area].get(prefix)
            if holders is not None:
                holders.discard(number)
                if not holders:
                    del self._holders[area][prefix]

    def held(self, number: int, areas: Areas) -> list[str]:
        """Returns all that an edge holds. Looks at every title: for an edge that goes, not for
        requests."""
        in_area = self._holders[areas[0]]
        return [prefix for prefix, holders in in_area.items() if number in holders]

    def _of(self, area: Area, band: Band | None) -> Iterator[Numbers]:
        if band is Band.FREE:
            yield self._free[area]
        if band in (Band.FREE, Band.BUSY):
            yield self._with_room[area]
        if band is Band.FULL:
            yield self._full[area]
