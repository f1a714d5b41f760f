"""Characters that no name has."""

import unicodedata


def has_control_characters(text: str) -> bool:
    """Returns True if there is a zero byte, an escape, a line's end or another of their kind in
    `text`."""
    return any(unicodedata.category(character) == "Cc" for character in text)
