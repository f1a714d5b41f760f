"""P2: a child learns nothing of what the others of its family watch, and stops none of it."""

import msgspec
import pytest

from tests.playback.setup import Setup, plan, session_id, viewer
from vitascope.kernel.errors import Forbidden
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.viewer import Viewer
from vitascope.playback import TooManyStreams


def child(device: str = "dev_child") -> Viewer:
    who = viewer(device=device, profile="pro_child")
    return msgspec.structs.replace(who, kids=True, maturity=Maturity.SEVEN)


async def test_a_child_sees_and_stops_its_own_streams_alone(setup: Setup) -> None:
    setup.billing.plan = plan(streams=2)
    adult = await setup.play(device_name="Bedroom")
    own = await setup.play(child())
    assert [each.session_id for each in await setup.playback.streams(child())] == [own.session_id]
    assert len(await setup.playback.streams(viewer())) == 2
    with pytest.raises(TooManyStreams) as refused:
        await setup.play(child("dev_other"))
    assert "Bedroom" not in refused.value.detail
    assert "Bedroom" not in str(refused.value.extra)
    with pytest.raises(Forbidden):
        await setup.playback.stop(child(), session_id(adult))
    assert len(await setup.playback.streams(viewer())) == 2
    await setup.playback.stop(child("dev_other"), session_id(own))
    await setup.playback.stop(viewer(), session_id(adult))
    assert await setup.playback.streams(viewer()) == []
