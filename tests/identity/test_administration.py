"""What operators see and change of accounts, on every database, here and apart."""

from collections.abc import Awaitable, Callable

import pytest

from tests.conftest import OpenRows
from tests.identity.conftest import ADDRESS, PASSWORD, accounts_on
from vitascope.engines.rows import Connection
from vitascope.identity import (
    AccountChange,
    AccountFilter,
    AccountSuspended,
    DeviceDraft,
    Identity,
    SignedIn,
    TokenRefused,
    WrongCredentials,
)
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import Invalid, NotFound
from vitascope.kernel.ids import AccountId
from vitascope.kernel.pages import page_token
from vitascope.kernel.viewer import Role

SignUp = Callable[[Identity], Awaitable[SignedIn]]
BROWSER = DeviceDraft(name="Firefox on Linux")


async def several(identity: Identity, count: int) -> list[str]:
    """Emails, in the order of signing up."""
    emails = [f"person{n}@example.org" for n in range(count)]
    for n, email in enumerate(emails):
        await identity.sign_up(email, PASSWORD, f"Person {n}", BROWSER)
    return emails


async def all_of(identity: Identity, wanted: AccountFilter, limit: int) -> list[str]:
    found: list[str] = []
    token: str | None = None
    while True:
        page = await identity.accounts(wanted, page_token=token, limit=limit)
        assert len(page.accounts) <= limit
        found += [account.email for account in page.accounts]
        token = page.next_page_token
        if token is None:
            return found


async def test_accounts_come_in_pages_newest_first(identity: Identity) -> None:
    emails = await several(identity, 5)
    for limit in (1, 2, 5, 100):
        assert sorted(await all_of(identity, AccountFilter(), limit)) == sorted(emails)
    newest = await identity.accounts(AccountFilter(), limit=1)
    assert newest.next_page_token is not None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ADA@", ["ada@example.org"]),
        ("ada", ["ada@example.org"]),
        ("son 1", ["person1@example.org"]),
        ("%", []),
        ("_da@", []),
        ("nobody", []),
    ],
)
async def test_accounts_are_found_by_part_of_an_email_or_a_name(
    identity: Identity, ada: SignUp, text: str, found: list[str]
) -> None:
    await several(identity, 2)
    await ada(identity)
    assert await all_of(identity, AccountFilter(text=text), 10) == found


async def test_an_account_is_found_by_its_id_role_and_suspension(
    identity: Identity, ada: SignUp
) -> None:
    await several(identity, 2)
    account = (await ada(identity)).account
    assert await all_of(identity, AccountFilter(text=account.id), 10) == [account.email]
    assert await all_of(identity, AccountFilter(role=Role.PARTNER), 10) == []
    await identity.change_account(account.id, AccountChange(role=Role.PARTNER, suspended=True))
    for wanted in (AccountFilter(role=Role.PARTNER), AccountFilter(suspended=True)):
        assert await all_of(identity, wanted, 10) == [account.email]
    assert account.email not in await all_of(identity, AccountFilter(suspended=False), 10)


@pytest.mark.parametrize("limit", [0, -1, 101])
async def test_a_page_is_bounded(identity: Identity, limit: int) -> None:
    with pytest.raises(Invalid):
        await identity.accounts(AccountFilter(), limit=limit)


@pytest.mark.parametrize("token", ["nonsense", page_token("\x00"), page_token(7)])
async def test_a_made_up_page_token_is_refused(identity: Identity, token: str) -> None:
    with pytest.raises(Invalid):
        await identity.accounts(AccountFilter(), page_token=token)


@pytest.mark.parametrize("text", ["\x00", "a" * 255])
async def test_a_text_that_no_account_has_is_refused(identity: Identity, text: str) -> None:
    with pytest.raises(Invalid):
        await identity.accounts(AccountFilter(text=text))


async def test_a_suspended_account_is_signed_out_and_cannot_come_back(
    identity: Identity, ada: SignUp, clock: HeldClock
) -> None:
    signed_in = await ada(identity)
    account_id = signed_in.account.id
    changed = await identity.change_account(account_id, AccountChange(suspended=True))
    assert changed.suspended_at_ms == clock.now_ms()
    assert await identity.devices(account_id) == []
    with pytest.raises(TokenRefused):
        await identity.refresh(signed_in.tokens.refresh_token)
    with pytest.raises(AccountSuspended) as refused:
        await identity.sign_in("ada@example.org", PASSWORD, BROWSER, ADDRESS)
    assert "suspended" in refused.value.detail
    with pytest.raises(WrongCredentials):  # who does not know the password learns nothing of it
        await identity.sign_in("ada@example.org", "a wrong password", BROWSER, ADDRESS)
    clock.advance(60)
    again = await identity.change_account(account_id, AccountChange(suspended=True))
    assert again.suspended_at_ms == changed.suspended_at_ms
    restored = await identity.change_account(account_id, AccountChange(suspended=False))
    assert restored.suspended_at_ms is None
    await identity.sign_in("ada@example.org", PASSWORD, BROWSER, ADDRESS)


async def test_a_change_of_role_ends_the_tokens_that_say_the_old_one(
    identity: Identity, ada: SignUp
) -> None:
    signed_in = await ada(identity)
    await identity.change_account(signed_in.account.id, AccountChange(role=Role.OPERATOR))
    with pytest.raises(TokenRefused):
        await identity.refresh(signed_in.tokens.refresh_token)
    again = await identity.sign_in("ada@example.org", PASSWORD, BROWSER, ADDRESS)
    assert (await identity.read_token(again.tokens.access_token)).role is Role.OPERATOR


async def test_what_changes_nothing_signs_nobody_out(identity: Identity, ada: SignUp) -> None:
    signed_in = await ada(identity)
    same = AccountChange(role=Role.VIEWER, suspended=False)
    for change in (AccountChange(), same):
        assert await identity.change_account(signed_in.account.id, change) == signed_in.account
    await identity.refresh(signed_in.tokens.refresh_token)


async def test_there_is_no_account_to_change(identity: Identity) -> None:
    with pytest.raises(NotFound):
        await identity.change_account(AccountId("acc_none"), AccountChange(suspended=True))


async def test_the_news_names_the_account(open_sqlite: OpenRows, clock: HeldClock) -> None:
    rows = await open_sqlite("identity")
    accounts = accounts_on(rows, clock)
    account = (await accounts.sign_up("ada@example.org", PASSWORD, "Ada", BROWSER)).account
    await accounts.sign_out_everywhere(account.id)

    def told(connection: Connection) -> list[bytes]:
        return [row.body for row in connection.exec_driver_sql("SELECT body FROM outbox")]

    bodies = [bytes(body) for body in await rows.read(told)]
    assert any(b"AccountSignedOut" in body and account.id.encode() in body for body in bodies)
    await accounts.close()
