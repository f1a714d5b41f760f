"""Changing password and email, and a forgotten password, on every database, here and apart."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes, policy

import pytest

from tests.conftest import OpenRows
from tests.identity.conftest import ADDRESS, PASSWORD
from tests.ports import free_port
from vitascope.engines.bus.outbox import RowsOutbox
from vitascope.engines.mail import MailSettings
from vitascope.engines.mail.smtp import SmtpMail
from vitascope.identity import (
    DeviceDraft,
    EmailTaken,
    Identity,
    SignedIn,
    SignInThrottled,
    TokenRefused,
    WeakPassword,
    WrongCode,
    WrongCredentials,
    WrongPassword,
)
from vitascope.identity.rows_identity import RowsIdentity
from vitascope.identity.settings import IdentitySettings
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import NotFound, Unavailable
from vitascope.kernel.ids import AccountId
from vitascope.kernel.viewer import Principal

SignUp = Callable[[Identity], Awaitable[SignedIn]]
NEW = "a longer and newer sentence"
PHONE = DeviceDraft(name="Phone")


async def principal_of(identity: Identity, signed_in: SignedIn) -> Principal:
    return await identity.read_token(signed_in.tokens.access_token)


async def enters(identity: Identity, password: str, email: str = "ada@example.org") -> SignedIn:
    return await identity.sign_in(email, password, PHONE, ADDRESS)


async def test_a_new_password_keeps_this_device_and_no_other(
    identity: Identity, ada: SignUp
) -> None:
    here = await ada(identity)
    other = await enters(identity, PASSWORD)
    await identity.change_password(await principal_of(identity, here), PASSWORD, NEW)
    await identity.refresh(here.tokens.refresh_token)
    with pytest.raises(TokenRefused):
        await identity.refresh(other.tokens.refresh_token)
    with pytest.raises(WrongCredentials):
        await enters(identity, PASSWORD)
    await enters(identity, NEW)


@pytest.mark.parametrize(
    "breached", ["football1", "Sunshine99", "P@ssw0rd2024!", "TRUSTNO1", "azertyuiop"]
)
async def test_a_password_from_a_breach_is_refused_everywhere(
    identity: Identity, ada: SignUp, breached: str
) -> None:
    here = await ada(identity)
    who = await principal_of(identity, here)
    made = await identity.reset_code(here.account.id)
    for setting in (
        identity.sign_up("eva@example.org", breached, "Eva", PHONE),
        identity.change_password(who, PASSWORD, breached),
        identity.reset_password("ada@example.org", made.code, breached, ADDRESS),
    ):
        with pytest.raises(WeakPassword, match="found in data breaches"):
            await setting
    await identity.reset_password("ada@example.org", made.code, NEW, ADDRESS)  # it is not used up


async def test_a_change_needs_the_present_password(identity: Identity, ada: SignUp) -> None:
    who = await principal_of(identity, await ada(identity))
    with pytest.raises(WrongPassword):
        await identity.change_password(who, "not it at all", NEW)
    with pytest.raises(WrongPassword):
        await identity.change_email(who, "not it at all", "eva@example.org")
    with pytest.raises(WeakPassword):
        await identity.change_password(who, PASSWORD, "short")
    for _ in range(6):
        try:
            await identity.change_password(who, "not it at all", NEW)
        except WrongPassword:
            continue
        except SignInThrottled:
            break
    with pytest.raises(SignInThrottled):
        await identity.change_password(who, PASSWORD, NEW)


async def test_a_new_email_is_the_one_to_sign_in_with(identity: Identity, ada: SignUp) -> None:
    here = await ada(identity)
    other = await enters(identity, PASSWORD)
    who = await principal_of(identity, here)
    changed = await identity.change_email(who, PASSWORD, " Ada.L@Example.org ")
    assert changed.email == "ada.l@example.org"
    with pytest.raises(WrongCredentials):
        await enters(identity, PASSWORD)
    await enters(identity, PASSWORD, "ada.l@example.org")
    with pytest.raises(TokenRefused):
        await identity.refresh(other.tokens.refresh_token)
    await identity.sign_up("bo@example.org", PASSWORD, "Bo", PHONE)
    with pytest.raises(EmailTaken):
        await identity.change_email(who, PASSWORD, "bo@example.org")


async def test_a_code_sets_a_new_password_once(
    identity: Identity, ada: SignUp, clock: HeldClock
) -> None:
    here = await ada(identity)
    made = await identity.reset_code(here.account.id)
    assert made.expires_at_ms == clock.now_ms() + 86_400_000
    with pytest.raises(WrongCode):
        await identity.reset_password("ada@example.org", "2222-2222-2222", NEW, ADDRESS)
    spelt = made.code.upper().replace("-", " ")
    await identity.reset_password("Ada@example.org", spelt, NEW, ADDRESS)
    await enters(identity, NEW)
    with pytest.raises(TokenRefused):
        await identity.refresh(here.tokens.refresh_token)
    with pytest.raises(WrongCode):
        await identity.reset_password("ada@example.org", made.code, PASSWORD, ADDRESS)


async def test_an_earlier_or_expired_or_foreign_code_is_wrong(
    identity: Identity, ada: SignUp, clock: HeldClock
) -> None:
    account_id = (await ada(identity)).account.id
    await identity.sign_up("bo@example.org", PASSWORD, "Bo", PHONE)
    first = await identity.reset_code(account_id)
    second = await identity.reset_code(account_id)
    for email, code in (("ada@example.org", first.code), ("bo@example.org", second.code)):
        with pytest.raises(WrongCode):
            await identity.reset_password(email, code, NEW, ADDRESS)
    clock.advance(86_400)
    with pytest.raises(WrongCode):
        await identity.reset_password("ada@example.org", second.code, NEW, ADDRESS)
    with pytest.raises(NotFound):
        await identity.reset_code(AccountId("acc_none"))


async def test_one_browser_is_one_device_whoever_else_signs_in_there(
    identity: Identity, ada: SignUp
) -> None:
    await ada(identity)
    await identity.sign_up("bo@example.org", PASSWORD, "Bo", PHONE)
    browser = "0123456789abcdef"
    fresh = DeviceDraft(name="Firefox", browser=browser)
    first = await identity.sign_in("ada@example.org", PASSWORD, fresh, ADDRESS)
    bo = DeviceDraft(name="Firefox", browser=browser, id=first.device.id)
    other = await identity.sign_in("bo@example.org", PASSWORD, bo, ADDRESS)
    back = DeviceDraft(name="Firefox", browser=browser, id=other.device.id)
    again = await identity.sign_in("ada@example.org", PASSWORD, back, ADDRESS)
    assert other.device.id != first.device.id == again.device.id
    named = [device.name for device in await identity.devices(first.account.id)]
    assert sorted(named) == ["Chromium on Linux", "Firefox"]


@asynccontextmanager
async def mail_server(letters: "asyncio.Queue[bytes]") -> AsyncIterator[int]:
    """As much of an SMTP server as takes letters (RFC 5321)."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                letters.put_nowait(await reader.readuntil(b"\r\n.\r\n"))
            writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 well\r\n")
        writer.close()

    port = free_port()
    server = await asyncio.start_server(talk, "127.0.0.1", port)
    async with server:
        yield port


async def test_a_code_is_mailed_in_the_language_of_the_account(
    open_sqlite: OpenRows, clock: HeldClock, ada: SignUp
) -> None:
    letters: asyncio.Queue[bytes] = asyncio.Queue()
    rows = await open_sqlite("identity")
    async with mail_server(letters) as port:
        mail = MailSettings(server="127.0.0.1", port=port, security="none", sender="v@example.org")
        accounts = RowsIdentity(
            rows=rows,
            outbox=RowsOutbox(rows=rows, clock=clock, announced=lambda: None),
            signing_secret=b"s" * 32,
            refresh_secret=b"r" * 32,
            clock=clock,
            settings=IdentitySettings(),
            mail=SmtpMail(mail),
            public_url="https://films.example",
        )
        await ada(accounts)
        await accounts.forgot_password("nobody@example.org", ADDRESS)
        await accounts.forgot_password("ada@example.org", ADDRESS)
        async with asyncio.timeout(120):
            raw = await letters.get()
        letter = message_from_bytes(raw, policy=policy.default)
        assert (letter["To"], letter["From"]) == ("ada@example.org", "Vitascope <v@example.org>")
        assert "mot de passe" in letter["Subject"]
        text = letter.get_body().get_content()  # type: ignore[union-attr]
        assert "https://films.example/reset" in text
        code = next(line.strip() for line in text.splitlines() if line.strip().count("-") == 2)
        await accounts.reset_password("ada@example.org", code, NEW, ADDRESS)
        await enters(accounts, NEW)
        assert letters.empty(), "nobody else is written to"
        with pytest.raises(SignInThrottled):
            for _ in range(5):
                await accounts.forgot_password("ada@example.org", ADDRESS)
        await accounts.close()


async def test_a_mail_server_that_is_away_is_said_so() -> None:
    away = SmtpMail(MailSettings(server="127.0.0.1", port=free_port(), security="none"))
    with pytest.raises(Unavailable):
        await away.send("ada@example.org", "Hello", "…")
