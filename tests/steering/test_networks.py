"""P5: an edge that stands in a network serves the viewers of that network, and never nobody."""

import pytest
from structlog.testing import capture_logs

from tests.steering.fleet import says
from tests.steering.test_memory import names, viewer
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import Invalid
from vitascope.steering import NetworkNotServed, NoEdge
from vitascope.steering.memory import MemorySteering
from vitascope.steering.networks import NetworkTable
from vitascope.steering.settings import SteeringSettings

TABLE = {
    "one": ("192.0.2.0/24", "2001:db8::/32"),
    "two": ("192.0.2.128/25", "2001:db8:2::/48"),
    "three": ("203.0.113.7/32",),
}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.0", "one"),
        ("192.0.2.127", "one"),
        ("192.0.2.128", "two"),
        ("192.0.2.255", "two"),
        ("192.0.3.0", None),
        ("2001:db8:1::9", "one"),
        ("2001:db8:2::9", "two"),
        ("2001:db9::", None),
        ("203.0.113.7", "three"),
        ("203.0.113.6", None),
        ("::ffff:192.0.2.9", None),
        ("", None),
        ("testclient", None),
    ],
)
def test_the_longest_prefix_decides(address: str, network: str | None) -> None:
    assert NetworkTable(TABLE)(address) == network


@pytest.mark.parametrize("wrong", ["192.0.2.1/24", "192.0.2", "", "2001:db8::/129"])
def test_a_prefix_that_is_none_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(Invalid, match=r"\[steering.networks\] one cannot have"):
        NetworkTable({"one": (wrong,)})


def steering(clock: HeldClock, *, lend: bool = False) -> MemorySteering:
    settings = SteeringSettings(networks=TABLE, lend_network_edges=lend)
    return MemorySteering(clock=clock, settings=settings)


async def test_an_edge_in_a_network_comes_first_for_its_viewers(clock: HeldClock) -> None:
    ranking = steering(clock)
    await ranking.report(says("open"))
    await ranking.report(says("of-one", isp="one"))
    await ranking.report(says("of-two", isp="two"))
    assert await names(ranking, viewer(address="192.0.2.1")) == ["of-one", "open"]
    assert await names(ranking, viewer(address="192.0.2.200")) == ["of-two", "open"]
    assert await names(ranking, viewer(address="203.0.113.7")) == ["open"]


async def test_a_viewer_of_a_network_not_known_is_offered_it_after_the_open_ones(
    clock: HeldClock,
) -> None:
    """Without a table nobody's network is known: the edge must not stand idle for that."""
    ranking = MemorySteering(clock=clock, settings=SteeringSettings())
    await ranking.report(says("of-one", isp="one"))
    assert await names(ranking) == ["of-one"]
    await ranking.report(says("open", load_mbps=800.0))
    assert await names(ranking) == ["open", "of-one"]


async def test_edges_are_lent_to_other_networks_where_the_settings_let_them(
    clock: HeldClock,
) -> None:
    alone = steering(clock)
    await alone.report(says("of-one", isp="one"))
    with pytest.raises(NetworkNotServed, match="from your network"):
        await alone.rank(viewer(address="203.0.113.7"))
    lending = steering(clock, lend=True)
    await lending.report(says("of-one", isp="one"))
    await lending.report(says("open", load_mbps=800.0))
    await lending.report(says("full", load_mbps=950.0))
    assert await names(lending, viewer(address="203.0.113.7")) == ["open", "of-one", "full"]


async def test_the_operator_is_told_once_which_setting_leaves_a_network_without(
    clock: HeldClock,
) -> None:
    alone = steering(clock)
    await alone.report(says("of-one", isp="one"))
    with capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(NetworkNotServed):
                await alone.rank(viewer(address="203.0.113.7"))
    (told,) = logs
    assert (told["event"], told["network"]) == ("network_not_served", "three")
    assert "lend_network_edges = true in [steering]" in told["do"]


async def test_where_an_edge_for_the_network_is_away_it_is_said_to_be_for_now(
    clock: HeldClock,
) -> None:
    ranking = steering(clock)
    await ranking.report(says("of-one", isp="one"))
    await ranking.report(says("open", draining=True))
    with pytest.raises(NoEdge, match="your network right now"):
        await ranking.rank(viewer(address="203.0.113.7"))


async def test_no_spare_is_of_another_network(clock: HeldClock) -> None:
    ranking = steering(clock)
    for name, isp in (("of-one", "one"), ("of-three", "three"), ("open", None)):
        await ranking.report(says(name, isp=isp))
    clock.advance(SteeringSettings().silence_s + 1)
    await ranking.report(says("another"))
    found = await ranking.rank(viewer(address="203.0.113.7"), limit=5, spares=True)
    assert {each.edge_id for each in found} == {"another", "of-three", "open"}
