"""Section 2: a token of any kind has one spelling; what differs from it in a letter is refused."""

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import OpenRows
from tests.identity.conftest import accounts_on
from vitascope.identity import DeviceDraft, TokenRefused
from vitascope.identity.access_tokens import AccessTokens
from vitascope.kernel import path_tokens
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.country import Country
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.ids import AccountId, AssetId, ContentId, DeviceId, SessionId
from vitascope.kernel.media import KeyLabel
from vitascope.kernel.path_tokens import KeyRing
from vitascope.kernel.viewer import Role
from vitascope.licensing import LicencePolicy, tokens
from vitascope.playback.session import session_of, token_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
RING = KeyRing(current="k1", keys={"k1": b"1" * 32, "K1": b"1" * 32})


def spellings(token: str) -> Iterator[str]:
    """All that a careless decoder of base64 takes for the same: padding, other alphabets, letters
    that are none, bits beyond the last byte; and what else a reader may overlook."""
    yield from (token + end for end in ("=", "==", "A", ".", " ", "\n", "\r\n", "\x00", "%3D"))
    yield from (begin + token for begin in (" ", "\ufeff", "."))
    for at in range(len(token) + 1):
        yield token[:at] + "\n" + token[at:]
        yield token[:at] + "=" + token[at:]
    for at, letter in enumerate(token):
        yield token[:at] + letter.swapcase() + token[at + 1 :]
        yield token[:at] + {"-": "+", "_": "/"}.get(letter, letter) + token[at + 1 :]
        if letter in LETTERS and (at + 1 == len(token) or token[at + 1] == "."):
            for other in LETTERS:  # a part's last letter has bits that mean nothing
                yield token[:at] + other + token[at + 1 :]
    yield token.translate({ord("k"): "\u212a", ord("s"): "\u017f"})  # the same in another case


def refused(read: Callable[[str], object], token: str) -> None:
    read(token)
    taken = []
    for other in {each for each in spellings(token) if each != token}:
        try:
            read(other)
        except VitascopeError:
            continue
        taken.append(other)
    assert taken == []


def test_a_path_token_has_one_spelling() -> None:
    token = path_tokens.sign(RING, path_tokens.EDGE, "ast_1/v1", 2_000_000, "ses_1k")
    refused(lambda each: path_tokens.check(RING, path_tokens.EDGE, "ast_1/v1", each, 0), token)


def test_a_licence_token_has_one_spelling() -> None:
    policy = LicencePolicy(
        session_id=SessionId("ses_1"),
        asset_id=AssetId("ast_1"),
        content_id=ContentId("ttl_1"),
        labels=(KeyLabel.SD,),
        expires_at_ms=1000,
    )
    token = tokens.issue("k1", b"x" * 32, policy)
    refused(lambda each: tokens.read(each, {"k1": b"x" * 32, "K1": b"x" * 32}, 0), token)


def test_a_session_token_has_one_spelling() -> None:
    token = token_of(SessionId("ses_1k"), b"x" * 32)
    refused(lambda each: session_of(each, b"x" * 32), token)


def test_an_access_token_has_one_spelling(clock: HeldClock) -> None:
    readers = AccessTokens(b"x" * 32, clock, lifetime_s=600, key_days=30)
    who = (AccountId("acc_1"), DeviceId("dev_1"), Role.VIEWER, Country("FR"))
    refused(readers.read, readers.write(*who, None))


async def test_a_refresh_token_has_one_spelling(open_sqlite: OpenRows, clock: HeldClock) -> None:
    accounts = accounts_on(await open_sqlite("identity"), clock)
    given = await accounts.sign_up("ada@example.org", "correct horse", "Ada", DeviceDraft())
    token = given.tokens.refresh_token
    for other in {each for each in spellings(token) if each != token}:
        with pytest.raises(TokenRefused):
            await accounts.refresh(other)
    assert await accounts.refresh(token)
    await accounts.close()
