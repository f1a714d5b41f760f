"""What people write into forms, and how much work a sign-in is."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import pytest
from sqlalchemy import Connection, text
from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]

from tests.conftest import OpenRows
from tests.identity.conftest import ADDRESS, PASSWORD, accounts_on
from vitascope.engines.guard import Overloaded
from vitascope.identity import (
    DeviceDraft,
    Identity,
    ProfileDraft,
    SignedIn,
    WeakPassword,
    WrongCredentials,
)
from vitascope.identity.breached_passwords import is_breached
from vitascope.identity.drafts import AVATARS, valid_password
from vitascope.identity.passwords import MEMORY_KIB, Passwords
from vitascope.identity.rows_identity import RowsIdentity
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import Invalid

SignUp = Callable[[Identity], Awaitable[SignedIn]]


@pytest.fixture
async def accounts(open_sqlite: OpenRows, clock: HeldClock) -> AsyncIterator[RowsIdentity]:
    """With hashes that cost what they cost for people."""
    made = accounts_on(await open_sqlite("identity"), clock, hash_kib=MEMORY_KIB)
    yield made
    await made.close()


@pytest.mark.parametrize(
    "password", ["short", "password1", "aaaaaaaaaaaa", "c@example.org", "x" * 201]
)
async def test_passwords_that_are_guessed_first_are_refused(
    accounts: RowsIdentity, password: str
) -> None:
    with pytest.raises(WeakPassword):
        await accounts.sign_up("c@example.org", password, "Cem", DeviceDraft())


@pytest.mark.parametrize(
    "password",
    ["correct horse", "Münsterländer", "kX8-wolke", "monkey with 9 lives", "12tigers56x"],
)
def test_sentences_and_odd_words_are_taken(password: str) -> None:
    assert valid_password(password, "c@example.org") == password


@pytest.mark.parametrize(
    "email",
    ["", "nobody", "a@b", "a b@c.org", "a@b@c.org", "x" * 65 + "@c.org", "a@" + "c" * 250 + ".org"],
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
        ProfileDraft(name="Zoe", pin="12345"),
        ProfileDraft(name="Zoe", pin="١٢٣٤"),
        ProfileDraft(name="Zoe", locale="not a locale"),
        ProfileDraft(name="Zoe", locale="fr" + "-latn" * 4),
        ProfileDraft(name="Zoe", avatar=cast(Any, "../../etc")),
    ],
)
async def test_a_profile_that_makes_no_sense_is_refused(
    accounts: RowsIdentity, ada: SignUp, draft: ProfileDraft
) -> None:
    signed_in = await ada(accounts)
    with pytest.raises(Invalid):
        await accounts.add_profile(signed_in.account.id, draft)


async def test_an_avatar_that_an_older_version_took_is_shown_as_one_that_there_is(
    accounts: RowsIdentity, ada: SignUp
) -> None:
    """Until avatars had a list of their own, the API took any word."""
    signed_in = await ada(accounts)

    def older(connection: Connection) -> None:
        connection.execute(text("UPDATE profiles SET avatar = 'dragon'"))

    await accounts._rows.write(older)
    (profile,) = await accounts.profiles(signed_in.account.id)
    assert profile.avatar in AVATARS


async def test_an_unknown_email_costs_the_same_work_as_a_wrong_password(
    accounts: RowsIdentity, ada: SignUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada(accounts)
    hashed: list[str] = []
    passwords = accounts._passwords
    verify = passwords._verify

    def counted(password: str, against: str) -> bool:
        hashed.append(against.rpartition("$")[0].rpartition("$")[0])
        return verify(password, against)

    monkeypatch.setattr(passwords, "_verify", counted)
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


def test_the_garbage_collector_does_not_look_through_the_words_of_breached_passwords() -> None:
    """There are 93,000 in the lists: they were most of what its full looks went through."""
    assert is_breached("password1")
    assert not is_breached("correct horse")
    assert [name for name, words in FREQUENCY_LISTS.items() if gc.is_tracked(words)] == []
