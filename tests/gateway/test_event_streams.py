"""G1, section 2: event streams end with their client and their token, and have a number."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clocks import PATIENT_S
from tests.contracts.here_and_apart import serving_asgi
from tests.gateway.application import application, sign_up
from vitascope.gateway.app import serve
from vitascope.gateway.settings import GatewaySettings
from vitascope.kernel.clock import HeldClock


async def test_a_client_that_leaves_ends_its_event_stream(data: Path, clock: HeldClock) -> None:
    seen: list[Any] = []
    async with application(data, clock, seen=seen) as (app, _):
        stop = asyncio.Event()
        async with serving_asgi(
            lambda port: serve(app, host="127.0.0.1", port=port, stop=stop)
        ) as (url, running):
            async with (
                httpx.AsyncClient(base_url=url, timeout=PATIENT_S) as client,
                client.stream("GET", "/api/try/events") as events,
            ):
                assert await anext(events.aiter_lines()) == "id: 0"
            async with asyncio.timeout(PATIENT_S):
                while not seen:
                    await asyncio.sleep(0.01)
            assert seen == ["ended"]
            stop.set()
            await running


@pytest.mark.parametrize("by", ["signing out", "an operator", "the token's own end"])
async def test_an_event_stream_ends_with_its_token(data: Path, clock: HeldClock, by: str) -> None:
    seen: list[Any] = []
    async with application(data, clock, seen=seen) as (app, accounts):
        stop = asyncio.Event()
        async with (
            serving_asgi(lambda port: serve(app, host="127.0.0.1", port=port, stop=stop)) as (
                url,
                running,
            ),
            httpx.AsyncClient(base_url=url, timeout=PATIENT_S) as client,
        ):
            signed_in = await sign_up(client)
            async with client.stream("GET", "/api/try/stream") as events:
                lines = events.aiter_lines()
                assert await anext(lines) == "id: 0"
                for _ in range(3):  # a token that is good may go on
                    await passes(clock, 5)
                assert seen == []
                if by == "signing out":
                    await client.post("/api/sign-out")
                elif by == "an operator":
                    await accounts.sign_out_everywhere(signed_in["account"]["id"])
                else:
                    clock.advance(600)
                async with asyncio.timeout(PATIENT_S):
                    while not seen:
                        clock.advance(5)
                        await asyncio.sleep(0.02)
            stop.set()
            await running
    assert seen == ["ended"]


async def passes(clock: HeldClock, seconds: float) -> None:
    """Time passes, once somebody waits for it, and is noticed."""
    async with asyncio.timeout(PATIENT_S):
        while not clock.sleeping(seconds):
            await asyncio.sleep(0.005)
    clock.advance(seconds)
    await asyncio.sleep(0.02)


async def test_an_account_follows_so_many_event_streams(data: Path, clock: HeldClock) -> None:
    seen: list[Any] = []
    settings = GatewaySettings(event_streams=2)
    async with application(data, clock, seen=seen, settings=settings) as (app, _):
        stop = asyncio.Event()
        async with (
            serving_asgi(lambda port: serve(app, host="127.0.0.1", port=port, stop=stop)) as (
                url,
                running,
            ),
            httpx.AsyncClient(base_url=url, timeout=PATIENT_S) as client,
            httpx.AsyncClient(base_url=url, timeout=PATIENT_S) as other,
        ):
            await sign_up(client)
            await sign_up(other, "eva@example.org")
            async with (
                client.stream("GET", "/api/try/stream") as first,
                client.stream("GET", "/api/try/stream") as second,
                other.stream("GET", "/api/try/stream") as others,
            ):
                # kept to the end: a stream whose reader goes is closed
                lines = [each.aiter_lines() for each in (first, second, others)]
                assert [await anext(each) for each in lines] == ["id: 0"] * 3
                third = await client.get("/api/try/stream")
                assert (third.status_code, third.json()["code"]) == (429, "too-many-event-streams")
            async with asyncio.timeout(PATIENT_S):
                while len(seen) < 3:
                    await asyncio.sleep(0.01)
            async with client.stream("GET", "/api/try/stream") as again:
                assert again.status_code == 200
            stop.set()
            await running
