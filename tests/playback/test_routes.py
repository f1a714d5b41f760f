"""P1, P2, P5: playback over HTTP, as apps and players see it."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, Response

from tests.asgi import asgi
from tests.playback.setup import Setup, plan, viewer
from tests.playback.test_restricted import child
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.ids import AccountId, DeviceId
from vitascope.kernel.viewer import Principal, Role
from vitascope.playback.routes import routes


def problem(request: Request[Any, Any, Any], error: VitascopeError) -> Response[dict[str, Any]]:
    body = {"code": error.code, "detail": error.detail, **error.extra}
    return Response(body, status_code=error.status)


def signed_in(request: Request[Any, Any, Any]) -> None:
    people = {"none": None, "child": child, None: viewer}
    if device := request.headers.get("X-Device"):
        who = people[request.headers.get("X-Profile")]
        request.state.principal = Principal(
            account_id=AccountId("acc_1"),
            device_id=DeviceId(device),
            role=Role.VIEWER,
            viewer=who and who(device=device),
        )


def api(setup: Setup) -> Litestar:
    return Litestar(
        [routes(setup.playback)],
        before_request=signed_in,
        exception_handlers={VitascopeError: problem},
    )


@pytest.fixture
async def client(setup: Setup) -> AsyncIterator[httpx.AsyncClient]:
    transport = asgi(api(setup))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as made:
        yield made


ME = {"X-Device": "dev_1"}


async def test_from_play_to_stop(client: httpx.AsyncClient, setup: Setup) -> None:
    answer = await client.post("/api/play", json={"content_id": "ttl_film"}, headers=ME)
    assert answer.status_code == 200
    play = answer.json()
    mpd = await client.get(play["manifests"]["dash"])
    assert mpd.headers["Content-Type"].startswith("application/dash+xml")
    assert mpd.headers["Cache-Control"] == "no-store"
    playlist = await client.get(play["manifests"]["hls"])
    assert playlist.headers["Content-Type"].startswith("application/vnd.apple.mpegurl")
    asked = {"_DASH_pathway": '"edge-b"', "_DASH_throughput": "5140000"}
    steering = (await client.get(play["steering_url"], params=asked)).json()
    assert steering["VERSION"] == 1
    assert steering["TTL"] == 10
    assert steering["PATHWAY-PRIORITY"] == ["edge-b", "edge-a"]
    assert steering["RELOAD-URI"] == play["steering_url"]
    beat = {"session_id": play["session_id"], "sequence": 1, "position_ms": 500}
    answer = await client.post("/api/progress", json=beat, headers=ME)
    assert answer.status_code == 200
    assert len((await client.get("/api/streams", headers=ME)).json()) == 1
    stopped = await client.post(f"/api/play/{play['session_id']}/stop", headers=ME)
    assert stopped.status_code == 204
    gone = await client.post("/api/progress", json=beat, headers=ME)
    assert (gone.status_code, gone.json()["code"]) == (410, "session-ended")
    assert (await client.get(play["steering_url"])).status_code == 410


async def test_the_plain_form_of_play(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/playback/ttl_film", headers=ME)
    assert answer.json()["duration_ms"] == 4000


async def test_a_state_that_is_none_is_refused(client: httpx.AsyncClient) -> None:
    play = (await client.get("/api/playback/ttl_film", headers=ME)).json()
    beat = {"session_id": play["session_id"], "sequence": 1, "position_ms": 500}
    for state, status in (("dancing", 400), ("paused", 200)):
        answer = await client.post("/api/progress", json=beat | {"state": state}, headers=ME)
        assert answer.status_code == status


async def test_too_many_streams_lists_the_devices(client: httpx.AsyncClient) -> None:
    wish = {"content_id": "ttl_film", "device_name": "Kitchen"}
    for device in ("dev_1", "dev_2"):
        await client.post("/api/play", json=wish, headers={"X-Device": device})
    answer = await client.post("/api/play", json=wish, headers={"X-Device": "dev_3"})
    assert answer.status_code == 429
    assert [d["device"] for d in answer.json()["devices"]] == ["Kitchen", "Kitchen"]


async def test_a_child_is_told_nothing_of_the_others_streams(
    client: httpx.AsyncClient, setup: Setup
) -> None:
    """Neither by what is listed, nor by a refusal; and it stops none of them."""
    setup.billing.plan = plan(streams=1)
    wish = {"content_id": "ttl_film", "device_name": "Bedroom"}
    adult = (await client.post("/api/play", json=wish, headers=ME)).json()
    theirs = {"X-Device": "dev_2", "X-Profile": "child"}
    assert (await client.get("/api/streams", headers=theirs)).json() == []
    refused = await client.post("/api/play", json={"content_id": "ttl_film"}, headers=theirs)
    assert (refused.status_code, refused.json()["devices"]) == (429, [])
    stopped = await client.post(f"/api/play/{adult['session_id']}/stop", headers=theirs)
    assert (stopped.status_code, stopped.json()["code"]) == (403, "forbidden")
    for answer in (refused, stopped):
        assert "Bedroom" not in answer.text
        assert "The Film" not in answer.text
    assert len((await client.get("/api/streams", headers=ME)).json()) == 1


@pytest.mark.parametrize(
    ("status", "code", "wish", "headers"),
    [
        (401, "unauthenticated", {}, {}),
        (403, "profile-needed", {}, {**ME, "X-Profile": "none"}),
        (403, "subscription-needed", {}, {**ME, "X-Plan": "none"}),
        (403, "device-unsupported", {"capabilities": {"codecs": ["vp9"]}}, ME),
        (404, "no-such-title", {"content_id": "ttl_unknown"}, ME),
        (429, "too-many-streams", {}, {"X-Device": "dev_2"}),
    ],
)
async def test_every_refusal_has_its_status_and_a_sentence(
    client: httpx.AsyncClient,
    setup: Setup,
    status: int,
    code: str,
    wish: dict[str, Any],
    headers: dict[str, str],
) -> None:
    setup.billing.plan = None if "X-Plan" in headers else plan(streams=1)
    if status == 429:
        await client.post("/api/play", json={"content_id": "ttl_film"}, headers=ME)
    answer = await client.post(
        "/api/play", json={"content_id": "ttl_film", **wish}, headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert re.fullmatch(r"[A-Z]\w*( \S+){2,}\.", answer.json()["detail"])


async def test_a_native_player_is_redirected(client: httpx.AsyncClient) -> None:
    play = (await client.get("/api/playback/ttl_film", headers=ME)).json()
    url = play["manifests"]["hls"].replace("main.m3u8", "through/v240.mp4")
    answer = await client.get(url, follow_redirects=False)
    assert answer.status_code == 307
    assert "/s/k1." in answer.headers["Location"]


@pytest.mark.parametrize("wrong", ["", '"', "5,6,x", "1" * 99, "-1", "1e9"])
async def test_what_a_player_says_of_its_throughput_is_no_error(
    client: httpx.AsyncClient, wrong: str
) -> None:
    play = (await client.get("/api/playback/ttl_film", headers=ME)).json()
    asked = {"_HLS_throughput": wrong, "_HLS_pathway": wrong}
    assert (await client.get(play["steering_url"], params=asked)).status_code == 200


async def test_a_title_is_played_by_its_id_on_a_named_kind_of_device(
    client: httpx.AsyncClient, setup: Setup
) -> None:
    wish = {
        "title_id": "ttl_film",
        "profile_id": "pro_1",
        "device_type": "television",
        "network_info": {"type": "wifi", "downlink_mbps": 40, "later": "ignored"},
    }
    answer = await client.post("/api/play", json=wish, headers=ME)
    assert answer.status_code == 200, answer.text
    assert answer.json()["content_id"] == "ttl_film"
    (stream,) = (await client.get("/api/streams", headers=ME)).json()
    assert stream["device"] == "Television"


async def test_who_saves_data_is_given_fewer_lines(client: httpx.AsyncClient) -> None:
    wish = {"title_id": "ttl_film", "network_info": {"save_data": True}}
    play = (await client.post("/api/play", json=wish, headers=ME)).json()
    assert max(rung["height"] for rung in play["rungs"]) <= 480


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/play", {"title_id": "ttl_film"}),
        ("/api/play", {"content_id": "ttl_film"}),
        ("/api/progress", {"title_id": "ttl_film", "position_ms": 1}),
        ("/api/progress", {"session_id": "ses_1", "sequence": 1, "position_ms": 1}),
    ],
)
async def test_another_profile_than_the_token_s_is_refused(
    client: httpx.AsyncClient, path: str, body: dict[str, Any]
) -> None:
    answer = await client.post(path, json={**body, "profile_id": "pro_2"}, headers=ME)
    assert (answer.status_code, answer.json()["code"]) == (403, "other-profile")


@pytest.mark.parametrize("kind", ["toaster", "", "Web", 7])
async def test_an_unknown_kind_of_device_is_an_error(
    client: httpx.AsyncClient, kind: object
) -> None:
    wish = {"title_id": "ttl_film", "device_type": kind}
    assert (await client.post("/api/play", json=wish, headers=ME)).status_code == 400


async def test_what_to_play_must_be_said(client: httpx.AsyncClient) -> None:
    for path, body in (("/api/play", {}), ("/api/progress", {"position_ms": 1})):
        answer = await client.post(path, json=body, headers=ME)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


async def test_progress_of_a_title_is_kept_and_answered_by_nothing(
    client: httpx.AsyncClient, setup: Setup
) -> None:
    report = {"title_id": "ttl_film", "profile_id": "pro_1", "position_ms": 1500}
    nothing = await client.post("/api/progress", json=report, headers=ME)
    assert (nothing.status_code, nothing.json()["code"]) == (410, "session-ended")
    await client.post("/api/play", json={"title_id": "ttl_film"}, headers=ME)
    for position in (1500, 2500):
        setup.clock.advance(1)
        said = {**report, "position_ms": position}
        answer = await client.post("/api/progress", json=said, headers=ME)
        assert (answer.status_code, answer.content) == (200, b"")
    assert [kept.position_ms for kept in setup.viewing.kept] == [1500, 2500]
    elsewhere = await client.post("/api/progress", json=report, headers={"X-Device": "dev_2"})
    assert elsewhere.status_code == 410
