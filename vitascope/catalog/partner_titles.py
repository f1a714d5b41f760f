"""Titles as their partners look through them: newest first, by name or by state, in pages.

A partner's titles are kept in order, so a page without a name costs what it holds. A search for a
part of a name compares with every title of the partner, some thousands between two turns of the
event loop; a whole name is looked up.
"""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence

from vitascope.catalog.contract.title import Title
from vitascope.catalog.contract.title_records import RecordsPage, TitleFilter
from vitascope.engines.text import fold
from vitascope.kernel.ids import AccountId, TitleId
from vitascope.kernel.ordered import Ordered
from vitascope.kernel.pages import page_token, place_of

AT_ONCE = 2000  # titles looked at between two turns of the event loop

Place = tuple[bool, int, TitleId]


class PartnerTitles:
    """The titles of each partner, and of all partners, in order."""

    def __init__(self, titles: Mapping[TitleId, Title]) -> None:
        """`titles` are all titles, as they are now."""
        self._titles = titles
        self._places: defaultdict[AccountId | None, Ordered[Place]] = defaultdict(Ordered)
        self._named: dict[str, tuple[TitleId, ...]] = {}  # no sets: they are tracked for ever
        self._words: dict[TitleId, str] = {}

    def put(self, title: Title) -> None:
        for partner_id in _lists(title):
            self._places[partner_id].add(_place(title))
        for name in {wording.name for wording in title.wordings}:
            self._named[name] = (*self._named.get(name, ()), title.id)
        self._words[title.id] = "\n".join(_folded(wording.name) for wording in title.wordings)

    def drop(self, title: Title) -> None:
        for partner_id in _lists(title):
            self._places[partner_id].discard(_place(title))
        for name in {wording.name for wording in title.wordings}:
            others = tuple(each for each in self._named[name] if each != title.id)
            self._named[name] = others
            if not others:
                del self._named[name]
        del self._words[title.id]

    async def page(
        self, partner_id: AccountId | None, wanted: TitleFilter, token: str | None, limit: int
    ) -> RecordsPage:
        """Raises `BadPageToken`."""
        last = None if token is None else place_of(token, tuple[bool, int, TitleId])
        found: list[Place] = []
        while len(found) <= limit and (places := self._before(partner_id, wanted, last)):
            found += self._first(places, wanted, limit + 1 - len(found))
            last = places[-1]
            await asyncio.sleep(0)
        more = page_token(found[limit - 1]) if len(found) > limit else None
        titles = tuple(self._titles[place[-1]] for place in found[:limit])
        return RecordsPage(titles=titles, next_page_token=more)

    def _before(
        self, partner_id: AccountId | None, wanted: TitleFilter, last: Place | None
    ) -> list[Place]:
        """Returns the next places to look at, newest first."""
        places = self._looked_up(partner_id, wanted)
        if places is None:
            places = self._places.get(partner_id, Ordered())
        return list(itertools.islice(places.before(last), AT_ONCE))

    def _looked_up(
        self, partner_id: AccountId | None, wanted: TitleFilter
    ) -> Ordered[Place] | None:
        """Returns the only places that are in question; None where there is no way but to look."""
        if wanted.ids:
            ids = set(wanted.ids)
        elif wanted.exact and wanted.name:
            ids = set(self._named.get(wanted.name, ()))
        else:
            return None
        titles = [self._titles[title_id] for title_id in ids if title_id in self._titles]
        return Ordered(sorted(_place(title) for title in titles if partner_id in _lists(title)))

    def _first(self, places: Sequence[Place], wanted: TitleFilter, limit: int) -> list[Place]:
        """Returns the first `limit` of `places` whose titles are wanted."""
        part = _folded(wanted.name)
        chosen = (place for place in places if self._is_wanted(place[-1], wanted, part))
        return list(itertools.islice(chosen, limit))

    def _is_wanted(self, title_id: TitleId, wanted: TitleFilter, part: str) -> bool:
        title = self._titles[title_id]
        if wanted.state not in (None, title.state):
            return False
        if wanted.exact and wanted.name:
            return any(wording.name == wanted.name for wording in title.wordings)
        return part in self._words[title_id]


def _lists(title: Title) -> tuple[AccountId | None, ...]:
    """Where it stands: among its partner's, and among all."""
    return (None,) if title.partner_id is None else (title.partner_id, None)


def _place(title: Title) -> Place:
    """What can be played after what cannot, the one published last at the end."""
    return title.playable, title.published_at_ms or title.added_at_ms, title.id


def _folded(name: str) -> str:
    """Returns what parts of names are compared by: a name of marks alone stays as it is."""
    return fold(name) or name.casefold().strip()
