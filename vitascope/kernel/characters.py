"""Characters that no name has."""

import unicodedata

_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
"""By these a name is shown in another order than it is written: `film\u202e4pm.exe`."""


def has_control_characters(text: str) -> bool:
    """Returns True if there is a zero byte, an escape, a line's end or another of their kind in
    `text`, or what turns the direction in which it is shown."""
    kinds = ("Cc", "Cs", "Zl", "Zp")
    return any(
        character in _TURNING or unicodedata.category(character) in kinds for character in text
    )
