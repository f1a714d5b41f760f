"""G2, P5: steering answers the same in this process and over the wire."""

from collections.abc import AsyncIterator

import pytest

import vitascope.steering
from tests.contracts.places import PLACES, placed
from tests.steering.test_dispatcher import says, viewer
from vitascope.engines.wire import errors_of
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import EdgeId
from vitascope.steering import NoEdge, Steering
from vitascope.steering.dispatcher import Dispatcher
from vitascope.steering.settings import SteeringSettings


@pytest.fixture(params=PLACES)
async def steering(request: pytest.FixtureRequest, clock: HeldClock) -> AsyncIterator[Steering]:
    real = Dispatcher(clock=clock, settings=SteeringSettings())
    errors = errors_of(vitascope.steering)
    async with placed(request.param, Steering, real, errors) as door:  # type: ignore[type-abstract]
        yield door


async def test_edges_report_and_are_ranked(steering: Steering) -> None:
    with pytest.raises(NoEdge):
        await steering.rank(viewer())
    await steering.report(says("edge-a", holds=("a/v",)))
    await steering.report(says("edge-b"))
    ranks = await steering.rank(viewer(wants="a/v"), limit=1)
    assert [rank.edge_id for rank in ranks] == ["edge-a"]
    for session in ("ses_1", "ses_2", "ses_3"):
        await steering.complain(EdgeId("edge-a"), session)
    assert [s.healthy for s in await steering.edges()] == [False, True]
