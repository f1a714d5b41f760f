"""What a JSON body may hold: no zero byte, whichever database it would reach."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Router

from tests.conftest import OpenRows
from tests.playback import setup as playback_setup
from tests.playback.test_routes import ME, signed_in
from vitascope.gateway.app import build
from vitascope.kernel.clock import HeldClock
from vitascope.playback.routes import routes


@pytest.fixture
async def client(
    open_rows: OpenRows, clock: HeldClock, data: Path
) -> AsyncIterator[httpx.AsyncClient]:
    async with playback_setup.set_up(open_rows, clock, data) as setup:
        playback = Router("/", route_handlers=[routes(setup.playback)], before_request=signed_in)
        transport = httpx.ASGITransport(build([playback], public=True))
        headers = {**ME, "Content-Type": "application/json"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://vitascope.test", headers=headers
        ) as client:
            yield client


@pytest.mark.parametrize(
    "body",
    [
        rb'{"content_id": "ttl_film", "session_id": "ses_\u0000"}',
        rb'{"content_id": "ttl_film", "device_name": "Kitchen\u0000"}',
        rb'{"content_id": "ttl_film", "capabilities": {"codecs": ["\\\\\u0000"]}}',
        rb'{"content_id": "ttl_film", "\u0000": 1}',
        rb'{"content_id": "ttl_film", "deep": ' + b"[" * 900 + rb'"\u0000"' + b"]" * 900 + b"}",
    ],
)
async def test_a_body_with_a_zero_byte_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/api/play", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "zero byte" in answer.json()["detail"]


async def test_what_only_looks_like_a_zero_byte_is_taken(client: httpx.AsyncClient) -> None:
    body = rb'{"content_id": "ttl_film", "device_name": "C:\\u0000"}'
    assert (await client.post("/api/play", content=body)).status_code == 200
