"""D1: a token holds for as long as what it says is so."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.conftest import OpenRows
from tests.identity.conftest import ADDRESS, PASSWORD, accounts_on
from vitascope.identity import (
    DeviceDraft,
    EmailTaken,
    ProfileDraft,
    SignedIn,
    SignInThrottled,
    TokenRefused,
    WrongCredentials,
)
from vitascope.identity.rows_identity import RowsIdentity
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.networks import network_of

SignUp = Callable[[RowsIdentity], Awaitable[SignedIn]]
Two = tuple[RowsIdentity, RowsIdentity]


@pytest.fixture
async def two(open_sqlite: OpenRows, clock: HeldClock) -> AsyncIterator[Two]:
    """Two processes over one database."""
    rows = await open_sqlite("identity")
    here, there = accounts_on(rows, clock), accounts_on(rows, clock)
    yield here, there
    await here.close()
    await there.close()


@pytest.mark.parametrize("how", ["sign out", "everywhere", "revoked", "stolen"])
async def test_a_signed_out_device_asks_for_nothing_more(
    two: Two, ada: SignUp, clock: HeldClock, how: str
) -> None:
    """At once in the process that heard of it, in every other within 30 s."""
    here, there = two
    signed_in = await ada(here)
    token, account_id = signed_in.tokens.access_token, signed_in.account.id
    who = await there.read_token(token)
    await here.read_token(token)
    if how == "sign out":
        await here.sign_out(who)
    elif how == "everywhere":
        await here.sign_out_everywhere(account_id)
    elif how == "revoked":
        await here.revoke_device(account_id, who.device_id)
    else:
        await here.refresh(signed_in.tokens.refresh_token)
        clock.advance(25)
        with pytest.raises(TokenRefused):
            await here.refresh(signed_in.tokens.refresh_token)
    with pytest.raises(TokenRefused):
        await here.read_token(token)
    clock.advance(29)
    with pytest.raises(TokenRefused):
        await there.read_token(token)


async def test_a_token_that_says_other_limits_than_its_profile_is_refused(
    two: Two, ada: SignUp, clock: HeldClock
) -> None:
    here, there = two
    signed_in = await ada(here)
    who = await here.read_token(signed_in.tokens.access_token)
    zoe = await here.add_profile(who.account_id, ProfileDraft(name="Zoe"))
    tokens = (await here.choose_profile(who, zoe.id, None)).tokens
    await there.read_token(tokens.access_token)
    (parent, _) = await here.profiles(who.account_id)
    adult = await here.read_token(
        (await here.choose_profile(who, parent.id, None)).tokens.access_token
    )
    await here.change_profile(adult, zoe.id, ProfileDraft(name="Zoé"))
    await there.read_token(tokens.access_token)
    await here.change_profile(adult, zoe.id, ProfileDraft(maturity=Maturity.SEVEN))
    clock.advance(29)
    with pytest.raises(TokenRefused):
        await there.read_token(tokens.access_token)


@pytest.mark.parametrize(
    "addresses",
    [
        [ADDRESS],  # one proxy for all
        [f"203.0.113.{n}" for n in range(100)],
        [f"2001:db8::{n:x}" for n in range(100)],
    ],
)
async def test_nobody_s_guesses_lock_out_a_device_that_was_here_before(
    accounts: RowsIdentity, ada: SignUp, addresses: list[str]
) -> None:
    signed_in = await ada(accounts)
    for n in range(200):
        try:
            await accounts.sign_in(
                "ada@example.org", "wrong", DeviceDraft(), addresses[n % len(addresses)]
            )
        except SignInThrottled:
            break
        except WrongCredentials:
            pass
    else:
        pytest.fail("guessing has no limit")
    own = DeviceDraft(id=signed_in.device.id)
    await accounts.sign_in("ada@example.org", PASSWORD, own, addresses[0])
    for _ in range(20):
        with pytest.raises((WrongCredentials, SignInThrottled)):
            await accounts.sign_in("ada@example.org", "wrong", own, addresses[0])
    with pytest.raises(SignInThrottled):
        await accounts.sign_in("ada@example.org", PASSWORD, own, addresses[0])


async def test_a_household_s_ipv6_addresses_count_as_one(accounts: RowsIdentity) -> None:
    with pytest.raises(SignInThrottled):
        for n in range(40):
            with pytest.raises(WrongCredentials):
                await accounts.sign_in(
                    f"{n}@example.org", "wrong", DeviceDraft(), f"2001:db8:0:1:{n:x}::{n:x}"
                )
    with pytest.raises(WrongCredentials):
        await accounts.sign_in("a@example.org", "wrong", DeviceDraft(), "2001:db8:0:2::1")


async def test_asking_which_emails_are_taken_must_wait(accounts: RowsIdentity, ada: SignUp) -> None:
    await ada(accounts)
    with pytest.raises(SignInThrottled):
        for _ in range(40):
            with pytest.raises(EmailTaken):
                await accounts.sign_up(
                    "ada@example.org", PASSWORD, "Eve", DeviceDraft(), address=ADDRESS
                )


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:0:1:a:b:c:d", "2001:db8:0:1::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_whom_to_count_together(address: str, network: str) -> None:
    assert network_of(address) == network
