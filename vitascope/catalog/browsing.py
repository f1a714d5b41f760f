"""Titles in order, kept so: a page of them costs what it holds, and not what the catalogue holds.

An order is a sorted list of places for each genre and kind, and a change of one title moves its
places alone. A page token holds the last place, not a count, so that nothing is shown twice or
missed when titles come and go between two pages.
"""

import heapq
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator

from vitascope.catalog.contract.catalog import Sort
from vitascope.catalog.contract.title import Title, TitleKind
from vitascope.kernel.ids import TitleId
from vitascope.kernel.ordered import Ordered
from vitascope.kernel.pages import BadPageToken, page_token, place_of

Place = tuple[float, str, TitleId]
Filter = tuple[str | None, TitleKind | None]  # genre and kind; None for any

_NONE: Ordered[Place] = Ordered()
_AT_ONCE = 1000
"""Places sorted in one go: one long sort would keep every other thread waiting."""


def place(title: Title, sort: Sort, locale: str) -> Place:
    if sort is Sort.NAME:
        return 0, name_key(title.wording(locale).name), title.id
    if sort is Sort.YEAR:
        return -title.year, "", title.id
    when = title.published_at_ms or title.added_at_ms
    return (-when if title.playable else 1e15 - when), "", title.id


def name_key(name: str) -> str:
    """Returns what names are ordered by, and compared with what was typed."""
    return name.casefold()


class Order:
    """All titles by one sort; by name, in one locale's words."""

    def __init__(self, sort: Sort, locale: str, titles: Iterable[Title] = ()) -> None:
        """Takes its time when there are many titles."""
        self._sort = sort
        self._locale = locale
        placed: dict[Filter, list[Place]] = defaultdict(list)
        for title in titles:
            for each in _filters(title):
                placed[each].append(place(title, sort, locale))
        self._places = {each: Ordered(_sorted(places)) for each, places in placed.items()}

    def put(self, title: Title) -> None:
        here = place(title, self._sort, self._locale)
        for each in _filters(title):
            self._places.setdefault(each, Ordered()).add(here)

    def drop(self, title: Title) -> None:
        here = place(title, self._sort, self._locale)
        for each in _filters(title):
            if each in self._places:
                self._places[each].discard(here)

    def parts(self) -> list[tuple[Place, ...]]:
        """Returns all places of all filters, in the tuples that hold them."""
        return [part for places in self._places.values() for part in places.parts()]

    def after(self, last: Place | None, only: Filter = (None, None)) -> Iterator[Place]:
        places = self._places.get(only, _NONE)
        return iter(places) if last is None else places.after(last)

    def named(self, beginning: str) -> Iterator[Place]:
        """Returns the places, in an order by name, of those whose name begins with `beginning`."""
        begun = name_key(beginning)
        later = self._places.get((None, None), _NONE).since((0, begun, TitleId("")))
        return itertools.takewhile(lambda here: here[1].startswith(begun), later)


def let_go(orders: list[Order]) -> None:
    """Empty a list of orders that nobody needs. They are freed part by part: freed at once, twelve
    of 15,000 titles hold every thread of the process for 50 ms and more."""
    while orders:
        parts = orders[-1].parts()
        orders.pop()
        while parts:
            parts.pop()


def token_after(sort: Sort, last: Place) -> str:
    return page_token((sort.value, *last))


def place_after(token: str | None, sort: Sort) -> Place | None:
    """Raises `BadPageToken`."""
    if token is None:
        return None
    made_for, number, word, title_id = place_of(token, tuple[str, float, str, str])
    if made_for != sort:
        raise BadPageToken("This page token was made for another order. Start again without one.")
    return number, word, TitleId(title_id)


def _filters(title: Title) -> Iterator[Filter]:
    return itertools.product((None, *dict.fromkeys(title.genres)), (None, title.kind))


def _sorted(places: list[Place]) -> Iterator[Place]:
    parts = [sorted(places[i : i + _AT_ONCE]) for i in range(0, len(places), _AT_ONCE)]
    return heapq.merge(*parts)
