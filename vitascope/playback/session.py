"""What one playback session is, and the signed token that names it in a manifest's address."""

import hmac
import re

import msgspec

from vitascope.catalog import Asset
from vitascope.kernel import path_tokens
from vitascope.kernel.country import Country
from vitascope.kernel.ids import AccountId, ContentId, DeviceId, ProfileId, SessionId, TitleId
from vitascope.kernel.media import KeyLabel, Rung
from vitascope.licensing import LicencePolicy
from vitascope.playback.contract import SessionEnded
from vitascope.steering import EdgeRank

_FORM = re.compile(r"(ses_[0-9a-z]{1,40})\.([A-Za-z0-9_-]{43})", re.ASCII)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One press of play. What was granted stays as it is until the session ends.

    `slot` is the holder of the account's stream lease: a session that takes over from another
    one (the viewer switches titles) inherits its slot. `edges` are as steering ranked them, with
    their plain base URLs.
    """

    id: SessionId
    account_id: AccountId
    profile_id: ProfileId
    device_id: DeviceId
    content_id: ContentId
    title_id: TitleId
    slot: str
    labels: tuple[KeyLabel, ...]
    rungs: tuple[str, ...]  # names
    edges: tuple[EdgeRank, ...]
    country: Country
    address: str
    started_at_ms: int
    asset: Asset

    @property
    def prefix(self) -> str:
        return prefix_of(self.asset)

    @property
    def subject(self) -> str:
        return subject_of(self.account_id)

    @property
    def granted(self) -> tuple[Rung, ...]:
        return tuple(rung for rung in self.asset.ladder if rung.name in self.rungs)

    def policy(self, expires_at_ms: int) -> LicencePolicy:
        return LicencePolicy(
            session_id=self.id,
            content_id=self.content_id,
            asset_id=self.asset.id,
            labels=self.labels,
            expires_at_ms=expires_at_ms,
        )


def prefix_of(asset: Asset) -> str:
    """What a path token opens, and what edges and steering call the asset's version."""
    return f"{asset.id}/{asset.version}"


def subject_of(account_id: AccountId) -> str:
    """What the stream leases of an account are counted under."""
    return f"streams:{account_id}"


def token_of(session_id: SessionId, key: bytes) -> str:
    """Names the session to those who cannot send an access token: manifests and steering."""
    return f"{session_id}.{path_tokens.seal(key, 'vitascope-session-1', session_id)}"


def session_of(token: str, key: bytes) -> SessionId:
    """Raises `SessionEnded` for what we did not sign."""
    form = _FORM.fullmatch(token)
    if form is None or not hmac.compare_digest(token_of(SessionId(form[1]), key), token):
        raise ended()
    return SessionId(form[1])


def ended() -> SessionEnded:
    return SessionEnded("This playback has ended. Press play again to go on where you were.")
