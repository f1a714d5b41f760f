"""U1, section 5: expired, altered and foreign access tokens are refused."""

import base64
import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from vitascope.identity import TokenRefused
from vitascope.identity.access_tokens import ALGORITHM, ISSUER, AccessTokens
from vitascope.identity.drafts import first_profile
from vitascope.identity.passwords import Passwords
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.country import Country
from vitascope.kernel.ids import AccountId, DeviceId, ProfileId
from vitascope.kernel.viewer import Role

ACCOUNT, DEVICE = AccountId("acc_1"), DeviceId("dev_1")
PROFILE = first_profile(ProfileId("pro_1"), ACCOUNT, "Ada", "fr")
SECRET = b"s" * 32


def tokens(clock: HeldClock, secret: bytes = SECRET) -> AccessTokens:
    return AccessTokens(secret, clock, lifetime_s=600, key_days=30)


def written(book: AccessTokens) -> str:
    return book.write(ACCOUNT, DEVICE, Role.PARTNER, Country("DE"), PROFILE)


def test_a_token_says_all_that_a_request_needs(clock: HeldClock) -> None:
    book = tokens(clock)
    for _ in range(2):  # the second time from memory
        who = book.read(written(book))
        assert (who.account_id, who.device_id, who.role) == (ACCOUNT, DEVICE, Role.PARTNER)
        assert who.viewer is not None
        assert (who.viewer.profile_id, who.viewer.country) == ("pro_1", "DE")
    nobody = book.read(book.write(ACCOUNT, DEVICE, Role.VIEWER, Country("DE"), None))
    assert nobody.viewer is None


def test_an_expired_token_is_refused_also_when_it_was_read_before(clock: HeldClock) -> None:
    book = tokens(clock)
    token = written(book)
    clock.advance(599)
    book.read(token)
    clock.advance(1)
    for reader in (book, tokens(clock)):
        with pytest.raises(TokenRefused):
            reader.read(token)


def test_a_token_of_another_installation_is_refused(clock: HeldClock) -> None:
    foreign = written(tokens(clock, b"x" * 32))
    with pytest.raises(TokenRefused):
        tokens(clock).read(foreign)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=200,
)
@given(place=st.integers(0, 10_000), letter=st.sampled_from("AZaz09-_.=+ \x00é"))
def test_a_token_altered_in_any_letter_is_refused(
    clock: HeldClock, place: int, letter: str
) -> None:
    book = tokens(clock)
    token = written(book)
    place %= len(token)
    altered = token[:place] + letter + token[place + 1 :]
    if altered == token:
        assert book.read(altered)
    else:
        with pytest.raises(TokenRefused):
            book.read(altered)


@given(st.text(max_size=200) | st.binary(max_size=100).map(lambda raw: raw.hex() + "." * 2))
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(TokenRefused):
        tokens(HeldClock()).read(text)


def claims(clock: HeldClock) -> dict[str, object]:
    now = clock.now_ms() // 1000
    said = {"iss": ISSUER, "sub": ACCOUNT, "device": DEVICE, "role": "operator"}
    return {**said, "iat": now, "exp": now + 600}


def kid_of(token: str) -> str:
    head = token.partition(".")[0]
    kid: str = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]
    return kid


def test_forged_headers_are_refused(clock: HeldClock) -> None:
    book = tokens(clock)
    kid = kid_of(written(book))
    own = OKPKey.generate_key("Ed25519")
    by_own_key = jwt.encode(
        {"alg": ALGORITHM, "kid": kid}, claims(clock), own, algorithms=[ALGORITHM]
    )
    by_hmac = jwt.encode(
        {"alg": "HS256", "kid": kid}, claims(clock), OctKey.import_key(SECRET), algorithms=["HS256"]
    )
    body = by_own_key.split(".")[1]
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": kid}).encode()).decode()
    unsigned = f"{head.rstrip('=')}.{body}."
    with_key_inside = jwt.encode(
        {"alg": ALGORITHM, "kid": kid, "jwk": own.as_dict(private=False)},
        claims(clock),
        own,
        algorithms=[ALGORITHM],
    )
    for forged in (by_own_key, by_hmac, unsigned, with_key_inside):
        with pytest.raises(TokenRefused):
            book.read(forged)


def test_keys_rotate_and_the_one_before_stays_readable(clock: HeldClock) -> None:
    book = tokens(clock)
    period_s = 30 * 86_400
    clock.advance(period_s - clock.now_ms() / 1000 % period_s - 60)  # a minute before the change
    before = written(book)
    clock.advance(120)
    after = written(book)
    assert kid_of(before) != kid_of(after)
    restarted = tokens(clock)
    assert restarted.read(before) == restarted.read(after)


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    made = Passwords(threads=2, queue=8)
    yield made
    made.close()


async def test_a_password_is_hashed_as_the_issue_wants(passwords: Passwords) -> None:
    hashed = await passwords.hash("correct horse")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.matches("correct horse", hashed)
    assert not await passwords.matches("wrong horse", hashed)
    assert not await passwords.matches("correct horse", None)
    assert not await passwords.matches("correct horse", "no hash")
