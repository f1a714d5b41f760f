"""Tokens that open one folder until a moment, carried in a path: `<kid>.<exp>.<sig>`.

`exp` is in seconds since the Unix epoch; `sig` is HMAC-SHA256 (base64url without padding) over

    vitascope-path-1 LF <purpose> LF <prefix> LF <exp>

under the key that `kid` names. A relative URL below the token inherits it, so a manifest needs to
carry it once. The purpose keeps an edge's token for the origin from opening anything on an edge.
nginx checks the same token with njs: deploy/nginx/path_token.js.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping

import msgspec

from vitascope.kernel.errors import Forbidden

EDGE = "edge"  # a viewer reads from an edge
ORIGIN = "origin"  # an edge reads from the origin

ALL_PACKAGES = "published"  # in place of a prefix: which versions the origin has

_FORM = re.compile(r"([a-z0-9_-]{1,32})\.(\d{1,12})\.([A-Za-z0-9_-]{43})", re.ASCII)


class PathTokenRefused(Forbidden):
    """Expired, altered or foreign: which of them is not told."""

    code = "path-token-refused"


class KeyRing(msgspec.Struct, frozen=True, kw_only=True):
    """Signing keys by id. New tokens are made under `current`; all of `keys` are accepted, so
    that a key is replaced by adding the new one everywhere, making it current, and dropping the
    old one when its last token has expired."""

    current: str
    keys: Mapping[str, bytes]

    def __repr__(self) -> str:
        return f"KeyRing(current={self.current!r}, keys={sorted(self.keys)})"


def seal(key: bytes, *parts: str) -> str:
    """Returns HMAC-SHA256 over `parts`, which hold no line feeds, as base64url without padding."""
    digest = hmac.new(key, "\n".join(parts).encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def sign(ring: KeyRing, purpose: str, prefix: str, expires_at_ms: int) -> str:
    """Returns a token for all that lies below `prefix` (`<asset_id>/<version>`). Expiry is rounded
    up to the next whole second."""
    expires = -(-expires_at_ms // 1000)
    return (
        f"{ring.current}.{expires}.{_signature(ring.keys[ring.current], purpose, prefix, expires)}"
    )


def check(ring: KeyRing, purpose: str, prefix: str, token: str, now_ms: int) -> None:
    """Raises `PathTokenRefused`. Takes the same time however much of a signature is right."""
    form = _FORM.fullmatch(token)
    key = ring.keys.get(form[1]) if form else None
    if form is None or key is None:
        raise _refused()
    right = _signature(key, purpose, prefix, int(form[2]))
    if not hmac.compare_digest(right, form[3]) or int(form[2]) * 1000 <= now_ms:
        raise _refused()


def seal_body(ring: KeyRing, subject: str, body: bytes) -> str:
    """Returns `<kid>.<sig>`: this `body` was made by someone who holds the ring, as `subject`'s."""
    return f"{ring.current}.{_body_signature(ring.keys[ring.current], subject, body)}"


def is_sealed(ring: KeyRing, subject: str, body: bytes, sealed: str) -> bool:
    kid, _, signature = sealed.partition(".")
    key = ring.keys.get(kid)
    return key is not None and hmac.compare_digest(
        _body_signature(key, subject, body).encode(), signature.encode()
    )


def _body_signature(key: bytes, subject: str, body: bytes) -> str:
    return seal(key, "vitascope-body-1", subject, hashlib.sha256(body).hexdigest())


def _signature(key: bytes, purpose: str, prefix: str, expires: int) -> str:
    return seal(key, "vitascope-path-1", purpose, prefix, str(expires))


def _refused() -> PathTokenRefused:
    return PathTokenRefused("This address has expired. Press play again to get a fresh one.")
