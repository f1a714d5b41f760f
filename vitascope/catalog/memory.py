"""Every title, held decoded, and brought up to date by change number before each answer.

A catalogue is small (15,000 titles are some tens of megabytes) and read by every request, so each
process keeps it whole and asks the database only for what is newer than the last number it saw:
one indexed query that mostly finds nothing. What this process changed itself it sees at once, what
another one changed within `LOOK_EVERY_S`.

None of it keeps the event loop long: titles are read and decoded in slices, in another thread;
an order is made there when it is first asked for, and from then on a changed title moves alone,
until the order is freed there too.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence

from vitascope.catalog.browsing import Order, let_go
from vitascope.catalog.contract.catalog import Sort
from vitascope.catalog.contract.title import Asset, Title, TitleState
from vitascope.catalog.counting import GenreCounts
from vitascope.catalog.partner_titles import PartnerTitles
from vitascope.catalog.store import TitleStore
from vitascope.catalog.titles import contents
from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import ContentId, TitleId
from vitascope.kernel.ordered import Ordered
from vitascope.kernel.scope import Rights, Scope

LOOK_EVERY_S = 0.1
SLICE = 200  # titles read and decoded at once
AT_ONCE = 24
"""Titles taken between two turns of the event loop; fewer the more orders they move in, for one
takes 0.5 ms in twelve."""
ORDERS = 12
"""Orders kept at most. There is one by name for each language that titles have words in."""


class CatalogMemory:
    def __init__(self, store: TitleStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._turn = asyncio.Lock()  # titles and orders change in it alone
        self._last = 0
        self._changes = 0
        self._current_until = float("-inf")
        self.titles: dict[TitleId, Title] = {}
        self.rights: dict[TitleId, Rights] = {}  # equal ones are the same object
        self.ids: Ordered[TitleId] = Ordered()
        self.partners = PartnerTitles(self.titles)
        self._genres = GenreCounts()
        self._title_of: dict[ContentId, TitleId] = {}
        self._locales: Counter[str] = Counter()
        self._orders: dict[tuple[Sort, str], Order] = {}

    async def refresh(self) -> "CatalogMemory":
        if self._clock.monotonic() < self._current_until:
            return self
        async with self._turn:
            now, changes = self._clock.monotonic(), self._changes
            if now < self._current_until:
                return self
            await self._catch_up()
            if changes == self._changes:  # else this read may have begun before the change
                self._current_until = now + LOOK_EVERY_S
        return self

    def outdated(self) -> None:
        """Look again before the next answer: this process has changed a title."""
        self._changes += 1
        self._current_until = float("-inf")

    async def assets(self, content_ids: Sequence[ContentId]) -> dict[ContentId, Asset]:
        """Returns the version each content points at, read now; contents without one are left
        out."""
        return await self._store.assets(content_ids)

    async def prepared(self, content_ids: Sequence[ContentId]) -> dict[ContentId, Asset]:
        """Returns the versions that wait to be published, read now; contents without one are left
        out."""
        return await self._store.prepared(content_ids)

    def of_content(self, content_id: ContentId) -> Title | None:
        title_id = self._title_of.get(content_id)
        return self.titles.get(title_id) if title_id else None

    async def order(self, sort: Sort, locale: str) -> Order:
        key = (sort, self._words(locale) if sort is Sort.NAME else "")
        async with self._turn:
            order = self._orders.pop(key, None)
            if order is None:
                titles = list(self.titles.values())
                order = await asyncio.to_thread(Order, *key, titles)
                while len(self._orders) >= ORDERS:
                    dropped = self._orders.pop(next(iter(self._orders)))
                    await asyncio.to_thread(let_go, [dropped])
            self._orders[key] = order  # asked for last, dropped last
            return order

    async def genre_counts(self, scope: Scope) -> Counter[str]:
        """Returns how many titles of each genre lie in `scope`."""
        async with self._turn:
            kept = self._genres.kept(scope)
            if kept is None:
                kept = await asyncio.to_thread(self._genres.count, scope)
            return kept

    def _words(self, locale: str) -> str:
        """Returns the locale whose words a viewer with `locale` reads; empty for each title's
        first."""
        return next((each for each in (locale, locale.split("-")[0]) if self._locales[each]), "")

    async def _catch_up(self) -> None:
        more = True
        while more:
            last, changed = await self._store.changed(self._last, SLICE)
            more = len(changed) == SLICE
            if more:  # many: to make the orders anew costs less
                dropped, self._orders = list(self._orders.values()), {}
                await asyncio.to_thread(let_go, dropped)
            at_once = max(1, AT_ONCE // (len(self._orders) + 1))
            for first in range(0, len(changed), at_once):
                for title in changed[first : first + at_once]:
                    self._take(title)
                await asyncio.sleep(0)
            self._last = last

    def _take(self, title: Title) -> None:
        old = self.titles.get(title.id)
        if old is not None:
            self._forget(old)
        if title.state is TitleState.DELETED:
            self._drop(title.id)
            return
        if old is None:
            self.ids.add(title.id)
        for content_id in _named(title):
            self._title_of[content_id] = title.id
        self.partners.put(title)
        self._locales.update(words.locale for words in title.wordings)
        self.titles[title.id] = title
        self.rights[title.id] = self._genres.put(title)
        for order in self._orders.values():
            order.put(title)

    def _drop(self, title_id: TitleId) -> None:
        if self.titles.pop(title_id, None) is not None:
            self.ids.discard(title_id)
            del self.rights[title_id]

    def _forget(self, old: Title) -> None:
        for content_id in _named(old):
            self._title_of.pop(content_id, None)
        self.partners.drop(old)
        self._locales.subtract(words.locale for words in old.wordings)
        self._genres.drop(old)
        for order in self._orders.values():
            order.drop(old)


def _named(title: Title) -> list[ContentId]:
    """Returns what a report may name: the contents, and for a series its own id and all
    episodes'."""
    return [ContentId(title.id), *contents(title), *(ContentId(e.id) for e in title.episodes)]
