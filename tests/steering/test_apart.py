"""G2, P5: steering answers the same in this process and over the wire."""

from collections.abc import AsyncIterator

import pytest

import vitascope.steering
from tests.contracts.here_and_apart import PLACES, placed
from tests.steering.fleet import holding, says
from tests.steering.test_memory import viewer
from vitascope.engines.wire import errors_of
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import EdgeId
from vitascope.steering import InventoryMark, NoEdge, Steering
from vitascope.steering.memory import MemorySteering
from vitascope.steering.settings import SteeringSettings


@pytest.fixture(params=PLACES)
async def steering(request: pytest.FixtureRequest, clock: HeldClock) -> AsyncIterator[Steering]:
    real = MemorySteering(clock=clock, settings=SteeringSettings())
    errors = errors_of(vitascope.steering)
    async with placed(request.param, Steering, real, errors) as door:
        yield door


async def test_edges_report_and_are_ranked(steering: Steering) -> None:
    with pytest.raises(NoEdge):
        await steering.rank(viewer())
    mark = InventoryMark(run="run", number=1)
    for name in ("edge-a", "edge-b"):
        assert await steering.report(says(name, inventory=mark)) == InventoryMark()
    assert await steering.change_inventory(holding("edge-a", "a/v")) == mark
    assert await steering.report(says("edge-a", inventory=mark)) == mark
    ranks = await steering.rank(viewer(wants="a/v"), limit=1)
    assert [rank.edge_id for rank in ranks] == ["edge-a"]
    for session in ("ses_1", "ses_2", "ses_3"):
        await steering.complain([EdgeId("edge-a")], session)
    assert [s.healthy for s in (await steering.edges()).edges] == [False, True]
    assert await steering.usable([EdgeId("edge-a"), EdgeId("edge-b")]) == ["edge-b"]
