"""P5: edges are ranked by what they and their viewers say of them."""

import pytest

from vitascope.kernel.clock import HeldClock
from vitascope.kernel.country import Country
from vitascope.kernel.ids import EdgeId
from vitascope.steering import EdgeReport, NoEdge, Where
from vitascope.steering.dispatcher import Dispatcher
from vitascope.steering.settings import SteeringSettings

FR, DE = Country("FR"), Country("DE")


def says(name: str, **changes: object) -> EdgeReport:
    said: dict[str, object] = {
        "edge_id": EdgeId(name),
        "base_url": f"http://{name}.localhost",
        "country": FR,
        "capacity_mbps": 1000,
        "load_mbps": 0.0,
        "streams": 0,
        "disk_bytes": 1,
        "disk_used_bytes": 0,
    }
    return EdgeReport(**(said | changes))  # type: ignore[arg-type]


def viewer(key: str = "ses_1", **changes: object) -> Where:
    return Where(**({"country": FR, "address": "::1", "viewer_key": key} | changes))  # type: ignore[arg-type]


@pytest.fixture
def steering(clock: HeldClock) -> Dispatcher:
    return Dispatcher(clock=clock, settings=SteeringSettings())


async def names(steering: Dispatcher, where: Where | None = None, limit: int = 9) -> list[str]:
    return [str(e.edge_id) for e in await steering.rank(where or viewer(), limit=limit)]


async def test_without_edges_there_is_no_rank(steering: Dispatcher) -> None:
    with pytest.raises(NoEdge):
        await steering.rank(viewer())


async def test_a_silent_edge_is_dropped_and_comes_back(
    steering: Dispatcher, clock: HeldClock
) -> None:
    for name in ("edge-a", "edge-b"):
        await steering.report(says(name))
    clock.advance(5)
    await steering.report(says("edge-b"))
    clock.advance(2)
    assert await names(steering) == ["edge-b"]
    assert [(e.report.edge_id, e.healthy) for e in await steering.edges()] == [
        ("edge-a", False),
        ("edge-b", True),
    ]
    await steering.report(says("edge-a"))
    assert sorted(await names(steering)) == ["edge-a", "edge-b"]


async def test_a_draining_edge_takes_nobody(steering: Dispatcher) -> None:
    await steering.report(says("edge-a", draining=True))
    await steering.report(says("edge-b"))
    assert await names(steering) == ["edge-b"]


async def test_complaints_of_different_sessions_drop_an_edge_for_a_while(
    steering: Dispatcher, clock: HeldClock
) -> None:
    async def all_report() -> None:
        for name in ("edge-a", "edge-b"):
            await steering.report(says(name))

    await all_report()
    for _ in range(9):
        await steering.complain(EdgeId("edge-a"), "ses_one")
    assert len(await names(steering)) == 2, "one session alone says nothing of an edge"
    await steering.complain(EdgeId("edge-a"), "ses_two")
    await steering.complain(EdgeId("edge-a"), "ses_three")
    assert await names(steering) == ["edge-b"]
    clock.advance(31)
    await all_report()
    assert len(await names(steering)) == 2
    await steering.complain(EdgeId("edge-nobody"), "ses_one")


async def test_nearness_goes_before_content_and_content_before_chance(clock: HeldClock) -> None:
    steering = Dispatcher(
        clock=clock, settings=SteeringSettings(), network_of=lambda address: "AS1"
    )
    await steering.report(says("far", country=DE, holds=("a/v",)))
    await steering.report(says("near"))
    await steering.report(says("near-holding", holds=("a/v",)))
    await steering.report(says("own-network", country=DE, isp="AS1"))
    await steering.report(says("other-network", isp="AS2", holds=("a/v",)))
    for key in map(str, range(20)):
        found = await names(steering, viewer(key, wants="a/v"))
        assert found == ["own-network", "near-holding", "near", "far"]


async def test_a_full_edge_comes_last_and_a_busy_holder_shares(steering: Dispatcher) -> None:
    await steering.report(says("full", load_mbps=950.0, holds=("a/v",)))
    await steering.report(says("busy", load_mbps=500.0, holds=("a/v",)))
    await steering.report(says("idle"))
    first = {(await names(steering, viewer(str(k), wants="a/v")))[0] for k in range(40)}
    assert "full" not in first
    assert "idle" in first


async def test_a_viewer_keeps_its_edges(steering: Dispatcher) -> None:
    for n in range(8):
        await steering.report(says(f"edge-{n}"))
    before = await names(steering, viewer("ses_x"), limit=2)
    for k in range(5):
        await steering.rank(viewer(f"other-{k}"))
    after = await names(steering, viewer("ses_x"), limit=2)
    assert set(after) == set(before)


async def test_viewers_spread_though_reports_are_old(
    steering: Dispatcher, clock: HeldClock
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


async def test_the_limit_is_kept(steering: Dispatcher) -> None:
    for n in range(8):
        await steering.report(says(f"edge-{n}"))
    assert len(await steering.rank(viewer(), limit=3)) == 3


async def test_a_list_for_a_whole_film_names_edges_that_may_be_back(
    steering: Dispatcher, clock: HeldClock
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
