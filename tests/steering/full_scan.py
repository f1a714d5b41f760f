"""The rule of ranking as a sort of all edges: slow, plain, and what the index is compared with."""

from collections.abc import Iterable

import msgspec

from vitascope.steering import EdgeReport, Where
from vitascope.steering.numbers import mixed, number_of, seed_of


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    report: EdgeReport
    holds: frozenset[str] = frozenset()

    @property
    def share(self) -> float:
        return self.report.load_mbps / max(self.report.capacity_mbps, 1)


def tier(each: Standing, where: Where, network: str | None, full_share: float) -> tuple[int, ...]:
    kinds: dict[str | None, int] = {network: 0, None: 1}
    full = each.share >= full_share
    return (
        int(full),
        kinds.get(each.report.isp, 2),
        int(each.report.country != where.country),
        int(full or where.wants not in each.holds or each.share >= full_share / 2),
    )


def full_scan(
    standings: Iterable[Standing],
    where: Where,
    network: str | None,
    *,
    full_share: float,
    lend: bool,
) -> list[Standing]:
    """All edges that may serve this viewer, best first."""
    by_tier: dict[tuple[int, ...], list[Standing]] = {}
    for each in standings:
        where_it_stands = tier(each, where, network, full_share)
        if where_it_stands[1] < 2 or network is None or lend:
            by_tier.setdefault(where_it_stands, []).append(each)
    order: list[Standing] = []
    for _, equals in sorted(by_tier.items()):
        equals.sort(key=lambda each: _draw(each, where), reverse=True)
        order += sorted(equals[:2], key=lambda each: each.share) + equals[2:]
    return order


def _draw(each: Standing, where: Where) -> int:
    return mixed(seed_of(where.viewer_key) ^ number_of(each.report.edge_id))
