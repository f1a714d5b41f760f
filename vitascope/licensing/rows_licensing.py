"""The vault: makes content keys once, keeps them wrapped, and opens them for packaging and for
those who carry a licence token. A key is never logged and never shown; only the licence answer,
the raw-key answer and `keys_for` hold one."""

import os
from collections.abc import Iterable, Sequence

from vitascope.engines.rows import Rows
from vitascope.engines.secrets import Secrets
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AssetId, KeyId, SessionId
from vitascope.kernel.media import KeyLabel
from vitascope.licensing import tokens
from vitascope.licensing.contract import (
    ClearKeyAnswer,
    ClearKeyItem,
    ClearKeyRequest,
    ContentKey,
    KeyWithheld,
    LicencePolicy,
    NoSuchKey,
)
from vitascope.licensing.settings import LicensingSettings
from vitascope.licensing.store import KeyStore, WrappedKey
from vitascope.licensing.wrapping import unwrap, wrap

_MOST_KEY_IDS = 64
# A player asks once for each key, again when an answer was lost or when it was made anew, and has
# another token with the next heartbeat. Who plays HLS with identity keys asks for each playlist.
_MOST_ANSWERS = 8
_MOST_RAW_ANSWERS = 64


class RowsLicensing:
    """Implements `Licensing`. Safe to share between tasks, and between processes by its rows."""

    def __init__(
        self, *, rows: Rows, secrets: Secrets, clock: Clock, settings: LicensingSettings
    ) -> None:
        self._store = KeyStore(rows)
        self._secrets = secrets
        self._clock = clock
        self._settings = settings
        self._token_keys: dict[str, bytes] = {}

    async def keys_for(self, asset_id: AssetId, labels: tuple[KeyLabel, ...]) -> list[ContentKey]:
        held = await self._store.of_asset(asset_id)
        missing = [label for label in dict.fromkeys(labels) if label not in held]
        if missing:
            await self._store.add([await self._new_key(asset_id, label) for label in missing])
            held = await self._store.of_asset(asset_id)  # another may have been first
        return [await self._opened(held[label]) for label in labels]

    async def key_ids(self, asset_id: AssetId) -> dict[KeyLabel, KeyId]:
        return {label: key.key_id for label, key in (await self._store.of_asset(asset_id)).items()}

    async def token(self, policy: LicencePolicy) -> str:
        kid = self._settings.token_key_ids[0]
        return tokens.issue(kid, (await self._signing_keys())[kid], policy)

    async def clear_key(self, token: str, request: ClearKeyRequest) -> ClearKeyAnswer:
        policy = await self._admitted(token)
        if len(request.kids) > _MOST_KEY_IDS:
            raise Invalid(f"Ask for at most {_MOST_KEY_IDS} keys at once.")
        asked = set(_key_ids(request.kids))
        held = await self._store.of_asset(policy.asset_id)
        granted = [
            key for key in held.values() if key.key_id in asked and key.label in policy.labels
        ]
        if not granted:
            raise KeyWithheld("Your plan or device does not include what these keys open.")
        await self._count(token, policy, [key.key_id for key in granted], _MOST_ANSWERS)
        return ClearKeyAnswer(keys=tuple([_item(await self._opened(key)) for key in granted]))

    async def raw_key(self, token: str, key_id: KeyId) -> bytes:
        policy = await self._admitted(token)
        held = await self._store.of_asset(policy.asset_id)
        for key in held.values():
            if key.key_id == key_id.lower():
                if key.label not in policy.labels:
                    raise KeyWithheld("Your plan or device does not include what this key opens.")
                await self._count(token, policy, [key.key_id], _MOST_RAW_ANSWERS)
                return (await self._opened(key)).key
        raise NoSuchKey("This title has no such key.")

    async def end_session(self, session_id: SessionId, until_ms: int) -> None:
        await self._store.end_session(session_id, until_ms, self._clock.now_ms())

    async def rewrap(self) -> int:
        """Bring every key under the current key-encryption key; the count. For an operator who
        replaced it. Harmless to stop and to repeat; players notice nothing."""
        count = 0
        while due := await self._store.under_other_kek(self._settings.kek_id, limit=100):
            opened = [(key, await self._opened(key)) for key in due]
            await self._store.rewrap([await self._wrapped(k, o.key) for k, o in opened])
            count += len(due)
        return count

    async def _admitted(self, token: str) -> LicencePolicy:
        """Returns what the token may open. Raises `LicenceTokenRefused`."""
        policy = tokens.read(token, await self._signing_keys(), self._clock.now_ms())
        if await self._store.has_ended(policy.session_id):
            raise tokens.refused()
        return policy

    async def _count(
        self, token: str, policy: LicencePolicy, key_ids: Sequence[KeyId], most: int
    ) -> None:
        """Raises `LicenceTokenRefused` if the token got one of these keys often enough."""
        told = await self._store.count_answers(
            tokens.hash_of(token),
            key_ids,
            most=most,
            until_ms=policy.expires_at_ms,
            now_ms=self._clock.now_ms(),
        )
        if not told:
            raise tokens.refused()

    async def _new_key(self, asset_id: AssetId, label: KeyLabel) -> WrappedKey:
        blank = WrappedKey(
            asset_id=asset_id,
            label=label,
            key_id=KeyId(os.urandom(16).hex()),
            kek_id="",
            wrapped=b"",
            iv=os.urandom(16),
            made_at_ms=self._clock.now_ms(),
        )
        return await self._wrapped(blank, os.urandom(16))

    async def _wrapped(self, key: WrappedKey, content_key: bytes) -> WrappedKey:
        kek_id = self._settings.kek_id
        return WrappedKey(
            asset_id=key.asset_id,
            label=key.label,
            key_id=key.key_id,
            kek_id=kek_id,
            wrapped=wrap(await self._kek(kek_id), content_key, *_named(key, kek_id)),
            iv=key.iv,
            made_at_ms=key.made_at_ms,
        )

    async def _opened(self, key: WrappedKey) -> ContentKey:
        kek = await self._secrets.get(f"licensing-kek-{key.kek_id}")
        return ContentKey(
            label=key.label,
            key_id=key.key_id,
            key=unwrap(kek, key.wrapped, *_named(key, key.kek_id)),
            iv=key.iv,
        )

    async def _kek(self, kek_id: str) -> bytes:
        return await self._secrets.get_or_make(f"licensing-kek-{kek_id}", 32)

    async def _signing_keys(self) -> dict[str, bytes]:
        for kid in self._settings.token_key_ids:
            if kid not in self._token_keys:
                self._token_keys[kid] = await self._secrets.get_or_make(f"licence-token-{kid}", 32)
        return self._token_keys


def _named(key: WrappedKey, kek_id: str) -> tuple[str, ...]:
    return (key.asset_id, key.label, key.key_id, kek_id)


def _key_ids(kids: Iterable[str]) -> Iterable[str]:
    for kid in kids:
        try:
            yield tokens.from_base64url(kid).hex()
        except ValueError:
            raise Invalid("A key id must be base64url without padding.") from None


def _item(key: ContentKey) -> ClearKeyItem:
    return ClearKeyItem(
        kty="oct",
        kid=tokens.to_base64url(bytes.fromhex(key.key_id)),
        k=tokens.to_base64url(key.key),
    )
