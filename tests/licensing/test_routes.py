"""P4: the licence service as a player sees it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, Response

from tests.asgi import asgi
from tests.conftest import OpenRows
from tests.licensing.test_rows_licensing import ALL, FILM, HeldSecrets, asking, policy
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.media import KeyLabel
from vitascope.licensing.routes import routes
from vitascope.licensing.rows_licensing import RowsLicensing
from vitascope.licensing.settings import LicensingSettings
from vitascope.licensing.tokens import to_base64url


def problem(_: Request[Any, Any, Any], error: VitascopeError) -> Response[dict[str, str]]:
    return Response({"code": error.code}, status_code=error.status)


@pytest.fixture
async def vault(open_sqlite: OpenRows, clock: HeldClock) -> RowsLicensing:
    rows = await open_sqlite("licensing")
    return RowsLicensing(
        rows=rows, secrets=HeldSecrets(), clock=clock, settings=LicensingSettings()
    )


@pytest.fixture
async def client(vault: RowsLicensing) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar([routes(vault)], exception_handlers={VitascopeError: problem})
    transport = asgi(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


async def test_a_player_gets_its_keys(
    client: httpx.AsyncClient, vault: RowsLicensing, clock: HeldClock
) -> None:
    keys = await vault.keys_for(FILM, ALL)
    token = await vault.token(policy(clock, KeyLabel.AUDIO, KeyLabel.SD))
    body = {"kids": list(asking(*(k.key_id for k in keys)).kids), "type": "temporary"}
    answer = await client.post(
        "/api/licence/clearkey", json=body, headers={"X-Licence-Token": token}
    )
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json() == {
        "keys": [
            {"kty": "oct", "kid": to_base64url(bytes.fromhex(k.key_id)), "k": to_base64url(k.key)}
            for k in keys[:2]
        ],
        "type": "temporary",
    }


async def test_a_native_player_gets_sixteen_bytes(
    client: httpx.AsyncClient, vault: RowsLicensing, clock: HeldClock
) -> None:
    keys = await vault.keys_for(FILM, ALL)
    token = await vault.token(policy(clock))
    by_query = await client.get(f"/api/licence/key/{keys[1].key_id}", params={"token": token})
    by_header = await client.get(
        f"/api/licence/key/{keys[1].key_id}", headers={"X-Licence-Token": token}
    )
    assert by_query.content == by_header.content == keys[1].key
    assert by_query.headers["Content-Type"] == "application/octet-stream"


async def test_without_a_good_token_nothing_is_given(
    client: httpx.AsyncClient, vault: RowsLicensing, clock: HeldClock
) -> None:
    [key] = await vault.keys_for(FILM, (KeyLabel.HD,))
    narrow = await vault.token(policy(clock, KeyLabel.AUDIO))
    url, body = f"/api/licence/key/{key.key_id}", {"kids": list(asking(key.key_id).kids)}
    for token, status in (("", 401), ("x.y.z", 401), (narrow, 403)):
        headers = {"X-Licence-Token": token}
        answers = [
            await client.post("/api/licence/clearkey", json=body, headers=headers),
            await client.get(url, headers=headers),
        ]
        assert [answer.status_code for answer in answers] == [status, status]
        assert all(key.key not in answer.content for answer in answers)


@pytest.mark.parametrize("over", ["ended", "expired"])
async def test_a_request_that_is_sent_once_more_gets_nothing_after_its_session(
    client: httpx.AsyncClient, vault: RowsLicensing, clock: HeldClock, over: str
) -> None:
    """By whomever, byte by byte the same; also for one key at its address."""
    (key, *_) = await vault.keys_for(FILM, ALL)
    granted = policy(clock, KeyLabel.AUDIO)
    token = await vault.token(granted)
    body = {"kids": list(asking(key.key_id).kids)}

    async def asked() -> list[int]:
        headers = {"X-Licence-Token": token}
        one = await client.post("/api/licence/clearkey", json=body, headers=headers)
        other = await client.get(f"/api/licence/key/{key.key_id}", params={"token": token})
        return [one.status_code, other.status_code]

    assert await asked() == [200, 200]
    if over == "ended":
        await vault.end_session(granted.session_id, granted.expires_at_ms)
    else:
        clock.advance((granted.expires_at_ms - clock.now_ms()) / 1000)
    assert await asked() == [401, 401]
