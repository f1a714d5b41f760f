"""The rule of ranking: an index of edges, a viewer, and out comes an order.

1. Edges with room go before full ones.
2. Of these, an edge in the viewer's own network goes before one that is open to all, and that one
   before an edge of another network. The last kind serves a viewer whose network is known only
   where the settings let it; where the network is not known it may be theirs.
3. Of these, an edge in the viewer's country goes before others.
4. Of these, an edge that holds the title goes before others, until half of what makes it full is
   in use: then the others may fill themselves too.
5. Of these, two are drawn by the viewer's key, the same two however often one asks and in whatever
   process, and the less loaded of the two leads. "The least loaded of all" would send everyone to
   one edge until its next report: 1.56 x its capacity, measured; the better of two does not.

The work does not grow with the number of edges: an edge is drawn in log2(n) steps. Where more than
32 edges hold a title and more than 32 are free, the free holders among them are looked for in a
bounded number of draws. `tests/steering/full_scan.py` is the same rule as a sort of all edges.
"""

from collections.abc import Callable, Iterator
from itertools import islice

from vitascope.steering.contract import Where
from vitascope.steering.index import NETWORKS, OPEN, Area, Band, EdgeIndex
from vitascope.steering.numbers import Numbers, seed_of

MOST = 16  # edges in one ranking
_TRIES = 24  # draws for free holders

Share = Callable[[int], float]


def ranked(
    index: EdgeIndex,
    where: Where,
    network: str | None,
    *,
    share: Share,
    lend: bool,
    limit: int,
) -> list[int]:
    """Returns the numbers of at most `limit` edges, best first. `share(number)` is the part of an
    edge's capacity that is in use. `lend` lets the edges of a network serve viewers of other
    ones."""
    seed = seed_of(where.viewer_key)
    areas = _areas(where, network, lend)
    order: list[int] = []
    for tier in _tiers(index, where.wants, areas, seed):
        wanted = max(2, limit - len(order))
        equals = list(islice((number for number in tier if number not in order), wanted))
        equals[:2] = sorted(equals[:2], key=share)
        order += equals
        if len(order) >= limit:
            break
    return order[:limit]


def _areas(where: Where, network: str | None, lend: bool) -> list[Area]:
    """Nearest first."""
    networks = [OPEN] if network is None else [network, OPEN]
    if network is None or lend:
        networks.append(NETWORKS)
    return [
        Area(network=each, country=country)
        for each in networks
        for country in (where.country, None)
    ]


def _tiers(
    index: EdgeIndex, wants: str | None, areas: list[Area], seed: int
) -> Iterator[Iterator[int]]:
    """Edges that are equally good, the best first. A later tier may name those of an earlier one
    again."""
    for area in areas:
        if wants is not None:
            yield _free_holders(index, area, wants, seed)
        yield index.with_room(area).drawn(seed, 4 * MOST)
    for area in areas:
        yield index.full(area).drawn(seed, 4 * MOST)


def _free_holders(index: EdgeIndex, area: Area, wants: str, seed: int) -> Iterator[int]:
    """Drawn from the smaller set, those that are in the other one too."""
    holders: Numbers = index.holders(area, wants)
    free = index.free(area)
    if len(holders) <= len(free):
        return (n for n in holders.drawn(seed, _TRIES) if index.band(n) is Band.FREE)
    return (n for n in free.drawn(seed, _TRIES) if n in holders)
