"""Who may call: a key for each pair of caller and domain, and the signature made with it.

The keys of all pairs are derived from one secret (HKDF-SHA256, RFC 5869), so that an installation
on one machine keeps one. A machine that is trusted less is given the keys of its own pairs and not
the secret: whoever steals them can make these calls and no others.
"""

import hashlib
import hmac
from collections.abc import Mapping

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vitascope.kernel.errors import Unavailable

FRESH_MS = 30_000  # a signed call is good for so long, both ways: clocks may differ a little


class WireRefused(Unavailable):
    """The signature is missing, false or stale, or the caller may not call this."""

    code = "wire-refused"


def derived(secret: bytes, caller: str, domain: str) -> bytes:
    """Returns the key with which `caller` signs its calls of `domain`."""
    info = f"vitascope wire {caller} {domain}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


class WireKeys:
    """Keys by caller and domain: those that were given, the others derived from `secret`."""

    def __init__(
        self, secret: bytes | None = None, given: Mapping[tuple[str, str], bytes] | None = None
    ) -> None:
        self._secret = secret
        self._known = dict(given or {})

    def of(self, caller: str, domain: str) -> bytes:
        """Raises `WireRefused` when there is neither the key nor the secret."""
        pair = (caller, domain)
        if pair not in self._known:
            if self._secret is None:
                raise WireRefused(f"This machine has no key for calls of {caller} to {domain}.")
            self._known[pair] = derived(self._secret, caller, domain)
        return self._known[pair]


def keys_of(secret: bytes | WireKeys) -> WireKeys:
    return secret if isinstance(secret, WireKeys) else WireKeys(secret)


def digest_of(body: bytes) -> str:
    """Returns the header `X-Vita-Body`: length and SHA-256 of a call's arguments."""
    return f"{len(body)}.{hashlib.sha256(body).hexdigest()}"


def length_in(digest: str) -> int:
    """Returns the length that a checked `X-Vita-Body` says."""
    return int(digest.partition(".")[0])


def signed(key: bytes, path: str, deadline_ms: str, digest: str, at_ms: int) -> str:
    """Returns the header `X-Vita-Signature`: it covers time, method, deadline and arguments, those
    by their `digest`, so that it can be checked before they are read."""
    told = "\n".join([str(at_ms), path, deadline_ms, digest])
    return f"t={at_ms},v1={hmac.new(key, told.encode(), hashlib.sha256).hexdigest()}"


def check_signature(
    key: bytes, path: str, deadline_ms: str, digest: str, header: str, now_ms: int
) -> None:
    """Raises `WireRefused`."""
    time = header.partition(",")[0].removeprefix("t=")
    at_ms = int(time) if time.isascii() and time.isdigit() and len(time) < 16 else 0
    wanted = signed(key, path, deadline_ms, digest, at_ms)
    if not hmac.compare_digest(wanted.encode(), header.encode()):
        raise WireRefused("This call is not signed with a key of this installation.")
    if abs(now_ms - at_ms) > FRESH_MS:
        raise WireRefused("This call was signed too long ago: compare the two machines' clocks.")


def check_body(digest: str, body: bytes) -> None:
    """Raises `WireRefused` when these are not the arguments that were signed."""
    if not hmac.compare_digest(digest_of(body).encode(), digest.encode()):
        raise WireRefused("The arguments of this call are not those that were signed.")
