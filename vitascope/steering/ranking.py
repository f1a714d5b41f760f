"""The pure rule: edges as they are known, a viewer, and out comes an order.

Nearness first: an edge in the viewer's own network, then in its country, then any; full ones after
all others. Among edges equally near, those that hold the title come first, until half of their
capacity is in use: then the others may fill themselves too. Among those, two are
picked by rendezvous hashing of the viewer's key (the same two for the same viewer, however often
it is asked, and hardly another two when an edge comes or goes), and of the two the less loaded
leads. "Least loaded of all" would send everyone to one edge until its next report; the better of
two does not (FACTS: 1.56 x capacity against none).
"""

import hashlib
from collections.abc import Callable, Iterable

import msgspec

from vitascope.steering.contract import EdgeReport, Where


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An edge for ranking: its last report, and what was sent its way since, in Mbit/s."""

    report: EdgeReport
    assigned_mbps: float = 0.0

    @property
    def share(self) -> float:
        """Of its capacity, how much is in use."""
        return (self.report.load_mbps + self.assigned_mbps) / max(self.report.capacity_mbps, 1)


def ranked(
    standings: Iterable[Standing], where: Where, isp: str | None, full_share: float
) -> list[Standing]:
    """Best first. `isp` is the viewer's network, where it is known."""

    def tier(standing: Standing) -> tuple[int, ...]:
        report = standing.report
        return (
            int(standing.share >= full_share),
            int(isp is None or report.isp != isp),
            int(report.country != where.country),
            int(where.wants not in report.holds or standing.share >= full_share / 2),
        )

    by_tier: dict[tuple[int, ...], list[Standing]] = {}
    for standing in standings:
        if standing.report.isp in (None, isp):  # a network's own edge serves nobody else
            by_tier.setdefault(tier(standing), []).append(standing)
    return [each for key in sorted(by_tier) for each in _spread(by_tier[key], where.viewer_key)]


def _spread(equals: list[Standing], viewer_key: str) -> list[Standing]:
    drawn = sorted(equals, key=_draw(viewer_key), reverse=True)
    drawn[:2] = sorted(drawn[:2], key=lambda standing: standing.share)
    return drawn


def _draw(viewer_key: str) -> Callable[[Standing], bytes]:
    """The rendezvous: each edge draws a number for this viewer; the highest ones serve it."""

    def draw(standing: Standing) -> bytes:
        named = f"{viewer_key}\n{standing.report.edge_id}"
        return hashlib.sha256(named.encode()).digest()

    return draw
