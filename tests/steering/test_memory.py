"""P5: edges are ranked by what they and their viewers say of them."""

from typing import Any

import pytest

from tests.steering.fleet import hear, says
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.country import Country
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import EdgeId
from vitascope.steering import NoEdge, Where
from vitascope.steering.memory import MemorySteering
from vitascope.steering.settings import SteeringSettings

FR, DE = Country("FR"), Country("DE")


def viewer(key: str = "ses_1", **changes: Any) -> Where:
    return Where(**({"country": FR, "address": "::1", "viewer_key": key} | changes))


@pytest.fixture
def steering(clock: HeldClock) -> MemorySteering:
    return MemorySteering(clock=clock, settings=SteeringSettings())


async def names(steering: MemorySteering, where: Where | None = None, limit: int = 9) -> list[str]:
    return [str(e.edge_id) for e in await steering.rank(where or viewer(), limit=limit)]


async def test_without_edges_there_is_no_rank(steering: MemorySteering) -> None:
    with pytest.raises(NoEdge):
        await steering.rank(viewer())


async def test_a_silent_edge_is_dropped_and_comes_back(
    steering: MemorySteering, clock: HeldClock
) -> None:
    for name in ("edge-a", "edge-b"):
        await steering.report(says(name))
    clock.advance(5)
    await steering.report(says("edge-b"))
    clock.advance(2)
    assert await names(steering) == ["edge-b"]
    assert [(e.report.edge_id, e.healthy) for e in (await steering.edges()).edges] == [
        ("edge-a", False),
        ("edge-b", True),
    ]
    await steering.report(says("edge-a"))
    assert sorted(await names(steering)) == ["edge-a", "edge-b"]


async def test_a_draining_edge_takes_nobody(steering: MemorySteering) -> None:
    await steering.report(says("edge-a", draining=True))
    await steering.report(says("edge-b"))
    assert await names(steering) == ["edge-b"]


async def test_complaints_of_different_sessions_drop_an_edge_for_a_while(
    steering: MemorySteering, clock: HeldClock
) -> None:
    async def all_report() -> None:
        for name in ("edge-a", "edge-b"):
            await steering.report(says(name))

    await all_report()
    for _ in range(9):
        await steering.complain([EdgeId("edge-a")], "ses_one")
    assert len(await names(steering)) == 2, "one session alone says nothing of an edge"
    await steering.complain([EdgeId("edge-a")], "ses_two")
    await steering.complain([EdgeId("edge-a")], "ses_three")
    assert await names(steering) == ["edge-b"]
    clock.advance(31)
    await all_report()
    assert len(await names(steering)) == 2
    await steering.complain([EdgeId("edge-nobody")], "ses_one")


async def test_nearness_goes_before_content_and_content_before_chance(clock: HeldClock) -> None:
    steering = MemorySteering(
        clock=clock, settings=SteeringSettings(), network_of=lambda address: "AS1"
    )
    await hear(steering, says("far", country=DE), "a/v")
    await steering.report(says("near"))
    await hear(steering, says("near-holding"), "a/v")
    await steering.report(says("own-network", country=DE, isp="AS1"))
    await hear(steering, says("other-network", isp="AS2"), "a/v")
    for key in map(str, range(20)):
        found = await names(steering, viewer(key, wants="a/v"))
        assert found == ["own-network", "near-holding", "near", "far"]


async def test_a_full_edge_comes_last_and_a_busy_holder_shares(steering: MemorySteering) -> None:
    await hear(steering, says("full", load_mbps=950.0), "a/v")
    await hear(steering, says("busy", load_mbps=500.0), "a/v")
    await steering.report(says("idle"))
    first = {(await names(steering, viewer(str(k), wants="a/v")))[0] for k in range(40)}
    assert "full" not in first
    assert "idle" in first


async def test_a_viewer_keeps_its_edges(steering: MemorySteering) -> None:
    for n in range(8):
        await steering.report(says(f"edge-{n}"))
    before = await names(steering, viewer("ses_x"), limit=2)
    for k in range(5):
        await steering.rank(viewer(f"other-{k}"))
    after = await names(steering, viewer("ses_x"), limit=2)
    assert set(after) == set(before)


async def test_viewers_spread_though_reports_are_old(
    steering: MemorySteering, clock: HeldClock
) -> None:
    """FACTS: the better of two does not herd. No report comes while 2000 viewers arrive."""
    for n in range(10):
        await steering.report(says(f"edge-{n}", capacity_mbps=1000, load_mbps=100.0 + n))
    placed: dict[str, int] = {}
    for k in range(2000):
        first = (await names(steering, viewer(f"ses_{k}")))[0]
        placed[first] = placed.get(first, 0) + 1
    assert len(placed) == 10
    assert max(placed.values()) < 1.2 * 200


async def test_the_limit_is_kept(steering: MemorySteering) -> None:
    for n in range(8):
        await steering.report(says(f"edge-{n}"))
    assert len(await steering.rank(viewer(), limit=3)) == 3


async def test_a_list_for_a_whole_film_names_edges_that_may_be_back(
    steering: MemorySteering, clock: HeldClock
) -> None:
    for name in ("edge-a", "edge-b", "edge-c"):
        await steering.report(says(name))
    clock.advance(590)
    await steering.report(says("edge-c", draining=True))
    await steering.report(says("edge-b"))
    spares = [str(e.edge_id) for e in await steering.rank(viewer(), spares=True)]
    assert spares == ["edge-b", "edge-a"]
    clock.advance(20)
    await steering.report(says("edge-b"))
    assert [str(e.edge_id) for e in await steering.rank(viewer(), spares=True)] == ["edge-b"]


async def test_of_edges_named_those_that_are_healthy_are_usable_full_ones_last(
    steering: MemorySteering, clock: HeldClock
) -> None:
    await steering.report(says("silent"))
    clock.advance(7)
    for name, load in (("full", 900.0), ("b", 899.0), ("a", 0.0)):
        await steering.report(says(name, load_mbps=load))
    await steering.report(says("leaving", draining=True))
    asked = [EdgeId(name) for name in ("full", "silent", "b", "unknown", "leaving", "a")]
    assert await steering.usable(asked) == ["b", "a", "full"]


async def test_viewers_just_sent_fill_an_edge_until_they_show_in_its_reports(
    steering: MemorySteering, clock: HeldClock
) -> None:
    """Ten streams of 4 Mbit/s go to an edge of 40: the next viewer is sent elsewhere."""
    await steering.report(says("small", capacity_mbps=40))
    await steering.report(says("far", country=DE))
    first = [(await names(steering, viewer(str(key))))[0] for key in range(11)]
    assert first == ["small"] * 9 + ["far"] * 2, "full from 90% on"
    clock.advance(5)
    for name in ("small", "far"):
        await steering.report(
            says(name, **({"capacity_mbps": 40} if name == "small" else {"country": DE}))
        )
    assert (await names(steering, viewer("later")))[0] == "far"
    clock.advance(5)
    assert (await names(steering, viewer("latest")))[0] == "small"


@pytest.mark.parametrize(("silent_s", "healthy"), [(5.9, True), (6.0, True), (6.1, False)])
async def test_silence_is_longer_than_the_setting_says(
    steering: MemorySteering, clock: HeldClock, silent_s: float, healthy: bool
) -> None:
    await steering.report(says("edge-a"))
    clock.advance(silent_s)
    assert [edge.healthy for edge in (await steering.edges()).edges] == [healthy]


async def test_an_edge_that_is_silent_for_a_day_is_forgotten_with_all_it_held(
    steering: MemorySteering, clock: HeldClock
) -> None:
    await hear(steering, says("edge-a"), "a/v")
    areas = steering._edges[EdgeId("edge-a")].areas
    clock.advance(86_400)
    assert len((await steering.edges()).edges) == 1
    clock.advance(1)
    assert (await steering.edges()).edges == ()
    assert [len(steering._index.holders(area, "a/v")) for area in areas] == [0, 0]


async def test_operators_see_all_edges_a_page_at_a_time(
    steering: MemorySteering, clock: HeldClock
) -> None:
    for number in range(5):
        await steering.report(says(f"edge-{number}", draining=number == 3))
    seen, after = [], None
    for more in (True, True, False):
        page = await steering.edges(after=after, limit=2)
        assert page.more is more
        seen += [(edge.report.edge_id, edge.healthy) for edge in page.edges]
        after = page.edges[-1].report.edge_id
    assert seen == [(f"edge-{number}", number != 3) for number in range(5)]


@pytest.mark.parametrize("limit", [0, -1, 17])
async def test_a_ranking_has_a_bounded_length(steering: MemorySteering, limit: int) -> None:
    await steering.report(says("edge-a"))
    with pytest.raises(Invalid):
        await steering.rank(viewer(), limit=limit)
    with pytest.raises(Invalid):
        await steering.edges(limit=0)
    with pytest.raises(Invalid):
        await steering.edges(limit=1001)
    assert len(await steering.rank(viewer(), limit=16)) == 1


async def test_two_edges_whose_ids_have_one_hash_are_two_edges(
    steering: MemorySteering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vitascope.steering.memory.number_of", lambda edge_id: 2**32 - 1)
    await hear(steering, says("edge-a"), "a/v")
    await steering.report(says("edge-b"))
    assert sorted(await names(steering)) == ["edge-a", "edge-b"]
    assert (await names(steering, viewer(wants="a/v")))[0] == "edge-a"


async def test_spares_fill_a_list_and_no_more(steering: MemorySteering, clock: HeldClock) -> None:
    for name in ("gone-1", "gone-2", "gone-3"):
        await steering.report(says(name))
        clock.advance(1)
    clock.advance(10)
    await steering.report(says("here"))
    for limit, spares in ((1, []), (2, ["gone-3"]), (3, ["gone-3", "gone-2"])):
        found = [str(e.edge_id) for e in await steering.rank(viewer(), limit=limit, spares=True)]
        assert found == ["here", *spares]


@pytest.mark.parametrize(("silent_s", "spares"), [(599.9, ["gone"]), (600.0, [])])
async def test_an_edge_that_is_silent_for_ten_minutes_is_no_spare(
    steering: MemorySteering, clock: HeldClock, silent_s: float, spares: list[str]
) -> None:
    await steering.report(says("gone"))
    clock.advance(silent_s)
    await steering.report(says("here"))
    found = [str(e.edge_id) for e in await steering.rank(viewer(), spares=True)]
    assert found == ["here", *spares]


async def test_a_page_that_ends_with_the_last_edge_is_the_last(steering: MemorySteering) -> None:
    for number in range(4):
        await steering.report(says(f"edge-{number}"))
    assert (await steering.edges(limit=3)).more
    assert not (await steering.edges(limit=4)).more
    assert not (await steering.edges(after=EdgeId("edge-1"), limit=2)).more
    assert len((await steering.edges(limit=1000)).edges) == 4
