"""A content key at rest: AES-256-GCM under a key-encryption key.

The associated data names the asset, the label, the key id and the key-encryption key, so that a
wrapped key copied into another row does not open. Layout: nonce (12 bytes), ciphertext, tag (16).
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vitascope.kernel.errors import VitascopeError

_NONCE = 12


class KeyDamaged(VitascopeError):
    """A wrapped key does not open: the row was altered, or the key-encryption key is another."""

    code = "key-damaged"


def wrap(kek: bytes, key: bytes, *named: str) -> bytes:
    """Returns a key encrypted by `kek`, which has 32 bytes. `named` are the words that the key
    belongs to."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(kek).encrypt(nonce, key, _named(named))


def unwrap(kek: bytes, wrapped: bytes, *named: str) -> bytes:
    """Raises `KeyDamaged`."""
    try:
        return AESGCM(kek).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _named(named))
    except (InvalidTag, ValueError):
        raise KeyDamaged(
            f"A content key of {named[0]} does not open with its key-encryption key. Restore the "
            "secret, or package the title again."
        ) from None


def _named(words: tuple[str, ...]) -> bytes:
    return "\n".join(words).encode()
