"""The titles of a model that lie in one scope, in the order of their news, kept between requests.

Which titles a country and a maturity hold changes only when a window opens or closes, or with the
next model. So what is the same for all profiles there is made once, at 2 ms for 15,000 titles, and
a home page takes from it what its taste picks.
"""

import threading
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from vitascope.kernel.country import EVERYWHERE, Country
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.scope import Rights, Scope

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

KEPT = 32  # scopes of a model, 1 MB each at 15,000 titles
_FOREVER = np.iinfo(np.int64).max


class TitlesByName:
    """Titles by a name that they have, as one array: `titles` from `starts[n]` on have the n-th of
    `names`, which are sorted."""

    def __init__(self, members: Mapping[str, list[int]]) -> None:
        self.names = tuple(sorted(members))
        self._number = {name: n for n, name in enumerate(self.names)}
        self.titles = np.array([t for name in self.names for t in members[name]], dtype=np.int64)
        sizes = [len(members[name]) for name in self.names]
        self.starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)]).astype(np.int64)

    def of(self, name: str) -> Ints:
        n = self._number[name]
        return self.titles[self.starts[n] : self.starts[n + 1]]

    def counts(self, allowed: Mask) -> Ints:
        """Returns how many of the allowed titles each name has."""
        before = np.concatenate([[0], np.cumsum(allowed[self.titles], dtype=np.int64)])
        counted: Ints = before[self.starts[1:]] - before[self.starts[:-1]]
        return counted


class InScope:
    """`newest` are the numbers of the titles, the newest first; `place` is where each stands there.
    `to_show` is what rows are made of: what can be played, or everything while nothing can.

    Changes nothing but what it keeps for the next request, so any thread may ask."""

    def __init__(
        self, allowed: Mask, newest: Ints, playable: Mask, presentable: Mask, members: "Members"
    ) -> None:
        self.allowed = allowed
        self.newest: Ints = newest[allowed[newest]]
        self.place: Ints = np.zeros(len(allowed), dtype=np.int64)
        self.place[self.newest] = np.arange(len(self.newest))
        self.playable: Ints = self.newest[playable[self.newest]]
        self.soon: Ints = self.newest[~playable[self.newest]]
        self.heads = self._by_worth(playable, presentable)
        self.genres = _counted(members.genres, allowed)
        self.directors = _counted(members.directed, allowed)
        self._members = members
        self._kept: dict[tuple[str, str], Ints] = {}
        self._playing: InScope | None = None
        if len(self.playable) and len(self.soon):
            self._playing = InScope(allowed & playable, newest, playable, presentable, members)

    @property
    def to_show(self) -> "InScope":
        return self._playing or self

    def _by_worth(self, playable: Mask, presentable: Mask) -> list[Ints]:
        """Returns what may stand at the head of a page, in groups, the most presentable first."""
        worth = (2 * playable + presentable)[self.newest]
        return [self.newest[worth == each] for each in (3, 2, 1, 0)]

    def of_genre(self, slug: str) -> Ints:
        return self._of("genre", slug, self._members.genres)

    def of_director(self, name: str) -> Ints:
        return self._of("director", name, self._members.directed)

    def _of(self, kind: str, name: str, groups: TitlesByName) -> Ints:
        """Returns the titles with this name, the newest first."""
        kept = self._kept.get((kind, name))
        if kept is None:
            titles = groups.of(name)
            titles = titles[self.allowed[titles]]
            kept = self._kept[kind, name] = titles[np.argsort(self.place[titles])]
        return kept


class Members:
    """Which titles have each genre and each director."""

    def __init__(self, genres: TitlesByName, directed: TitlesByName) -> None:
        self.genres = genres
        self.directed = directed


def _counted(groups: TitlesByName, allowed: Mask) -> dict[str, int]:
    """Returns the names that have titles, those with most first, then by name."""
    counts = groups.counts(allowed)
    order = np.argsort(-counts, kind="stable")
    return {groups.names[n]: int(counts[n]) for n in order.tolist() if counts[n]}


class Windows:
    """The rights of all titles, as arrays: one line for each window."""

    def __init__(self, rights: list[Rights]) -> None:
        self._maturity = np.array([each.maturity for each in rights], dtype=np.int64)
        self._shown = np.array([each.shown for each in rights], dtype=bool)
        self._countries: dict[Country, int] = {EVERYWHERE: 0}
        lines = [
            (
                title,
                self._countries.setdefault(window.country, len(self._countries)),
                window.from_ms,
                _FOREVER if window.until_ms is None else window.until_ms,
            )
            for title, each in enumerate(rights)
            for window in each.windows
        ]
        columns = np.array(lines, dtype=np.int64).reshape(-1, 4).T
        self._title, self._country, self._from_ms, self._until_ms = columns

    def country(self, scope: Scope) -> int:
        """Returns the number of the scope's country: 0 for one that no window names."""
        return self._countries.get(scope.country, 0)

    def within(self, scope: Scope) -> Mask:
        """Returns which titles lie in the scope."""
        open_now = (self._from_ms <= scope.at_ms) & (scope.at_ms < self._until_ms)
        seen = np.zeros(len(self._shown), dtype=bool)
        seen[self._title[open_now & self._here(scope)]] = True
        seen &= self._shown & (self._maturity <= scope.maturity)
        return seen

    def steady(self, scope: Scope) -> tuple[float, float]:
        """Returns the time around the scope's moment in which no window of its country opens or
        closes, in ms: from (inclusive) and until (exclusive)."""
        here = self._here(scope)
        edges = np.concatenate([self._from_ms[here], self._until_ms[here]])
        past, to_come = edges[edges <= scope.at_ms], edges[edges > scope.at_ms]
        return (
            float(past.max()) if len(past) else float("-inf"),
            float(to_come.min()) if len(to_come) else float("inf"),
        )

    def _here(self, scope: Scope) -> Mask:
        here: Mask = (self._country == 0) | (self._country == self.country(scope))
        return here


class InScopeCache:
    """What was made for the scopes that were asked for last."""

    def __init__(self, windows: Windows, make: Callable[[Mask], InScope]) -> None:
        """`make` must not know the model: a model in a circle is left to the garbage collector,
        which would hold every thread while it takes one apart."""
        self._windows = windows
        self._make = make
        self._turn = threading.Lock()
        self._kept: dict[tuple[int, Maturity], tuple[float, float, InScope]] = {}

    def of(self, scope: Scope) -> InScope:
        key = self._windows.country(scope), scope.maturity
        with self._turn:
            since, until, found = self._kept.pop(key, (0.0, 0.0, None))
            if found is None or not since <= scope.at_ms < until:
                since, until = self._windows.steady(scope)
                found = self._make(self._windows.within(scope))
            self._kept[key] = since, until, found  # asked for last, dropped last
            if len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
            return found
