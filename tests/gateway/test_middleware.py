"""G1: what the gateway does for every request."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from tests.clocks import PATIENT_S
from tests.contracts.here_and_apart import serving_asgi
from tests.gateway.application import WIRE_SECRET, application, client_of, sign_up
from vitascope.engines import trace
from vitascope.engines.wire import dial, hang_up
from vitascope.gateway.app import serve
from vitascope.gateway.middleware import RequestMiddleware
from vitascope.identity import Identity, TokenRefused
from vitascope.kernel.clock import HeldClock


@pytest.fixture
async def app(data: Path, clock: HeldClock) -> AsyncIterator[RequestMiddleware]:
    async with application(data, clock) as (made, _):
        yield made


@pytest.fixture
async def client(app: RequestMiddleware) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(app) as made:
        yield made


# -- tokens


async def test_routes_learn_who_is_asking(client: httpx.AsyncClient) -> None:
    signed_in = await sign_up(client)
    me = (await client.get("/api/me")).json()
    assert me["account"] == signed_in["account"]
    assert me["subscription"]["plan"]["id"] == "standard"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x.y.z", "Basic YTpi", "Bearer é"])
async def test_without_a_good_token_one_is_told_so(client: httpx.AsyncClient, header: str) -> None:
    answer = await client.get("/api/me", headers={b"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] in ("unauthenticated", "token-refused")


async def test_an_expired_token_is_refused_but_does_not_hinder_public_routes(
    client: httpx.AsyncClient, clock: HeldClock
) -> None:
    await sign_up(client)
    clock.advance(601)
    assert (await client.get("/api/me")).json()["code"] == "token-refused"
    assert (await client.get("/api/plans")).status_code == 200
    assert (await client.post("/api/refresh")).status_code == 200  # by the cookie


# -- problems


async def test_every_error_is_a_problem_body(client: httpx.AsyncClient) -> None:
    taken = await client.get("/api/try/fail?how=taken")
    assert taken.status_code == 409
    assert taken.headers["content-type"] == "application/problem+json"
    body = taken.json()
    assert body["request_id"] == taken.headers["x-request-id"]
    assert body == {
        "type": "/problems/taken",
        "title": "Conflict",
        "status": 409,
        "detail": "Somebody has it.",
        "code": "taken",
        "request_id": body["request_id"],
        "by": ["Ada"],
    }
    away = await client.get("/api/try/fail?how=away")
    assert (away.status_code, away.headers["retry-after"]) == (503, "3")


async def test_a_surprise_tells_nothing_but_its_id(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/try/fail?how=bug")
    assert answer.status_code == 500
    assert "vrt_" not in answer.text
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "not-found"),
        ("GET", "/api", 404, "not-found"),
        ("GET", "/api/openapi.jsonx", 404, "not-found"),
        ("GET", "/wire/x/y/z", 404, "not-found"),
        ("PUT", "/api/me", 405, "method-not-allowed"),
        ("GET", "/api/try/fail", 400, "invalid"),
        ("GET", "/api/try/fail?how=%00", 400, "invalid"),
        ("DELETE", "/api/devices/dev%00", 400, "invalid"),
    ],
)
async def test_what_is_not_there_or_makes_no_sense(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_a_wrong_body_is_refused_with_a_pointer_to_the_field(
    client: httpx.AsyncClient,
) -> None:
    wrong = {"email": "a@b.org", "password": 5, "name": "A", "device": {"kind": "toaster"}}
    answer = await client.post("/api/sign-up", json=wrong)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["pointer"] in ("#/password", "#/device/kind")
    assert error["detail"]
    deep = await client.post(
        "/api/sign-up", json={**wrong, "password": "x", "device": {"kind": "toaster"}}
    )
    assert deep.json()["errors"][0]["pointer"] == "#/device/kind"
    for content in (b"{", b"", b"[]", b'{"plan_id": "\xff"}', b"[" * 100_000):
        bad = await client.post(
            "/api/try/echo", content=content, headers={"Content-Type": "application/json"}
        )
        assert bad.status_code == 400, content[:20]


async def test_a_body_that_is_too_large_is_not_read(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/try/echo", json={"plan_id": "x" * 1_100_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


# -- ids, logs, figures


async def test_a_request_id_is_kept_when_it_is_one(client: httpx.AsyncClient) -> None:
    given = await client.get("/api/plans", headers={"X-Request-Id": "req_from_the_player"})
    assert given.headers["x-request-id"] == "req_from_the_player"
    forged = await client.get("/api/plans", headers={"X-Request-Id": 'x" evil=1'})
    assert forged.headers["x-request-id"].startswith("req_")


async def test_no_credential_reaches_the_log(client: httpx.AsyncClient) -> None:
    stream = io.StringIO()
    trace.configure(level="debug", format="json", stream=stream)
    try:
        signed_in = await sign_up(client, device={"kind": "probe"})
        tokens = signed_in["tokens"]
        await client.get("/api/try/fail?how=bug")
        await client.get(f"/api/nothing?token={tokens['access_token']}")
        await client.post("/api/refresh", json={"refresh_token": tokens["refresh_token"]})
        await client.post("/api/refresh", json={"refresh_token": "vrt_abcdefghijklmnop"})
        await client.get("/api/me", headers={"Authorization": "Bearer eyJabcdef.eyJabc.sig-nature"})
    finally:
        structlog.reset_defaults()
        root = logging.getLogger()
        for handler in [h for h in root.handlers if getattr(h, "of_vitascope", False)]:
            root.removeHandler(handler)
        root.setLevel(logging.WARNING)
    said = stream.getvalue()
    secrets = ("correct horse", "eyJ", "vrt_", "sig-nature")
    assert [secret for secret in secrets if secret in said] == []
    lines = [json.loads(line) for line in said.splitlines()]
    assert any(line["event"] == "unexpected error" for line in lines)
    assert all("request_id" in line for line in lines if line["logger"] == "gateway")


async def test_figures_count_by_route_not_by_path(data: Path, clock: HeldClock) -> None:
    async with (
        application(data, clock, public=False) as (app, _),
        client_of(app) as client,
    ):
        await client.get("/api/plans")
        await client.delete("/api/devices/dev_1")
        figures = (await client.get("/metrics")).text
    assert 'vitascope_requests_total{method="GET",route="/api/plans",status="200"} 1.0' in figures
    assert "dev_1" not in figures


# -- answers


@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_answers_are_compressed_when_that_is_taken(
    client: httpx.AsyncClient, encoding: str
) -> None:
    packed = await client.get("/api/try/large", headers={"Accept-Encoding": encoding})
    assert packed.headers["content-encoding"] == encoding
    assert len(packed.json()) == 200
    plain = await client.get("/api/try/large", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers


async def test_every_answer_has_the_security_headers(data: Path, clock: HeldClock) -> None:
    async with (
        application(data, clock, secure=True) as (app, _),
        client_of(app) as client,
    ):
        for path in ("/api/plans", "/api/me", "/api/nothing", "/healthz"):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["strict-transport-security"]
            assert headers["cache-control"] in ("private, no-store", "no-store")
        signed_up = await client.post(
            "/api/sign-up",
            json={"email": "a@b.org", "password": "correct horse", "name": "A"},
        )
        assert "Secure" in signed_up.headers["set-cookie"]


# -- health


async def test_readiness_tells_which_part_is_away(data: Path, clock: HeldClock) -> None:
    async def good() -> None: ...

    async def bad() -> None:
        raise OSError("disk")

    async with (
        application(data, clock, checks={"rows": good, "disk": bad}, public=False) as (app, _),
        client_of(app) as client,
    ):
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"] == {"rows": "ok", "disk": "OSError"}
        assert (await client.get("/healthz")).json()["status"] == "alive"


async def test_stopping_lets_answers_finish_and_ends_event_streams(
    data: Path, clock: HeldClock
) -> None:
    seen: list[Any] = []
    go_on = asyncio.Event()
    async with application(data, clock, seen=seen, go_on=go_on) as (app, _):
        stop = asyncio.Event()
        async with (
            serving_asgi(
                lambda port: serve(app, host="127.0.0.1", port=port, stop=stop, drain_s=3600)
            ) as (url, running),
            httpx.AsyncClient(base_url=url, timeout=PATIENT_S) as client,
        ):
            slow = asyncio.create_task(client.get("/api/try/slowly"))
            async with asyncio.timeout(PATIENT_S):
                while "begun" not in seen:
                    await asyncio.sleep(0.01)
            async with client.stream("GET", "/api/try/events") as events:
                lines = events.aiter_lines()
                assert await anext(lines) == "id: 0"
                stop.set()
                with pytest.raises((httpx.RemoteProtocolError, StopAsyncIteration)):
                    while True:
                        await anext(lines)
            assert not slow.done()
            go_on.set()
            assert (await slow).text == "done"
            await running
    assert sorted(seen) == ["answered", "begun", "ended"]


# -- the wire


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "path",
    ["/wire/identity/read_token", "/origin/ast_1/v1", "/origin/a/b/c", "/metrics", "/readyz"],
)
async def test_what_is_for_processes_is_not_found_on_the_public_port(
    client: httpx.AsyncClient, method: str, path: str
) -> None:
    assert (await client.request(method, path)).status_code == 404


async def test_other_processes_come_in_by_the_wire_and_nobody_else(
    data: Path, clock: HeldClock
) -> None:
    async with application(data, clock, public=False) as (app, _):
        stop = asyncio.Event()
        async with serving_asgi(
            lambda port: serve(app, host="127.0.0.1", port=port, stop=stop)
        ) as (url, running):
            afar = dial(Identity, url, WIRE_SECRET, [TokenRefused])
            with pytest.raises(TokenRefused):
                await afar.read_token("nonsense")
            await hang_up(afar)
            async with httpx.AsyncClient(base_url=url, timeout=PATIENT_S) as client:
                answer = await client.post("/wire/identity/read_token", content=b"\x80")
                assert answer.status_code == 503
            stop.set()
            await running
