"""Codes that stand for a password, once and for a while: sixty random bits, of which only a hash is
kept."""

import hashlib
import secrets

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another
_GROUPS, _GROUP = 3, 4


def new_code() -> str:
    """Returns a code as people read it: "7h2k-9wqm-x4tn"."""
    letters = [secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP)]
    groups = ["".join(letters[n : n + _GROUP]) for n in range(0, len(letters), _GROUP)]
    return "-".join(groups)


def hash_of(code: str) -> str:
    """Returns the SHA-256 of a code, however it is written: sixty random bits need no salt."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
