"""P4: content keys are made once, wrapped at rest, and leave only in a licence."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from tests.conftest import OpenRows
from vitascope.engines.rows import Rows
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import Invalid, NotFound
from vitascope.kernel.ids import AssetId, ContentId, KeyId, SessionId
from vitascope.kernel.media import KeyLabel
from vitascope.licensing import (
    ClearKeyRequest,
    KeyWithheld,
    LicencePolicy,
    LicenceTokenRefused,
    NoSuchKey,
)
from vitascope.licensing.rows_licensing import RowsLicensing
from vitascope.licensing.settings import LicensingSettings
from vitascope.licensing.store import answers, content_keys, ended_sessions
from vitascope.licensing.tokens import from_base64url, to_base64url
from vitascope.licensing.wrapping import KeyDamaged

FILM = AssetId("ast_film")
ALL = (KeyLabel.AUDIO, KeyLabel.SD, KeyLabel.HD)


class HeldSecrets:
    """Secrets in memory, to be shared by several vaults of one test."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}

    async def get(self, name: str) -> bytes:
        if name not in self.held:
            raise NotFound(f"no secret {name}")
        return self.held[name]

    async def get_or_make(self, name: str, size: int = 32) -> bytes:
        return self.held.setdefault(name, bytes([len(self.held) + 1]) * size)

    async def put(self, name: str, value: bytes) -> None:
        self.held[name] = value


MakeVault = Callable[..., Awaitable[RowsLicensing]]


@pytest.fixture
async def rows(open_rows: OpenRows) -> Rows:
    return await open_rows("licensing")


@pytest.fixture
def secrets() -> HeldSecrets:
    return HeldSecrets()


@pytest.fixture
def vault(rows: Rows, secrets: HeldSecrets, clock: HeldClock) -> RowsLicensing:
    return RowsLicensing(rows=rows, secrets=secrets, clock=clock, settings=LicensingSettings())


def policy(clock: HeldClock, *labels: KeyLabel, s: int = 150) -> LicencePolicy:
    return LicencePolicy(
        session_id=SessionId("ses_1"),
        content_id=ContentId("ttl_1"),
        asset_id=FILM,
        labels=labels or ALL,
        expires_at_ms=clock.now_ms() + s * 1000,
    )


def asking(*key_ids: str) -> ClearKeyRequest:
    return ClearKeyRequest(kids=tuple(to_base64url(bytes.fromhex(kid)) for kid in key_ids))


async def test_keys_are_made_once_and_stay(vault: RowsLicensing) -> None:
    first = await vault.keys_for(FILM, ALL)
    assert await vault.keys_for(FILM, ALL) == first
    assert [key.label for key in first] == list(ALL)
    assert len({key.key for key in first}) == len({key.key_id for key in first}) == 3
    assert all(len(bytes.fromhex(k.key_id)) == len(k.key) == len(k.iv) == 16 for k in first)
    assert await vault.key_ids(FILM) == {key.label: key.key_id for key in first}
    more = await vault.keys_for(FILM, (KeyLabel.UHD, KeyLabel.SD))
    assert more[1] == first[1]


async def test_many_who_ask_at_once_get_the_same_keys(
    rows: Rows, secrets: HeldSecrets, clock: HeldClock
) -> None:
    vaults = [
        RowsLicensing(rows=rows, secrets=secrets, clock=clock, settings=LicensingSettings())
        for _ in range(12)
    ]
    answers = await asyncio.gather(*(v.keys_for(FILM, ALL) for v in vaults))
    assert all(answer == answers[0] for answer in answers)


async def test_keys_are_wrapped_at_rest_and_bound_to_their_row(
    vault: RowsLicensing, rows: Rows
) -> None:
    keys = await vault.keys_for(FILM, ALL)

    def stored(connection: sa.Connection) -> list[sa.Row[Any]]:
        return list(connection.execute(sa.select(content_keys)).all())

    for row in await rows.read(stored):
        everything = b"".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
        assert all(k.key not in everything and k.key.hex().encode() not in everything for k in keys)
        assert row.kek_id == "1"

    def swap(connection: sa.Connection) -> None:
        wrapped = {row.label: row.wrapped for row in stored(connection)}
        connection.execute(
            content_keys.update().where(content_keys.c.label == "SD").values(wrapped=wrapped["HD"])
        )

    await rows.write(swap)
    with pytest.raises(KeyDamaged):
        await vault.keys_for(FILM, (KeyLabel.SD,))


async def test_a_licence_holds_the_keys_asked_for_within_the_policy(
    vault: RowsLicensing, clock: HeldClock
) -> None:
    audio, sd, hd = await vault.keys_for(FILM, ALL)
    token = await vault.token(policy(clock, KeyLabel.AUDIO, KeyLabel.SD))
    answer = await vault.clear_key(token, asking(audio.key_id, sd.key_id, hd.key_id, "00" * 16))
    got = {from_base64url(i.kid).hex(): from_base64url(i.k) for i in answer.keys}
    assert got == {audio.key_id: audio.key, sd.key_id: sd.key}
    assert {item.kty for item in answer.keys} == {"oct"}
    assert "=" not in "".join(item.k + item.kid for item in answer.keys)
    assert await vault.raw_key(token, KeyId(sd.key_id.upper())) == sd.key


async def test_a_key_outside_the_policy_is_withheld(vault: RowsLicensing, clock: HeldClock) -> None:
    _, _, hd = await vault.keys_for(FILM, ALL)
    token = await vault.token(policy(clock, KeyLabel.AUDIO, KeyLabel.SD))
    with pytest.raises(KeyWithheld):
        await vault.clear_key(token, asking(hd.key_id))
    with pytest.raises(KeyWithheld):
        await vault.raw_key(token, hd.key_id)


async def test_another_films_key_is_not_given(vault: RowsLicensing, clock: HeldClock) -> None:
    await vault.keys_for(FILM, ALL)
    [other] = await vault.keys_for(AssetId("ast_other"), (KeyLabel.SD,))
    token = await vault.token(policy(clock))
    with pytest.raises(KeyWithheld):
        await vault.clear_key(token, asking(other.key_id))
    with pytest.raises(NoSuchKey):
        await vault.raw_key(token, other.key_id)


async def test_expired_altered_and_foreign_tokens_are_refused(
    vault: RowsLicensing, rows: Rows, clock: HeldClock
) -> None:
    [key] = await vault.keys_for(FILM, (KeyLabel.SD,))
    token = await vault.token(policy(clock, s=150))
    stranger = HeldSecrets()
    stranger.held["licence-token-1"] = b"another service's key"
    elsewhere = RowsLicensing(
        rows=rows, secrets=stranger, clock=clock, settings=LicensingSettings()
    )
    kid, body, signature = token.split(".")
    wider = to_base64url(msgspec.msgpack.encode(policy(clock, *KeyLabel, s=9999)))
    for bad in (
        await elsewhere.token(policy(clock)),
        f"{kid}.{wider}.{signature}",
        f"{kid}.{body}.{signature[:-1]}",
        f"2.{body}.{signature}",
        f"{body}.{signature}",
        "",
        "é.é.é",
    ):
        with pytest.raises(LicenceTokenRefused):
            await vault.clear_key(bad, asking(key.key_id))
        with pytest.raises(LicenceTokenRefused):
            await vault.raw_key(bad, key.key_id)
    clock.advance(149.999)
    await vault.clear_key(token, asking(key.key_id))
    clock.advance(0.001)
    with pytest.raises(LicenceTokenRefused):
        await vault.clear_key(token, asking(key.key_id))


async def test_nonsense_key_ids_are_refused_politely(
    vault: RowsLicensing, clock: HeldClock
) -> None:
    token = await vault.token(policy(clock))
    with pytest.raises(Invalid):
        await vault.clear_key(token, ClearKeyRequest(kids=("not base64!",)))
    with pytest.raises(Invalid):
        await vault.clear_key(token, ClearKeyRequest(kids=("AAAA",) * 65))


async def test_the_key_encryption_key_can_be_replaced(
    vault: RowsLicensing, rows: Rows, secrets: HeldSecrets, clock: HeldClock
) -> None:
    before = await vault.keys_for(FILM, ALL)
    settings = LicensingSettings(kek_id="2")
    renewed = RowsLicensing(rows=rows, secrets=secrets, clock=clock, settings=settings)
    assert await renewed.keys_for(FILM, ALL) == before
    assert await renewed.rewrap() == 3
    assert await renewed.rewrap() == 0
    del secrets.held["licensing-kek-1"]
    assert await renewed.keys_for(FILM, ALL) == before


async def test_no_key_is_in_any_log_or_representation(
    vault: RowsLicensing,
    clock: HeldClock,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.DEBUG)
    try:
        keys = await vault.keys_for(FILM, ALL)
        token = await vault.token(policy(clock))
        await vault.clear_key(token, asking(*(key.key_id for key in keys)))
        with pytest.raises(KeyWithheld):
            await vault.clear_key(token, asking("00" * 16))
    finally:
        logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
    said = (
        caplog.text + "".join(capsys.readouterr()) + repr(keys) + str(keys) + f"{keys[0]!s}" + token
    )
    assert "content_keys" in said, "the log was really listened to"
    for key in keys:
        for shown in (key.key.hex(), to_base64url(key.key), repr(key.key), repr(key.key)[2:-1]):
            assert shown not in said


async def test_the_tokens_of_an_ended_session_are_refused_and_others_are_not(
    vault: RowsLicensing, rows: Rows, secrets: HeldSecrets, clock: HeldClock
) -> None:
    (key,) = await vault.keys_for(FILM, (KeyLabel.SD,))
    ended = policy(clock, KeyLabel.SD)
    going_on = msgspec.structs.replace(ended, session_id=SessionId("ses_2"))
    tokens = [await vault.token(each) for each in (ended, going_on)]
    for _ in range(2):
        await vault.end_session(ended.session_id, ended.expires_at_ms)
    another = RowsLicensing(rows=rows, secrets=secrets, clock=clock, settings=LicensingSettings())
    for process in (vault, another):
        with pytest.raises(LicenceTokenRefused):
            await process.clear_key(tokens[0], asking(key.key_id))
        with pytest.raises(LicenceTokenRefused):
            await process.raw_key(tokens[0], key.key_id)
        assert await process.raw_key(tokens[1], key.key_id) == key.key


async def test_an_ended_session_is_noted_until_its_last_token_has_expired(
    vault: RowsLicensing, rows: Rows, clock: HeldClock
) -> None:
    await vault.end_session(SessionId("ses_1"), clock.now_ms() + 150_000)
    clock.advance(149)
    await vault.end_session(SessionId("ses_2"), clock.now_ms() + 150_000)
    assert await _noted(rows) == {"ses_1", "ses_2"}
    clock.advance(1)
    await vault.end_session(SessionId("ses_3"), clock.now_ms() + 150_000)
    assert await _noted(rows) == {"ses_2", "ses_3"}


@pytest.mark.parametrize(("way", "most"), [("clear", 8), ("raw", 64)])
async def test_a_token_gets_a_key_so_often_and_the_next_token_anew(
    vault: RowsLicensing, rows: Rows, secrets: HeldSecrets, clock: HeldClock, way: str, most: int
) -> None:
    """Whoever overheard a request can send it again, and only a few times: each token counts, in
    all processes together."""
    keys = await vault.keys_for(FILM, ALL)
    key, other, _ = (key.key_id for key in keys)
    token = await vault.token(policy(clock))
    another = RowsLicensing(rows=rows, secrets=secrets, clock=clock, settings=LicensingSettings())

    async def ask(process: RowsLicensing, token: str, key_id: KeyId) -> object:
        if way == "raw":
            return await process.raw_key(token, key_id)
        return await process.clear_key(token, asking(key_id))

    for n in range(most):
        assert await ask((vault, another)[n % 2], token, key)
    for process in (vault, another):
        with pytest.raises(LicenceTokenRefused):
            await ask(process, token, key)
    assert await ask(vault, token, other), "each key has a count of its own"
    clock.advance(30)
    renewed = await vault.token(policy(clock))
    assert await ask(vault, renewed, key)
    clock.advance(149)
    assert await ask(vault, await vault.token(policy(clock)), other)
    counted = sa.select(sa.func.count()).select_from(answers)
    rows_left = await rows.read(lambda c: c.execute(counted).scalar())
    assert rows_left == 2, "what expired is forgotten"


async def test_many_at_once_get_no_more_than_that(vault: RowsLicensing, clock: HeldClock) -> None:
    (key, *_) = await vault.keys_for(FILM, ALL)
    token = await vault.token(policy(clock))
    asked = [vault.clear_key(token, asking(key.key_id)) for _ in range(30)]
    given = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(not isinstance(one, LicenceTokenRefused) for one in given) == 8


async def _noted(rows: Rows) -> set[str]:
    asked = sa.select(ended_sessions.c.session_id)
    return set(await rows.read(lambda connection: connection.execute(asked).scalars().all()))
