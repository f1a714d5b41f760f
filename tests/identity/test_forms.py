"""What people write into forms, and how much work a sign-in is."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.identity.conftest import ADDRESS, PASSWORD
from vitascope.engines.guard import Overloaded
from vitascope.identity import (
    DeviceDraft,
    Identity,
    ProfileDraft,
    SignedIn,
    WeakPassword,
    WrongCredentials,
)
from vitascope.identity.passwords import Passwords
from vitascope.identity.rows_identity import RowsIdentity
from vitascope.kernel.errors import Invalid

SignUp = Callable[[Identity], Awaitable[SignedIn]]


@pytest.mark.parametrize(
    "password", ["short", "password1", "aaaaaaaaaaaa", "c@example.org", "x" * 201]
)
async def test_passwords_that_are_guessed_first_are_refused(
    accounts: RowsIdentity, password: str
) -> None:
    with pytest.raises(WeakPassword):
        await accounts.sign_up("c@example.org", password, "Cem", DeviceDraft())


@pytest.mark.parametrize(
    "email", ["", "nobody", "a@b", "a b@c.org", "a@b@c.org", "x" * 300 + "@c.org"]
)
async def test_what_is_no_email_is_refused(accounts: RowsIdentity, email: str) -> None:
    with pytest.raises(Invalid):
        await accounts.sign_up(email, PASSWORD, "Cem", DeviceDraft())


@pytest.mark.parametrize(
    "draft",
    [
        ProfileDraft(name=""),
        ProfileDraft(),
        ProfileDraft(name="x" * 41),
        ProfileDraft(name="a\x00b"),
        ProfileDraft(name="Zoe", pin="12"),
        ProfileDraft(name="Zoe", pin="١٢٣٤"),
        ProfileDraft(name="Zoe", locale="not a locale"),
        ProfileDraft(name="Zoe", avatar="../../etc"),
    ],
)
async def test_a_profile_that_makes_no_sense_is_refused(
    accounts: RowsIdentity, ada: SignUp, draft: ProfileDraft
) -> None:
    signed_in = await ada(accounts)
    with pytest.raises(Invalid):
        await accounts.add_profile(signed_in.account.id, draft)


async def test_an_unknown_email_costs_the_same_work_as_a_wrong_password(
    accounts: RowsIdentity, ada: SignUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada(accounts)
    hashed: list[str] = []
    verify = Passwords._verify

    def counted(self: Passwords, password: str, against: str) -> bool:
        hashed.append(against.rpartition("$")[0].rpartition("$")[0])
        return verify(self, password, against)

    monkeypatch.setattr(Passwords, "_verify", counted)
    for email in ("ada@example.org", "nobody@example.org", "no email at all", "\x00"):
        with pytest.raises(WrongCredentials):
            await accounts.sign_in(email, "wrong password", DeviceDraft(), ADDRESS)
    assert hashed == ["$argon2id$v=19$m=19456,t=2,p=1"] * 4


async def test_a_rush_of_sign_ins_is_turned_away_rather_than_piling_up() -> None:
    passwords = Passwords(threads=1, queue=1)
    results = await asyncio.gather(
        *[passwords.hash(PASSWORD) for _ in range(5)], return_exceptions=True
    )
    passwords.close()
    assert sum(isinstance(r, Overloaded) for r in results) == 3
