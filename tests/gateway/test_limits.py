"""G1: how much may be asked, by whom, and whose address counts behind a proxy."""

import asyncio
from pathlib import Path

import pytest
import structlog

from tests.contracts.here_and_apart import serving_asgi
from tests.gateway.application import PASSWORD, application, client_of, sign_up
from vitascope.engines.trace import Metrics
from vitascope.gateway.app import serve
from vitascope.gateway.settings import GatewaySettings
from vitascope.kernel.clock import HeldClock
from vitascope.operations.doctor import proxies


async def test_an_address_that_asks_too_much_must_wait(data: Path, clock: HeldClock) -> None:
    settings = GatewaySettings(address_per_second=2, address_burst=5)
    async with (
        application(data, clock, settings=settings) as (app, _),
        client_of(app) as client,
    ):
        answers = [await client.get("/api/plans") for _ in range(6)]
        assert [a.status_code for a in answers] == [200] * 5 + [429]
        assert int(answers[-1].headers["retry-after"]) >= 1
        assert answers[-1].json()["code"] == "rate-limited"
        async with client_of(app, "198.51.100.9") as other:
            assert (await other.get("/api/plans")).status_code == 200
        assert (await client.get("/healthz")).status_code == 200
        clock.advance(1)
        later = [(await client.get("/api/plans")).status_code for _ in range(3)]
        assert later == [200, 200, 429]


async def test_an_account_is_limited_over_all_its_addresses_and_devices(
    data: Path, clock: HeldClock
) -> None:
    settings = GatewaySettings(account_per_second=1, account_burst=3)
    async with (
        application(data, clock, settings=settings) as (app, _),
        client_of(app) as client,
    ):
        await sign_up(client)
        form = {"email": "ada@example.org", "password": PASSWORD}
        async with client_of(app) as television:
            second = (await television.post("/api/sign-in", json=form)).json()
        devices = (client.headers["Authorization"], f"Bearer {second['tokens']['access_token']}")
        found = []
        for number in range(4):
            async with client_of(app, f"198.51.100.{number}") as elsewhere:
                elsewhere.headers["Authorization"] = devices[number % 2]
                found.append((await elsewhere.get("/api/plans")).status_code)
        assert found == [200, 200, 200, 429]


async def test_signing_up_has_a_limit_of_its_own(data: Path, clock: HeldClock) -> None:
    settings = GatewaySettings(sign_up_per_second=1, sign_up_burst=1)
    async with (
        application(data, clock, settings=settings) as (app, _),
        client_of(app) as client,
    ):
        await sign_up(client)
        body = {"email": "b@example.org", "password": "x", "name": "B"}
        assert (await client.post("/api/sign-up", json=body)).status_code == 429
        assert (await client.get("/api/me")).status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/sign-up", "/api/sign-up/", "//api/sign-up", "/api//sign-up", "/api/sign%2Dup"]
)
async def test_the_limit_of_signing_up_is_the_route_s(
    data: Path, clock: HeldClock, path: str
) -> None:
    settings = GatewaySettings(sign_up_per_second=1, sign_up_burst=1)
    async with (
        application(data, clock, settings=settings) as (app, _),
        client_of(app) as client,
    ):
        await sign_up(client)
        body = {"email": "b@example.org", "password": PASSWORD, "name": "B"}
        assert (await client.post(path, json=body)).status_code in (404, 405, 429)


@pytest.mark.parametrize(
    "header",
    [
        *("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded"),
        *("CF-Connecting-IP", "True-Client-IP", "X-Forwarded-Host"),
    ],
)
async def test_a_proxy_that_is_not_named_is_noticed(
    data: Path, clock: HeldClock, header: str
) -> None:
    settings = GatewaySettings(trusted_proxies=("10.0.0.1",))
    async with application(data, clock, settings=settings) as (app, _):
        with structlog.testing.capture_logs() as said:
            for peer in ("203.0.113.7", "203.0.113.7", "10.0.0.1"):
                async with client_of(app, peer) as client:
                    await client.get("/api/plans", headers={header: "198.51.100.1"})
    warnings = [each for each in said if each["event"] == "forwarded_by_unlisted_proxy"]
    assert [each["peer"] for each in warnings] == ["203.0.113.7"]
    assert "trusted_proxies of [gateway]" in warnings[0]["advice"]


async def test_doctor_names_a_proxy_that_is_not_trusted(data: Path, clock: HeldClock) -> None:
    """It asks the inner listener of the service that runs."""
    figures = Metrics()
    async with application(data, clock, metrics=figures) as (people, _):
        stop = asyncio.Event()
        async with (
            application(data, clock, metrics=figures, public=False) as (inner, _),
            serving_asgi(
                lambda port: serve(inner, host="127.0.0.1", port=port, stop=stop, drain_s=1)
            ) as (url, running),
        ):
            before = await proxies(url)
            async with client_of(people) as client:
                await client.get("/api/plans", headers={"X-Forwarded-For": "198.51.100.1"})
            after = await proxies(url)
            stop.set()
            await running
        assert await proxies(url) is None, "nobody answers"
    assert before is not None
    assert after is not None
    assert (before.health, before.advice) == ("good", "")
    assert after.health == "warning"
    assert "203.0.113.7" in after.seen
    assert "trusted_proxies" in after.advice


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.7", "1.1.1.1", "203.0.113.7"),  # not a proxy of ours: not believed
        ("10.0.0.1", "1.1.1.1, 2.2.2.2", "2.2.2.2"),  # what the client wrote itself is not believed
        ("10.0.0.1", "1.1.1.1, 2.2.2.2, 10.0.0.2", "2.2.2.2"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
async def test_the_address_is_the_last_hop_before_our_proxies(
    data: Path, clock: HeldClock, peer: str, forwarded: str, address: str
) -> None:
    settings = GatewaySettings(trusted_proxies=("10.0.0.1", "10.0.0.2"))
    async with (
        application(data, clock, settings=settings) as (app, _),
        client_of(app, peer) as client,
    ):
        headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
        told = (await client.get("/api/try/state", headers=headers)).json()
        assert told["address"] == address
        assert told["scheme"] == ("https" if peer == "10.0.0.1" else "http")
