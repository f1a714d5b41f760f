"""Refresh tokens: opaque, used once, kept only as hashes.

A device's tokens form a chain. The next link is derived from the last one under a secret of the
service (HMAC-SHA256), not drawn at random: so when a client asks again because the answer was lost,
or two tabs ask at once, both get the *same* next token although only hashes are stored, and the
chain never forks. Whoever does not know the secret can no more guess the next link than a random
one; whoever holds the present link could refresh anyway.

`verdict` is the whole rule of reuse. A used token shown again within the grace, while its successor
was not used yet, is a lost answer; anything else is a stolen token, and ends the chain.
"""

import base64
import enum
import hashlib
import hmac
import os

import msgspec

PREFIX = "vrt_"


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of a token."""

    hash: str
    expires_at_ms: int
    used_at_ms: int | None


class Verdict(enum.Enum):
    FRESH = enum.auto()  # use it, make the next one
    AGAIN = enum.auto()  # give the same next one once more
    UNKNOWN = enum.auto()  # expired, revoked or never ours
    STOLEN = enum.auto()  # shown a second time: end the chain


def first() -> str:
    return PREFIX + _text(os.urandom(32))


def following(secret: bytes, token: str) -> str:
    return PREFIX + _text(hmac.new(secret, token.encode(), hashlib.sha256).digest())


def hash_of(token: str) -> str:
    """Returns a token's SHA-256: 32 random bytes need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def verdict(link: Link | None, successor: Link | None, now_ms: int, grace_s: int) -> Verdict:
    """Returns what to make of a token whose stored link is `link`, and that of its successor."""
    if link is None or now_ms >= link.expires_at_ms:
        return Verdict.UNKNOWN
    if link.used_at_ms is None:
        return Verdict.FRESH
    lost = successor is not None and successor.used_at_ms is None
    if lost and now_ms - link.used_at_ms <= grace_s * 1000:
        return Verdict.AGAIN
    return Verdict.STOLEN


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
