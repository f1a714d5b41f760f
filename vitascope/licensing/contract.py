"""Content keys and licences."""

from typing import Annotated, Protocol

import msgspec

from vitascope.kernel.bounds import FEW, ID
from vitascope.kernel.errors import Forbidden, NotFound, Unauthenticated
from vitascope.kernel.ids import AssetId, ContentId, KeyId, SessionId
from vitascope.kernel.media import KeyLabel


class LicenceTokenRefused(Unauthenticated):
    """Expired, altered or foreign, its session has ended, or it got the key often enough."""

    code = "licence-token-refused"


class KeyWithheld(Forbidden):
    """None of the keys asked for is within this session's policy."""

    code = "key-withheld"


class NoSuchKey(NotFound):
    code = "no-such-key"


class ContentKey(msgspec.Struct, frozen=True, kw_only=True):
    """Only packaging and the licence answer ever hold one of these. `repr` hides the key."""

    label: KeyLabel
    key_id: KeyId
    key: bytes  # 16 bytes
    iv: bytes  # 16 bytes

    def __repr__(self) -> str:
        return f"ContentKey({self.label}, {self.key_id}, hidden)"


class LicencePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What one playback session may open, and until when."""

    session_id: SessionId
    content_id: ContentId
    asset_id: AssetId
    labels: tuple[KeyLabel, ...]
    expires_at_ms: int


class ClearKeyRequest(msgspec.Struct, frozen=True, kw_only=True):
    kids: Annotated[
        tuple[Annotated[str, ID], ...], FEW
    ]  # base64url without padding, as the browser sends them
    type: Annotated[str, ID] = "temporary"


class ClearKeyItem(msgspec.Struct, frozen=True, kw_only=True):
    kty: str
    kid: str
    k: str


class ClearKeyAnswer(msgspec.Struct, frozen=True, kw_only=True):
    keys: tuple[ClearKeyItem, ...]
    type: str = "temporary"


class Licensing(Protocol):
    async def keys_for(self, asset_id: AssetId, labels: tuple[KeyLabel, ...]) -> list[ContentKey]:
        """Returns the asset's content keys, made on first call; the same ones ever after. For
        packaging."""
        ...

    async def key_ids(self, asset_id: AssetId) -> dict[KeyLabel, KeyId]: ...

    async def token(self, policy: LicencePolicy) -> str:
        """Returns a licence token bound to the session, signed and expiring."""
        ...

    async def end_session(self, session_id: SessionId, until_ms: int) -> None:
        """Refuse licence tokens of this session from now on. `until_ms` is when the last of them
        expires by itself. Harmless when repeated."""
        ...

    async def clear_key(self, token: str, request: ClearKeyRequest) -> ClearKeyAnswer:
        """Returns the W3C ClearKey answer: of the keys asked for, those within the token's policy.
        Raises `LicenceTokenRefused`, `KeyWithheld`."""
        ...

    async def raw_key(self, token: str, key_id: KeyId) -> bytes:
        """Returns the key's 16 bytes, for HLS identity keys. Raises as `clear_key`, and
        `NoSuchKey`."""
        ...
