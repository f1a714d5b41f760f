"""Titles by what a partner typed: an id, or a name that is perhaps a little wrong."""

import difflib
import re
from collections.abc import Collection

MOST_NAMES = 100  # that are asked for at once
MOST_WORDS = 4  # of a name that others are looked for by
LEAST_LETTERS = 3
_ALIKE = 0.75
_OFFERED = 3
_EPISODE = re.compile(r"(?P<title>.*\S)\s+S(?P<season>\d{1,4})\s*E(?P<number>\d{1,4})", re.I)
_TITLE_ID = re.compile(r"ttl_[A-Za-z0-9_-]+")


def is_title_id(word: str) -> bool:
    return _TITLE_ID.fullmatch(word) is not None


def episode_named(word: str) -> tuple[str, int, int] | None:
    """Returns the title, the season and the number of `The Lost Island S1E2`; None for a name that
    does not end so."""
    form = _EPISODE.fullmatch(word)
    return None if form is None else (form["title"], int(form["season"]), int(form["number"]))


def closest(name: str, names: Collection[str]) -> list[str]:
    """Returns the names that come close to `name`, the closest first."""
    folded = {one.casefold(): one for one in names}
    found = difflib.get_close_matches(name.casefold(), list(folded), n=_OFFERED, cutoff=_ALIKE)
    return [folded[one] for one in found]
