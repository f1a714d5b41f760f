"""One form for all the ways to write a word: `Häxan`, `HAXAN` and `haxan` are the same."""

import re
import unicodedata
from functools import lru_cache

_LIGATURES = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "ı": "i"}
)
_WORD = re.compile(r"[^\W_]+")


_CACHED_LENGTH = 100  # names come again and again, synopses do not


def fold(text: str) -> str:
    """Returns `text` in lower case, without diacritics, ligatures written out, apostrophes and full
    stops inside a word dropped (`D.O.A.` is `doa`, `Gulliver's` is `gullivers`), other marks turned
    to spaces."""
    return _fold_name(text) if len(text) <= _CACHED_LENGTH else _fold(text)


def tokens(text: str) -> list[str]:
    return fold(text).split()


@lru_cache(maxsize=65536)
def _fold_name(text: str) -> str:
    return _fold(text)


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    joined = re.sub(r"(?<=\w)['’.](?=\w)|(?<=\w)\.", "", letters)
    return " ".join(_WORD.findall(joined))
