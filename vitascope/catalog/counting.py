"""How many titles each genre has for a viewer, without a look at every title.

Titles with the same rights are seen by the same viewers, and most titles of a catalogue have the
rights of many others. So genres are counted for each of the rights that occur, and a viewer's count
adds up those that lie in the viewer's scope. It is kept until a title changes or a window opens or
closes.
"""

from collections import Counter

import msgspec

from vitascope.catalog.contract.title import Title
from vitascope.kernel.country import Country
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.scope import Rights, Scope

_KEPT = 2000  # counts; there is one for each country and maturity that somebody asked from


class _Group:
    """The titles that have the same rights."""

    def __init__(self, rights: Rights) -> None:
        self.rights = rights
        self.titles = 0
        self.genres: Counter[str] = Counter()


class _Kept(msgspec.Struct, frozen=True):
    counts: Counter[str]
    from_ms: int
    until_ms: float


class GenreCounts:
    def __init__(self) -> None:
        self._groups: dict[Rights, _Group] = {}
        self._kept: dict[tuple[Country, Maturity], _Kept] = {}

    def put(self, title: Title) -> Rights:
        """Returns the rights of `title`: of titles with equal ones, the same object."""
        group = self._groups.setdefault(title.rights, _Group(title.rights))
        group.titles += 1
        group.genres.update(title.genres)
        self._kept.clear()
        return group.rights

    def drop(self, title: Title) -> None:
        group = self._groups[title.rights]
        group.titles -= 1
        group.genres.subtract(title.genres)
        if not group.titles:
            del self._groups[title.rights]
        self._kept.clear()

    def kept(self, scope: Scope) -> Counter[str] | None:
        """Returns the count for `scope`, if it was made already and still holds."""
        kept = self._kept.get((scope.country, scope.maturity))
        fits = kept is not None and kept.from_ms <= scope.at_ms < kept.until_ms
        return kept.counts if kept is not None and fits else None

    def count(self, scope: Scope) -> Counter[str]:
        """Count the titles of each genre that the scope holds. Takes its time where nearly every
        title has rights of its own. Nothing may be put or dropped meanwhile."""
        counts: Counter[str] = Counter()
        until = float("inf")
        for rights, group in self._groups.items():
            if scope.holds(rights):
                counts.update(group.genres)
            until = min(until, rights.changes_after(scope.at_ms))
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        self._kept[scope.country, scope.maturity] = _Kept(+counts, scope.at_ms, until)
        return +counts
