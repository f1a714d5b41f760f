"""P3, P13: a title that is not protected asks for no licence, and its caps hold all the same."""

import msgspec
import pytest

from tests.playback.setup import FILM, RING, Setup, down, session_id, viewer
from vitascope.billing.plans import plans_in
from vitascope.kernel import path_tokens
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import SessionId
from vitascope.playback import (
    Beat,
    Capabilities,
    SessionEnded,
    SubscriptionNeeded,
    TooManyStreams,
)
from vitascope.playback.settings import PlaybackSettings

PLANS = plans_in("EUR")
ABLE = Capabilities(max_height=2160)


@pytest.fixture
def setup(setup: Setup) -> Setup:
    """The film of the setup, said to be without protection: its manifests are others' affair."""
    asset = setup.catalog.asset
    setup.catalog.asset = msgspec.structs.replace(asset, scheme="none", key_ids={})
    return setup


def lines_of(setup: Setup, token: str) -> int | None:
    prefix = f"{setup.catalog.asset.id}/{setup.catalog.asset.version}"
    opened = path_tokens.check(RING, path_tokens.EDGE, prefix, token, setup.clock.now_ms())
    return opened.lines


async def test_it_is_played_without_a_licence_while_licensing_is_away(setup: Setup) -> None:
    async def away(*_: object, **__: object) -> str:
        raise down()

    setup.licensing.token = away  # type: ignore[method-assign]
    answer = await setup.play()
    assert answer.licence is None
    assert answer.degraded == ()
    beat = Beat(session_id=session_id(answer), sequence=1, position_ms=1000)
    renewed = await setup.playback.beat(viewer(), beat)
    assert (renewed.licence_token, renewed.degraded) == (None, ())
    assert renewed.path_token


@pytest.mark.parametrize("plan_id", PLANS)
async def test_a_path_token_opens_no_picture_above_the_plan(setup: Setup, plan_id: str) -> None:
    plan = setup.billing.plan = PLANS[plan_id]
    ladder = setup.catalog.asset.ladder
    within = [rung.height for rung in ladder if rung.height <= plan.max_height]
    answer = await setup.play(capabilities=ABLE)
    assert [rung.height for rung in answer.rungs] == within
    all_of_it = len(within) == len(ladder)
    for edge in answer.edges:
        lines = lines_of(setup, edge.base_url.split("/")[4])
        assert lines == (None if all_of_it else max(within))
    beat = Beat(session_id=session_id(answer), sequence=1, position_ms=1000)
    renewed = await setup.playback.beat(viewer(), beat)
    assert lines_of(setup, renewed.path_token or "") == (None if all_of_it else max(within))


async def test_a_cap_for_software_decoders_is_of_protected_titles_alone(setup: Setup) -> None:
    setup.playback = setup.make(settings=PlaybackSettings(software_drm_max_height=240))
    assert len((await setup.play()).rungs) == 3
    setup.catalog.asset = msgspec.structs.replace(setup.catalog.asset, scheme="cbcs")
    assert [rung.name for rung in (await setup.play(viewer("acc_2"))).rungs] == ["v240"]


async def test_no_playlist_names_a_key(setup: Setup) -> None:
    answer = await setup.play()
    token = answer.manifests.hls.split("/")[3]
    for name in ("main.m3u8", "native.m3u8", "edge-a~v240.m3u8", "edge-a~a-en-2.m3u8"):
        assert "/api/licence/" not in await setup.playback.hls(token, name)


# -- addresses for other players


async def address(setup: Setup) -> tuple[str, SessionId]:
    """A copied address's token, and the session of the page that it was copied from."""
    page = await setup.play()
    url = await setup.playback.address(viewer(), session_id(page))
    assert url.endswith("/native.m3u8")
    return url.split("/")[3], session_id(page)


async def test_an_address_takes_a_stream_when_it_is_opened_and_keeps_it_by_its_requests(
    setup: Setup,
) -> None:
    setup.billing.plan = PLANS["basic"]
    token, page = await address(setup)
    with pytest.raises(TooManyStreams):
        await setup.playback.hls(token, "native.m3u8")
    await setup.playback.stop(viewer(), page)
    await setup.playback.hls(token, "native.m3u8")
    for _ in range(10):
        setup.clock.advance(100)
        await setup.report("edge-a", "edge-b")
        url = await setup.playback.through(token, "v240.mp4")
        assert lines_of(setup, url.split("/")[4]) == 720, "the plan's cap goes with the address"
        [stream] = await setup.playback.streams(viewer())
        assert (stream.device, stream.title) == ("Another player", "The Film")
    with pytest.raises(TooManyStreams):
        await setup.play(viewer(device="dev_2"))


async def test_after_a_pause_an_address_goes_on_and_after_its_hours_it_ends(setup: Setup) -> None:
    token, page = await address(setup)
    await setup.playback.stop(viewer(), page)
    await setup.playback.hls(token, "native.m3u8")
    setup.clock.advance(3600)
    assert await setup.playback.streams(viewer()) == []
    await setup.report("edge-a", "edge-b")
    await setup.playback.through(token, "v240.mp4")
    setup.clock.advance(11 * 3600)
    with pytest.raises(SessionEnded):
        await setup.playback.through(token, "v240.mp4")


async def test_an_address_is_stopped_from_any_device_of_the_account(setup: Setup) -> None:
    token, page = await address(setup)
    await setup.playback.stop(viewer(), page)
    await setup.playback.hls(token, "native.m3u8")
    [stream] = await setup.playback.streams(viewer(device="dev_2"))
    await setup.playback.stop(viewer(device="dev_2"), stream.session_id)
    for name in ("native.m3u8", "native~v240.m3u8"):
        with pytest.raises(SessionEnded):
            await setup.playback.hls(token, name)


async def test_a_plan_that_has_ended_opens_no_address(setup: Setup) -> None:
    token, page = await address(setup)
    await setup.playback.stop(viewer(), page)
    setup.billing.plan = None
    with pytest.raises(SubscriptionNeeded):
        await setup.playback.hls(token, "native.m3u8")


async def test_there_is_no_address_of_what_is_protected_or_anothers(setup: Setup) -> None:
    page = session_id(await setup.play())
    with pytest.raises(SessionEnded):
        await setup.playback.address(viewer("acc_2"), page)
    asset = setup.catalog.asset
    held = await setup.licensing.key_ids(asset.id)
    setup.catalog.asset = msgspec.structs.replace(asset, version="v2", scheme="cbcs", key_ids=held)
    protected = session_id(await setup.play(viewer("acc_2")))
    with pytest.raises(Invalid, match="protected"):
        await setup.playback.address(viewer("acc_2"), protected)


async def test_progress_without_a_session_is_of_the_page_not_of_the_address(setup: Setup) -> None:
    _, page = await address(setup)
    await setup.playback.report(viewer(), FILM, 1500)
    assert setup.viewing.kept[-1].session_id == page
