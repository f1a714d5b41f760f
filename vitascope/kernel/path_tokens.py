"""Tokens that open one folder until a moment, carried in a path:
`<kid>.<exp>.<session>.<lines>.<sig>`.

`exp` is in seconds since the Unix epoch, `session` the playback session that the token was given
to, `lines` the height of the largest pictures that it opens. What opens all pictures has no
`lines`, nor the dot before it; a token of an edge for the origin has no session either. `sig` is
HMAC-SHA256 (base64url without padding) over

    vitascope-path-1 LF <purpose> LF <prefix> LF <exp> [ LF <session> [ LF <lines> ] ]

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

_FORM = re.compile(
    r"([a-z0-9_-]{1,32})\.([1-9]\d{0,11})"
    r"(?:\.(ses_[a-z0-9_]{1,40})(?:\.([1-9]\d{1,4}))?)?"
    r"\.([A-Za-z0-9_-]{43})",
    re.ASCII,
)


_PICTURES = re.compile(r"v([1-9]\d*)", re.ASCII)  # how files of pictures are called: "v720-2.mp4"


class Opened(msgspec.Struct, frozen=True):
    """What a token opens of its folder: all of it, or pictures of at most so many `lines`."""

    session: str = ""
    lines: int | None = None

    def covers(self, file: str) -> bool:
        pictures = _PICTURES.match(file)
        return self.lines is None or pictures is None or int(pictures[1]) <= self.lines


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


def sign(
    ring: KeyRing,
    purpose: str,
    prefix: str,
    expires_at_ms: int,
    session: str = "",
    lines: int | None = None,
) -> str:
    """Returns a token for what lies below `prefix` (`<asset_id>/<version>`): all of it, or for a
    session without the pictures of more than `lines`. Expiry is rounded up to the next whole
    second."""
    said = [str(-(-expires_at_ms // 1000)), *([session] if session else [])]
    said += [str(lines)] if session and lines is not None else []
    signature = _signature(ring.keys[ring.current], purpose, prefix, *said)
    return ".".join([ring.current, *said, signature])


def check(ring: KeyRing, purpose: str, prefix: str, token: str, now_ms: int) -> Opened:
    """Returns what the token opens, and to whom it was given. Raises `PathTokenRefused`. Takes the
    same time however much of a signature is right."""
    form = _FORM.fullmatch(token)
    key = ring.keys.get(form[1]) if form else None
    if form is None or key is None:
        raise refused()
    right = _signature(key, purpose, prefix, form[2], *[said for said in form.group(3, 4) if said])
    if not hmac.compare_digest(right, form[5]) or int(form[2]) * 1000 <= now_ms:
        raise refused()
    return Opened(form[3] or "", int(form[4]) if form[4] else None)


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


def _signature(key: bytes, purpose: str, prefix: str, *said: str) -> str:
    return seal(key, "vitascope-path-1", purpose, prefix, *said)


def refused() -> PathTokenRefused:
    return PathTokenRefused("This address has expired. Press play again to get a fresh one.")
