"""P13, P12: a device is signed in by a code that another one shows, once and for three minutes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.gateway.application import PASSWORD, application, client_of, sign_up
from tests.identity.conftest import ADDRESS
from vitascope.engines import qr
from vitascope.gateway.middleware import RequestMiddleware
from vitascope.identity import (
    AccountChange,
    AccountSuspended,
    DeviceDraft,
    Identity,
    SignedIn,
    SignInThrottled,
    WrongCode,
)
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import Forbidden
from vitascope.kernel.viewer import Principal, Role

SignUp = Callable[[Identity], Awaitable[SignedIn]]
PHONE = DeviceDraft(name="Phone")
LAN = "http://192.168.1.5:8400"


async def principal_of(identity: Identity, signed_in: SignedIn) -> Principal:
    return await identity.read_token(signed_in.tokens.access_token)


async def test_a_code_signs_in_one_device_once(identity: Identity, ada: SignUp) -> None:
    here = await ada(identity)
    made = await identity.device_code(await principal_of(identity, here))
    spelt = made.code.replace("-", " ").upper()  # as a person may type it
    both = await asyncio.gather(
        *(identity.sign_in_by_code(spelt, PHONE, ADDRESS) for _ in range(2)),
        return_exceptions=True,
    )
    assert [type(one) for one in both if isinstance(one, Exception)] == [WrongCode]
    (there,) = [one for one in both if isinstance(one, SignedIn)]
    assert (there.account, there.profile) == (here.account, None)
    assert there.device.id != here.device.id
    await identity.refresh(there.tokens.refresh_token)
    assert {one.name for one in await identity.devices(here.account.id)} == {
        "Chromium on Linux",
        "Phone",
    }


async def test_a_code_ends_with_its_time_with_the_next_one_and_with_who_asked(
    identity: Identity, ada: SignUp, clock: HeldClock
) -> None:
    who = await principal_of(identity, await ada(identity))
    first, second = [await identity.device_code(who) for _ in range(2)]
    with pytest.raises(WrongCode):
        await identity.sign_in_by_code(first.code, PHONE, ADDRESS)
    clock.advance(second.expires_in_s)
    with pytest.raises(WrongCode):
        await identity.sign_in_by_code(second.code, PHONE, ADDRESS)
    third = await identity.device_code(who)
    await identity.sign_out(who)
    with pytest.raises(WrongCode):
        await identity.sign_in_by_code(third.code, PHONE, ADDRESS)


async def test_a_code_lets_nobody_into_a_suspended_account(identity: Identity, ada: SignUp) -> None:
    here = await ada(identity)
    made = await identity.device_code(await principal_of(identity, here))
    await identity.change_account(here.account.id, AccountChange(suspended=True))
    with pytest.raises((WrongCode, AccountSuspended)):
        await identity.sign_in_by_code(made.code, PHONE, ADDRESS)


async def test_operators_make_none(identity: Identity, ada: SignUp) -> None:
    here = await ada(identity)
    await identity.change_account(here.account.id, AccountChange(role=Role.OPERATOR))
    again = await identity.sign_in("ada@example.org", PASSWORD, PHONE, ADDRESS)
    with pytest.raises(Forbidden):
        await identity.device_code(await principal_of(identity, again))


async def test_who_guesses_codes_must_wait(identity: Identity, ada: SignUp) -> None:
    made = await identity.device_code(await principal_of(identity, await ada(identity)))
    with pytest.raises(SignInThrottled):
        for _ in range(1000):
            try:
                await identity.sign_in_by_code("7h2k-9wqm-x4tn", PHONE, ADDRESS)
            except WrongCode:
                continue
    with pytest.raises(SignInThrottled):
        await identity.sign_in_by_code(made.code, PHONE, ADDRESS)
    await identity.sign_in_by_code(made.code, PHONE, "198.51.100.7")


# -- over HTTP


@pytest.fixture
async def door(data: Path, clock: HeldClock) -> AsyncIterator[RequestMiddleware]:
    async with application(data, clock, addresses=[LAN]) as (made, _):
        yield made


@pytest.mark.parametrize(
    ("here", "reached"),
    [
        ("http localhost:8400", LAN),
        ("http 127.0.0.1:8400", LAN),
        ("https films.example:8443", "https://films.example:8443"),
    ],
)
async def test_the_address_is_one_that_the_other_device_reaches(
    door: RequestMiddleware, here: str, reached: str
) -> None:
    scheme, host = here.split()
    async with client_of(door, scheme=scheme, host=host) as client:
        await sign_up(client)
        answer = await client.post("/api/device-code")
        shown = answer.json()
        assert answer.headers["cache-control"].endswith("no-store")
        plain = shown["code"].replace("-", "")
        assert shown["page"] == f"{reached}/enter"
        assert shown["address"] == f"{reached}/enter#{plain}"
        assert shown["squares"] == list(qr.squares(shown["address"]))
    scheme, host = reached.split("://")
    async with client_of(door, scheme=scheme, host=host) as other:
        entered = await other.post("/api/sign-in-by-code", json={"code": plain})
        assert entered.status_code == 200
        assert entered.json()["tokens"]["refresh_token"] == "", "it is in the cookie"
        assert (await other.post("/api/refresh")).status_code == 200
        used = await other.post("/api/sign-in-by-code", json={"code": plain})
        assert (used.status_code, used.json()["code"]) == (403, "wrong-code")


async def test_where_no_other_device_comes_there_is_no_address(
    data: Path, clock: HeldClock
) -> None:
    async with (
        application(data, clock) as (door, _),
        client_of(door, host="localhost:8400") as client,
    ):
        await sign_up(client)
        shown = (await client.post("/api/device-code")).json()
        assert (shown["page"], shown["address"], shown["squares"]) == (None, None, [])
