"""Licence tokens: a policy, signed. `<kid>.<policy>.<sig>`, all base64url without padding.

The signature is HMAC-SHA256 over `vitascope-licence-1 LF kid.policy`. A token tells its bearer
nothing but the policy, and opens nothing by itself: the keys stay with us.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from hashlib import sha256

import msgspec

from vitascope.licensing.contract import LicencePolicy, LicenceTokenRefused

_FORM = re.compile(r"([A-Za-z0-9-]{1,32})\.([A-Za-z0-9_-]{1,2048})\.([A-Za-z0-9_-]{43})", re.ASCII)


def issue(kid: str, key: bytes, policy: LicencePolicy) -> str:
    said = f"{kid}.{to_base64url(msgspec.msgpack.encode(policy))}"
    return f"{said}.{_signature(key, said)}"


def read(token: str, keys: Mapping[str, bytes], now_ms: int) -> LicencePolicy:
    """Raises `LicenceTokenRefused`: expired, altered or foreign."""
    form = _FORM.fullmatch(token)
    key = keys.get(form[1]) if form else None
    if form is None or key is None:
        raise refused()
    if not hmac.compare_digest(_signature(key, f"{form[1]}.{form[2]}"), form[3]):
        raise refused()
    policy = msgspec.msgpack.decode(from_base64url(form[2]), type=LicencePolicy)
    if policy.expires_at_ms <= now_ms:
        raise refused()
    return policy


def hash_of(token: str) -> str:
    """Returns what names a token in our rows, and cannot be used in its place."""
    return sha256(token.encode()).hexdigest()[:32]


def to_base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Raises `ValueError`."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


def _signature(key: bytes, said: str) -> str:
    return to_base64url(hmac.new(key, f"vitascope-licence-1\n{said}".encode(), sha256).digest())


def refused() -> LicenceTokenRefused:
    return LicenceTokenRefused("This licence token is not valid any more. Press play again.")
