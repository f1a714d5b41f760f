"""P2, P8: heartbeats keep a stream alive and progress durable; nothing else does."""

import asyncio
from typing import Any

import pytest

from tests.playback.setup import EDGES, RING, Setup, down, plan, session_id, viewer
from vitascope.kernel import path_tokens
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import EdgeId, SessionId
from vitascope.kernel.media import KeyLabel
from vitascope.kernel.path_tokens import PathTokenRefused
from vitascope.licensing import ClearKeyRequest, LicenceTokenRefused
from vitascope.licensing.tokens import to_base64url
from vitascope.playback import Beat, PlayState, SessionEnded
from vitascope.playback.settings import PlaybackSettings


def beat(answer: object, sequence: int = 1, position: int = 1000, **more: Any) -> Beat:
    return Beat(session_id=session_id(answer), sequence=sequence, position_ms=position, **more)


async def test_a_beat_records_and_extends_everything(any_setup: Setup) -> None:
    setup = any_setup
    begun_at_ms = setup.clock.now_ms()
    started = await setup.play()
    setup.clock.advance(30)
    answer = await setup.playback.beat(viewer(), beat(started, sequence=7))
    kept = setup.viewing.kept[-1]
    assert (kept.position_ms, kept.session_id) == (1000, started.session_id)
    assert (kept.session_started_at_ms, kept.sequence) == (begun_at_ms, 7), "what orders reports"
    assert answer.expires_at_ms == setup.clock.now_ms() + 150_000
    assert answer.path_token
    assert answer.path_token not in started.edges[0].base_url
    assert answer.licence_token != started.licence.token
    assert answer.degraded == ()


async def test_silence_ends_a_session_and_no_beat_revives_it(setup: Setup) -> None:
    setup.billing.plan = plan(streams=1)
    started = await setup.play()
    setup.clock.advance(149)
    last = await setup.playback.beat(viewer(), beat(started))
    setup.clock.advance(150)
    for sequence in (2, 3):
        with pytest.raises(SessionEnded):
            await setup.playback.beat(viewer(), beat(started, sequence, 2000))
    assert await setup.playback.streams(viewer()) == []
    assert setup.viewing.kept[-1].position_ms == 2000, "where one was is kept"
    with pytest.raises(LicenceTokenRefused):
        await setup.licensing.clear_key(started.licence.token, ClearKeyRequest(kids=("AA",)))
    token = started.manifests.dash.split("/")[3]
    for asking in (
        setup.playback.dash(token),
        setup.playback.hls(token, "main.m3u8"),
        setup.playback.through(token, "v240.mp4"),
        setup.playback.steer(token, None, None),
    ):
        with pytest.raises(SessionEnded):
            await asking
    assert last.path_token is not None
    with pytest.raises(PathTokenRefused):  # an edge counts whole seconds
        path_tokens.check(
            RING, path_tokens.EDGE, "ast_film/v1", last.path_token, setup.clock.now_ms() + 1000
        )
    await setup.play(viewer(device="dev_2"))


async def test_stop_frees_the_place_at_once(setup: Setup) -> None:
    setup.billing.plan = plan(streams=1)
    started = await setup.play()
    answer = await setup.playback.beat(viewer(), beat(started, state=PlayState.STOPPED))
    assert (answer.path_token, answer.licence_token) == (None, None)
    assert setup.viewing.kept[-1].position_ms == 1000
    await setup.play(viewer(device="dev_2"))
    with pytest.raises(SessionEnded):
        await setup.playback.beat(viewer(), beat(started, 2))


async def keys_are_refused(setup: Setup, token: str) -> bool:
    hd = setup.catalog.asset.key_ids[KeyLabel.HD]
    asking = ClearKeyRequest(kids=(to_base64url(bytes.fromhex(hd)),))
    try:
        await setup.licensing.clear_key(token, asking)
        await setup.licensing.raw_key(token, hd)
    except LicenceTokenRefused:
        with pytest.raises(LicenceTokenRefused):
            await setup.licensing.raw_key(token, hd)
        return True
    return False


async def test_no_licence_token_of_a_session_outlives_it(setup: Setup) -> None:
    """Stopped by its player, stopped from afar, or taken over by the next title: at once, though
    the tokens would be good for 150 s."""
    first = await setup.play()
    second = await setup.play(viewer(device="dev_2"))
    answer = await setup.playback.beat(viewer(), beat(first))
    given = [first.licence.token, answer.licence_token, second.licence.token]
    assert [await keys_are_refused(setup, token) for token in given] == [False] * 3
    next_one = await setup.play(session_id=first.session_id)
    assert [await keys_are_refused(setup, token) for token in given] == [True, True, False]
    assert not await keys_are_refused(setup, next_one.licence.token)
    await setup.playback.stop(viewer(), session_id(second))
    assert await keys_are_refused(setup, second.licence.token)
    await setup.playback.beat(viewer(), beat(next_one, 2, state=PlayState.STOPPED))
    assert await keys_are_refused(setup, next_one.licence.token)


async def test_a_session_is_stopped_although_licensing_is_not_there(setup: Setup) -> None:
    started = await setup.play()

    class Gone:
        def __getattr__(self, name: str) -> object:
            async def fail(*args: object) -> None:
                raise down()

            return fail

    setup.playback = setup.make(licensing=Gone())
    await setup.playback.stop(viewer(), session_id(started))
    assert await setup.playback.streams(viewer()) == []


async def test_licensing_is_told_of_an_ended_session_until_it_knows(setup: Setup) -> None:
    real, started = setup.licensing, await setup.play()

    class Away:
        is_away = True

        def __getattr__(self, name: str) -> Any:
            async def fail(*args: object) -> None:
                raise down()

            return fail if self.is_away else getattr(real, name)

    away = Away()
    setup.playback = setup.make(licensing=away)
    running = asyncio.create_task(setup.playback.run())
    await setup.playback.stop(viewer(), session_id(started))
    assert not await keys_are_refused(setup, started.licence.token)
    away.is_away = False
    while not await keys_are_refused(setup, started.licence.token):
        setup.clock.advance(1)
        await asyncio.sleep(0.001)
    running.cancel()


async def test_edges_are_told_which_of_their_sessions_have_ended(any_setup: Setup) -> None:
    """Handed over to the next title, stopped from afar, stopped by their player: only those that
    are asked about."""
    setup = any_setup
    first = await setup.play()
    second = await setup.play(session_id=first.session_id)
    third = await setup.play(session_id=second.session_id)
    other = await setup.play(viewer(device="dev_2"))
    await setup.playback.stop(viewer(), session_id(other))
    ids = [session_id(one) for one in (first, second, third, other)]
    ended = await setup.playback.which_ended([*ids, SessionId("ses_never")])
    assert {one.session_id for one in ended} == set(ids) - {third.session_id}
    assert {one.until_ms for one in ended} == {setup.clock.now_ms() + 150_000}
    await setup.playback.beat(viewer(), beat(third, state=PlayState.STOPPED))
    assert [one.session_id for one in await setup.playback.which_ended(ids[2:3])] == [ids[2]]
    assert not await setup.playback.which_ended([])
    with pytest.raises(Invalid, match="at most 500"):
        await setup.playback.which_ended(ids * 126)


async def test_every_token_names_its_session(setup: Setup) -> None:
    started = await setup.play()
    answer = await setup.playback.beat(viewer(), beat(started))
    native = await setup.playback.through(started.manifests.dash.split("/")[3], "v240.mp4")
    tokens = [answer.path_token or "", native.split("/")[4]]
    tokens += [edge.base_url.split("/")[4] for edge in started.edges]
    now_ms = setup.clock.now_ms()
    for token in tokens:
        named = path_tokens.check(RING, path_tokens.EDGE, "ast_film/v1", token, now_ms)
        assert named.session == started.session_id


async def test_a_session_ends_when_its_plan_does_not_include_it_any_more(setup: Setup) -> None:
    for after in (None, plan(max_height=720)):
        setup.billing.plan = plan(max_height=1080)
        started = await setup.play()
        await setup.playback.beat(viewer(), beat(started))
        setup.billing.plan = after
        with pytest.raises(SessionEnded):
            await setup.playback.beat(viewer(), beat(started, 2, 2000))
        assert await keys_are_refused(setup, started.licence.token)
        assert setup.viewing.kept[-1].position_ms == 2000
    assert (await setup.play()).rungs[-1].name == "v720"


async def test_a_film_goes_on_while_billing_does_not_answer(setup: Setup) -> None:
    started = await setup.play()
    setup.billing.fails = down()
    answer = await setup.playback.beat(viewer(), beat(started))
    assert answer.degraded == ("subscription",)
    assert answer.path_token


async def test_a_grant_is_held_no_longer_than_it_was_given_for(setup: Setup) -> None:
    """However often its session is renewed: here for a day, by leases of half a day."""
    settings = PlaybackSettings(keep_sessions_days=1, lease_s=43_200)
    setup.playback = setup.make(settings=settings)
    started = await setup.play()
    ends_at_ms = setup.clock.now_ms() + 86_400_000
    assert started.licence.expires_at_ms == ends_at_ms - 43_200_000
    for sequence, left_ms in ((1, 50_000_000), (2, 13_600_000)):
        setup.clock.advance((ends_at_ms - left_ms - setup.clock.now_ms()) / 1000)
        answer = await setup.playback.beat(viewer(), beat(started, sequence))
        assert answer.expires_at_ms == ends_at_ms - max(0, left_ms - 43_200_000)
    token = started.manifests.dash.split("/")[3]
    setup.clock.advance(13_599)
    await setup.playback.dash(token)
    setup.clock.advance(1)
    with pytest.raises(SessionEnded):
        await setup.playback.dash(token)
    with pytest.raises(SessionEnded):
        await setup.playback.beat(viewer(), beat(started, 3))
    assert await keys_are_refused(setup, answer.licence_token or "")


async def test_nothing_that_was_given_outlives_the_title_s_window(setup: Setup) -> None:
    closes_ms = setup.clock.now_ms() + 40_000
    setup.catalog.until_ms = closes_ms
    started = await setup.play()
    setup.clock.advance(30)
    answer = await setup.playback.beat(viewer(), beat(started))
    assert started.licence.expires_at_ms == answer.expires_at_ms == closes_ms
    assert not await keys_are_refused(setup, answer.licence_token or "")
    setup.clock.advance(10)
    assert await keys_are_refused(setup, started.licence.token)
    assert await keys_are_refused(setup, answer.licence_token or "")
    for token in (answer.path_token or "", started.edges[0].base_url.split("/")[4]):
        with pytest.raises(PathTokenRefused):
            path_tokens.check(
                RING, path_tokens.EDGE, "ast_film/v1", token, setup.clock.now_ms() + 1000
            )
    with pytest.raises(SessionEnded):
        await setup.playback.dash(started.manifests.dash.split("/")[3])
    with pytest.raises(SessionEnded):
        await setup.playback.beat(viewer(), beat(started, 2))


async def test_a_session_ends_when_its_title_is_taken_down(setup: Setup) -> None:
    """At the next beat, and with it licences and the account's stream; where one was is kept."""
    setup.billing.plan = plan(streams=1)
    started = await setup.play()
    setup.catalog.taken_down = True
    with pytest.raises(SessionEnded):
        await setup.playback.beat(viewer(), beat(started, 1, 2000))
    assert await keys_are_refused(setup, started.licence.token)
    assert await setup.playback.streams(viewer()) == []
    assert setup.viewing.kept[-1].position_ms == 2000


async def test_a_film_goes_on_while_the_catalog_does_not_answer(setup: Setup) -> None:
    started = await setup.play()
    setup.catalog.fails = down()
    answer = await setup.playback.beat(viewer(), beat(started))
    assert answer.degraded == ("rights",)
    assert not await keys_are_refused(setup, answer.licence_token or "")


async def test_another_device_of_the_account_may_stop_but_not_beat(setup: Setup) -> None:
    started = await setup.play()
    with pytest.raises(SessionEnded):
        await setup.playback.beat(viewer(device="dev_2"), beat(started))
    with pytest.raises(SessionEnded):
        await setup.playback.beat(viewer(profile="pro_2"), beat(started))
    with pytest.raises(SessionEnded):
        await setup.playback.stop(viewer("acc_2"), session_id(started))
    await setup.playback.stop(viewer(device="dev_2"), session_id(started))
    await setup.playback.stop(viewer(device="dev_2"), session_id(started))
    assert await setup.playback.streams(viewer()) == []


async def test_an_unknown_session_has_ended(setup: Setup) -> None:
    unknown = Beat(session_id=SessionId("ses_unknown"), sequence=1, position_ms=1)
    with pytest.raises(SessionEnded):
        await setup.playback.beat(viewer(), unknown)


async def test_progress_that_was_not_kept_is_not_acknowledged(setup: Setup) -> None:
    started = await setup.play()
    setup.viewing.fails = down()
    answer = await setup.playback.beat(viewer(), beat(started))
    assert answer.degraded == ("progress",)
    assert answer.path_token, "the film goes on"


@pytest.mark.parametrize("wrong", [{"position": -1}, {"sequence": -1}, {"position": 2**60}])
async def test_nonsense_is_refused(setup: Setup, wrong: dict[str, int]) -> None:
    started = await setup.play()
    with pytest.raises(Invalid):
        await setup.playback.beat(viewer(), beat(started, **wrong))
    assert setup.viewing.kept == []


async def test_a_position_beyond_the_end_is_the_end(setup: Setup) -> None:
    started = await setup.play()
    await setup.playback.beat(viewer(), beat(started, 1, 999_999))
    assert setup.viewing.kept[-1].position_ms == 4000


async def test_players_complaints_drop_an_edge(setup: Setup) -> None:
    """P5."""
    setup.billing.plan = plan(streams=9)
    for n in range(3):
        who = viewer(device=f"dev_{n}")
        started = await setup.play(who)
        await setup.playback.beat(who, beat(started, failed_edges=(EdgeId("edge-a"),)))
    healthy = {e.report.edge_id: e.healthy for e in (await setup.steering.edges()).edges}
    assert healthy == dict(zip(EDGES, (False, True), strict=True))


async def test_a_session_survives_a_restart(setup: Setup) -> None:
    started = await setup.play()
    setup.playback = setup.make()
    await setup.playback.beat(viewer(), beat(started))
    assert "v1080.mp4" in await setup.playback.dash(started.manifests.dash.split("/")[3])


async def test_old_sessions_are_forgotten_and_what_edges_need_is_kept(setup: Setup) -> None:
    old = await setup.play()
    setup.clock.advance(8 * 86_400)
    await setup.report(*EDGES)
    fresh = await setup.play()
    assert await setup.playback.tidy() == 1
    with pytest.raises(SessionEnded):
        await setup.playback.beat(viewer(), beat(old))
    await setup.playback.beat(viewer(), beat(fresh))
