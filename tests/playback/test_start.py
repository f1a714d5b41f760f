"""P1, P2, G3: what pressing play answers, what it refuses, and what it does without."""

import asyncio
from typing import Any

import msgspec
import pytest

from tests.playback.setup import EDGES, RING, Setup, down, plan, session_id, viewer
from tests.steering.fleet import says
from vitascope.catalog import NoSuchTitle
from vitascope.engines.leases import Leases
from vitascope.kernel import path_tokens
from vitascope.kernel.errors import Invalid, Unavailable
from vitascope.kernel.ids import ContentId
from vitascope.kernel.media import Codec, DynamicRange, KeyLabel
from vitascope.licensing import ClearKeyRequest, KeyWithheld, LicencePolicy
from vitascope.licensing.tokens import from_base64url, to_base64url
from vitascope.playback import (
    Beat,
    Capabilities,
    DeviceUnsupported,
    SubscriptionNeeded,
    TooManyStreams,
)
from vitascope.playback.settings import PlaybackSettings
from vitascope.steering import NetworkNotServed
from vitascope.steering.memory import MemorySteering
from vitascope.steering.settings import SteeringSettings


async def test_the_answer_is_all_that_a_player_needs(any_setup: Setup) -> None:
    setup = any_setup
    answer = await setup.play()
    assert answer.degraded == ()
    assert [rung.name for rung in answer.rungs] == ["v240", "v720", "v1080"]
    assert answer.manifests.dash.startswith("/api/manifest/ses_")
    assert {edge.edge_id for edge in answer.edges} == set(EDGES)
    said = from_base64url(answer.licence.token.split(".")[1])
    policy = msgspec.msgpack.decode(said, type=LicencePolicy)
    assert (policy.session_id, policy.asset_id) == (answer.session_id, answer.asset_id)
    for edge in answer.edges:
        _, _, host, s, token, asset, version, rest = edge.base_url.split("/")
        assert (host.startswith(edge.edge_id), s, rest) == (True, "s", "")
        path_tokens.check(RING, path_tokens.EDGE, f"{asset}/{version}", token, setup.clock.now_ms())
    assert answer.licence.expires_at_ms == setup.clock.now_ms() + 150_000
    assert (answer.thumbnails.columns, answer.thumbnails.url) == (5, "thumbs-{index}.jpg")
    assert (answer.heartbeat_s, answer.next_content_id) == (30, "ttl_other")


async def test_the_edge_that_steering_ranks_first_comes_first(setup: Setup) -> None:
    await setup.report("edge-a", load_mbps=990.0)
    for n in range(4):
        answer = await setup.play(viewer(f"acc_{n}"))
        assert [edge.edge_id for edge in answer.edges] == ["edge-b", "edge-a"]


async def test_refusals_pass_through(setup: Setup) -> None:
    with pytest.raises(NoSuchTitle):
        await setup.play(content_id=ContentId("ttl_unknown"))
    setup.billing.plan = None
    with pytest.raises(SubscriptionNeeded):
        await setup.play()
    assert await setup.playback.streams(viewer()) == []


async def test_one_resumes_where_one_stopped_and_begins_anew_at_the_end(setup: Setup) -> None:
    first = await setup.play()
    for sequence, position, resume in ((1, 1500, 1500), (2, 3900, 0)):
        beat = Beat(session_id=session_id(first), sequence=sequence, position_ms=position)
        await setup.playback.beat(viewer(), beat)
        setup.viewing.kept = setup.viewing.kept[-1:]
        brother = await setup.play(viewer(device="dev_2", profile="pro_2"))
        assert brother.resume_position_ms == 0
        await setup.playback.stop(viewer(), session_id(brother))
        first = await setup.play(session_id=first.session_id)
        assert first.resume_position_ms == resume


@pytest.mark.parametrize("name", ["Kitchen\x00", "Kit\x1bchen", "Kitchen\n", "K" * 201])
async def test_a_device_s_name_without_sense_is_refused(any_setup: Setup, name: str) -> None:
    with pytest.raises(Invalid):
        await any_setup.play(device_name=name)
    assert await any_setup.playback.streams(viewer()) == []
    await any_setup.play(device_name="Küche 📺")
    (stream,) = await any_setup.playback.streams(viewer())
    assert stream.device == "Küche 📺"


async def test_fifty_plays_at_once_at_limit_two_grant_two(any_setup: Setup) -> None:
    setup = any_setup
    setup.billing.plan = plan(streams=2)
    plays = [setup.play(viewer(device=f"dev_{n}"), device_name=f"TV {n}") for n in range(50)]
    answers = await asyncio.gather(*plays, return_exceptions=True)
    refusals = [a for a in answers if isinstance(a, TooManyStreams)]
    assert (len(answers) - len(refusals), len(refusals)) == (2, 48)
    devices = refusals[0].extra["devices"]
    assert all(device["title"] == "The Film" for device in devices)
    assert "TV" in refusals[-1].detail
    assert refusals[0].status == 429
    assert len(await setup.playback.streams(viewer())) == 2


async def test_a_limit_that_is_looked_at_before_it_is_taken_would_be_caught(setup: Setup) -> None:
    """The same race against a planted fault: leases that count first and take later."""

    class Careless:
        def __init__(self, real: Leases) -> None:
            self._real = real

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

        async def claim(self, subject: str, holder: str, *, limit: int, **rest: Any) -> object:
            if len(await self._real.holders(subject)) < limit:
                return await self._real.claim(subject, holder, limit=99, **rest)
            return await self._real.claim(subject, holder, limit=0, **rest)

    setup.playback = setup.make(leases=Careless(setup.leases))
    plays = [setup.play(viewer(device=f"dev_{n}")) for n in range(50)]
    answers = await asyncio.gather(*plays, return_exceptions=True)
    assert len([a for a in answers if not isinstance(a, TooManyStreams)]) > 2


async def test_accounts_do_not_share_a_limit(setup: Setup) -> None:
    setup.billing.plan = plan(streams=1)
    await setup.play(viewer("acc_1"))
    await setup.play(viewer("acc_2"))
    with pytest.raises(TooManyStreams):
        await setup.play(viewer("acc_1", device="dev_2"))


async def test_switching_titles_needs_no_new_slot(setup: Setup) -> None:
    setup.billing.plan = plan(streams=1)
    first = await setup.play()
    second = await setup.play(content_id=ContentId("ttl_other"), session_id=first.session_id)
    streams = await setup.playback.streams(viewer())
    assert [stream.session_id for stream in streams] == [second.session_id]
    await setup.playback.stop(viewer(), session_id(first))
    assert len(await setup.playback.streams(viewer())) == 1, "the successor keeps the slot"
    await setup.playback.stop(viewer(), session_id(second))
    assert await setup.playback.streams(viewer()) == []


async def test_two_successors_do_not_share_a_slot(setup: Setup) -> None:
    setup.billing.plan = plan(streams=1)
    first = await setup.play()
    switches = [setup.play(session_id=first.session_id) for _ in range(8)]
    answers = await asyncio.gather(*switches, return_exceptions=True)
    assert len([a for a in answers if not isinstance(a, TooManyStreams)]) == 1


async def test_a_device_that_fell_silent_does_not_lock_itself_out(setup: Setup) -> None:
    """A page that was reloaded, a player that crashed: its old session still holds the place."""
    setup.billing.plan = plan(streams=1)
    await setup.play()
    setup.clock.advance(44)
    with pytest.raises(TooManyStreams):
        await setup.play()
    setup.clock.advance(2)
    with pytest.raises(TooManyStreams):
        await setup.play(viewer(device="dev_2"))
    plays = [setup.play() for _ in range(5)]
    answers = await asyncio.gather(*plays, return_exceptions=True)
    assert len([a for a in answers if not isinstance(a, TooManyStreams)]) == 1
    assert len(await setup.playback.streams(viewer())) == 1


async def test_another_devices_session_cannot_be_taken_over(setup: Setup) -> None:
    setup.billing.plan = plan(streams=1)
    first = await setup.play()
    with pytest.raises(TooManyStreams):
        await setup.play(viewer(device="dev_2"), session_id=first.session_id)
    assert len(await setup.playback.streams(viewer())) == 1


@pytest.mark.parametrize("part", ["catalog", "leases", "licensing"])
async def test_the_three_hard_dependencies_refuse_cleanly(setup: Setup, part: str) -> None:
    class Down:
        def __init__(self, real: object) -> None:
            self._real = real

        def __getattr__(self, name: str) -> object:
            async def fail(*args: object, **named: object) -> None:
                raise down()

            return fail if name in ("playable", "claim", "token") else getattr(self._real, name)

    setup.playback = setup.make(**{part: Down(getattr(setup, part))})
    with pytest.raises(Unavailable):
        await setup.play()
    assert await setup.leases.holders("streams:acc_1") == (), "a place taken was given back"


async def test_play_goes_on_without_all_the_others(setup: Setup) -> None:
    setup.viewing.fails = down()
    setup.billing.fails = TimeoutError()
    setup.clock.advance(60)  # all edges silent
    await setup.blobs.delete(f"{setup.catalog.asset.prefix}/thumbnails.json")
    blobs = Slow()
    setup.playback = setup.make(blobs=blobs)
    playing = asyncio.create_task(setup.play())
    await blobs.asked.wait()
    setup.clock.advance(1)
    answer = await playing
    assert set(answer.degraded) == {"subscription", "resume", "steering", "thumbnails"}
    assert answer.resume_position_ms == 0
    assert [edge.edge_id for edge in answer.edges] == ["edge-z"]
    assert [rung.name for rung in answer.rungs] == ["v240"], "the grace plan is a small one"


def test_the_context_does_not_show_its_key(setup: Setup) -> None:
    assert "ssss" not in repr(setup.playback._context)


class Slow:
    """Blobs that never answer."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def get(self, key: str) -> bytes:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError("nothing wakes it")


async def test_questions_that_need_nothing_of_each_other_are_asked_at_once(setup: Setup) -> None:
    first, then = asyncio.Barrier(2), asyncio.Barrier(2)  # never passed by one that is waited for

    class Meets:
        def __init__(self, real: object, barrier: asyncio.Barrier) -> None:
            self._real, self._barrier = real, barrier

        def __getattr__(self, name: str) -> Any:
            async def met(*given: Any, **more: Any) -> Any:
                await self._barrier.wait()
                return await getattr(self._real, name)(*given, **more)

            return met

    setup.playback = setup.make(
        catalog=Meets(setup.catalog, first),
        billing=Meets(setup.billing, first),
        viewing=Meets(setup.viewing, then),
        steering=Meets(setup.steering, then),
    )
    assert (await setup.play()).degraded == ()


async def test_without_billing_the_plan_last_seen_holds(setup: Setup) -> None:
    await setup.play()
    setup.billing.fails = down()
    answer = await setup.play(viewer(device="dev_2"))
    assert answer.degraded == ("subscription",)
    assert len(answer.rungs) == 3
    with pytest.raises(TooManyStreams):
        await setup.play(viewer(device="dev_3"))


async def test_without_steering_the_edges_last_named_are_tried(setup: Setup) -> None:
    await setup.play()
    setup.clock.advance(60)
    answer = await setup.play(viewer(device="dev_2"))
    assert answer.degraded == ("steering",)
    assert {edge.edge_id for edge in answer.edges} == set(EDGES)


async def test_a_network_that_no_edge_may_serve_is_refused_and_not_sent_to_the_last_edges(
    setup: Setup,
) -> None:
    await setup.play()  # these edges were named last

    settings = SteeringSettings()
    alone = MemorySteering(clock=setup.clock, settings=settings, network_of=lambda _: "two")
    await alone.report(says("of-one", isp="one"))
    setup.playback = setup.make(steering=alone)
    with pytest.raises(NetworkNotServed, match="from your network"):
        await setup.play(viewer(device="dev_2"))


async def test_edges_are_reached_as_the_service_was(setup: Setup) -> None:
    """At the host by which the page came, and over TLS when it did: browsers let a secure page load
    nothing else."""
    for name, port in zip(EDGES, (8401, 8402), strict=True):
        there = says(
            name, base_url=f"http://{{host}}:{port}", secure_url=f"https://{{host}}:{port}"
        )
        await setup.steering.report(there)
    for host, secure, wanted in (
        ("192.168.1.5", False, "http://192.168.1.5:840"),
        ("box.local", True, "https://box.local:840"),
        ("", False, "http://localhost:840"),
    ):
        answer = await setup.play(viewer(f"acc_{host}"), host=host, is_secure=secure)
        urls = [edge.base_url for edge in answer.edges]
        assert len({url.split("/")[2] for url in urls}) == 2
        assert all(url.startswith(wanted) for url in urls)
        manifest = await setup.playback.dash(answer.manifests.dash.split("/")[3])
        assert wanted in manifest
        assert "{host}" not in manifest


async def test_fallback_edges_have_names_and_a_secure_address(setup: Setup) -> None:
    edges = ("edge-a=http://{host}:8401", "edge-a=https://{host}:8444", "https://edge-z.example")
    setup.playback = setup.make(
        steering=MemorySteering(clock=setup.clock, settings=SteeringSettings()),
        settings=PlaybackSettings(fallback_edges=edges),
    )
    answer = await setup.play(host="10.0.0.5", is_secure=True)
    assert {edge.edge_id: edge.base_url.split("/s/")[0] for edge in answer.edges} == {
        "edge-a": "https://10.0.0.5:8444",
        "edge-z": "https://edge-z.example",
    }


@pytest.mark.parametrize("wrong", ["edge-a.example", "ftp://edge-a", "http://", "/edge-a"])
def test_a_fallback_edge_without_an_address_is_refused_at_the_start(
    setup: Setup, wrong: str
) -> None:
    with pytest.raises(Invalid, match="fallback_edges cannot have"):
        setup.make(settings=PlaybackSettings(fallback_edges=("https://edge-a.example", wrong)))


@pytest.mark.parametrize(
    ("plan_height", "labels", "device", "rungs"),
    [
        (1080, (), Capabilities(), ["v240", "v720", "v1080"]),
        (720, (), Capabilities(), ["v240", "v720"]),
        (1080, (), Capabilities(max_height=719), ["v240"]),
        (1080, (KeyLabel.AUDIO, KeyLabel.SD), Capabilities(secure_decoder=True), ["v240"]),
    ],
)
async def test_caps_by_plan_and_device_leave_out_rungs_and_withhold_keys(
    setup: Setup,
    plan_height: int,
    labels: tuple[KeyLabel, ...],
    device: Capabilities,
    rungs: list[str],
) -> None:
    """P3."""
    setup.billing.plan = plan(2, plan_height, *labels)
    answer = await setup.play(capabilities=device)
    assert [rung.name for rung in answer.rungs] == rungs
    hd = setup.catalog.asset.key_ids[KeyLabel.HD]
    asking = ClearKeyRequest(kids=(to_base64url(bytes.fromhex(hd)),))
    if rungs == ["v240"]:
        with pytest.raises(KeyWithheld):
            await setup.licensing.clear_key(answer.licence.token, asking)
    else:
        assert len((await setup.licensing.clear_key(answer.licence.token, asking)).keys) == 1


async def test_software_drm_is_capped_by_setting(setup: Setup) -> None:
    setup.playback = setup.make(settings=PlaybackSettings(software_drm_max_height=720))
    assert [r.name for r in (await setup.play()).rungs] == ["v240", "v720"]
    hardware = Capabilities(secure_decoder=True)
    assert len((await setup.play(viewer(device="dev_2"), capabilities=hardware)).rungs) == 3


async def test_wide_dynamic_range_is_for_devices_that_show_it(setup: Setup) -> None:
    """P3."""
    asset = setup.catalog.asset
    bright = msgspec.structs.replace(
        asset.ladder[-1], name="v1080-hdr", dynamic_range=DynamicRange.HDR10
    )
    setup.catalog.asset = msgspec.structs.replace(asset, ladder=(*asset.ladder, bright))
    plain = await setup.play()
    assert "v1080-hdr" not in [rung.name for rung in plain.rungs]
    shown = await setup.play(viewer(device="dev_2"), capabilities=Capabilities(hdr=True))
    assert "v1080-hdr" in [rung.name for rung in shown.rungs]


async def test_ten_bits_a_sample_are_for_devices_that_decode_them(setup: Setup) -> None:
    """P3: they are asked of each codec: a device may have one of the two in HEVC."""
    asset = setup.catalog.asset
    deep = msgspec.structs.replace(
        asset.ladder[0], name="v240-hevc", codec=Codec.HEVC, bit_depth=10
    )
    setup.catalog.asset = msgspec.structs.replace(asset, ladder=(*asset.ladder, deep))
    able = Capabilities(codecs=(Codec.H264, Codec.HEVC), ten_bit=(Codec.AV1,))
    flat = await setup.play(capabilities=able)
    assert "v240-hevc" not in [rung.name for rung in flat.rungs]
    able = msgspec.structs.replace(able, ten_bit=(Codec.HEVC,))
    both = await setup.play(viewer(device="dev_2"), capabilities=able)
    assert "v240-hevc" in [rung.name for rung in both.rungs]


async def test_a_device_that_can_play_nothing_of_it_is_told(setup: Setup) -> None:
    with pytest.raises(DeviceUnsupported):
        await setup.play(capabilities=Capabilities(codecs=(Codec.VP9,)))
    assert await setup.playback.streams(viewer()) == []
