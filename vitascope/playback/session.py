"""What one playback session is, and the signed token that names it in a manifest's address."""

import hmac
import re

import msgspec

from vitascope.engines.leases import Lease
from vitascope.kernel import path_tokens
from vitascope.kernel.ids import AccountId, SessionId
from vitascope.licensing import LicencePolicy
from vitascope.playback.contract import SessionEnded
from vitascope.playback.grant import Grant
from vitascope.steering import EdgeRank

_FORM = re.compile(r"(ses_[0-9a-z]{1,40})\.([A-Za-z0-9_-]{43})", re.ASCII)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One press of play: a grant, held by a lease on one of the account's streams.

    `slot` is the lease's holder: a session that takes over from another one (the viewer switches
    titles) inherits its slot. `edges` are as steering ranked them, with their plain base URLs; the
    session reaches them at the `host` by which its page came, and over TLS if that did.
    """

    id: SessionId
    grant: Grant
    slot: str
    edges: tuple[EdgeRank, ...]
    started_at_ms: int
    host: str = ""
    is_secure: bool = False
    handed_out: str = ""  # what plays, where the session is an address for another player

    @property
    def subject(self) -> str:
        return subject_of(self.grant.account_id)

    def until_ms(self, lease: Lease) -> int:
        """Returns when everything ends that was given under this lease."""
        return min(lease.expires_at_ms, self.grant.until_ms)

    def policy(self, until_ms: int) -> LicencePolicy:
        return self.grant.policy(self.id, until_ms)


def subject_of(account_id: AccountId) -> str:
    """Returns what the stream leases of an account are counted under."""
    return f"streams:{account_id}"


def token_of(session_id: SessionId, key: bytes) -> str:
    """Returns a token that names the session to those who cannot send an access token: manifests
    and steering."""
    return f"{session_id}.{path_tokens.seal(key, 'vitascope-session-1', session_id)}"


def session_of(token: str, key: bytes) -> SessionId:
    """Raises `SessionEnded` for what we did not sign."""
    form = _FORM.fullmatch(token)
    if form is None or not hmac.compare_digest(token_of(SessionId(form[1]), key), token):
        raise ended()
    return SessionId(form[1])


def ended() -> SessionEnded:
    return SessionEnded("This playback has ended. Press play again to go on where you were.")
