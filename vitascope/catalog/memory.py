"""Every title, held decoded, and brought up to date by change number before each answer.

A catalogue is small (15,000 titles are some tens of megabytes) and read by every request, so each
process keeps it whole and asks the database only for what is newer than the last number it saw:
one indexed query that mostly finds nothing. What this process changed itself it sees at once, what
another one changed within `LOOK_EVERY_S`.
"""

import bisect

from vitascope.catalog.contract import Title
from vitascope.catalog.store import TitleStore
from vitascope.catalog.titles import contents
from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import ContentId, TitleId

LOOK_EVERY_S = 0.1


class CatalogMemory:
    def __init__(self, store: TitleStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._last = 0
        self._changes = 0
        self._current_until = float("-inf")
        self.titles: dict[TitleId, Title] = {}
        self.ids: list[TitleId] = []  # sorted
        self._title_of: dict[ContentId, TitleId] = {}
        self._newest: list[Title] | None = None

    async def refresh(self) -> "CatalogMemory":
        now = self._clock.monotonic()
        if now < self._current_until:
            return self
        changes = self._changes
        last, changed = await self._store.changed(self._last)
        if last > self._last:
            self._last = last
            for title in changed:
                self._take(title)
        if changes == self._changes:  # else this read may have begun before the change
            self._current_until = now + LOOK_EVERY_S
        return self

    def outdated(self) -> None:
        """This process has changed a title: look again before the next answer."""
        self._changes += 1
        self._current_until = float("-inf")

    def of_content(self, content_id: ContentId) -> Title | None:
        title_id = self._title_of.get(content_id)
        return self.titles.get(title_id) if title_id else None

    def newest(self) -> list[Title]:
        """Those published last come first, then those announced last."""
        if self._newest is None:
            self._newest = sorted(
                self.titles.values(),
                key=lambda t: (t.playable, t.published_at_ms or t.added_at_ms, t.id),
                reverse=True,
            )
        return self._newest

    def _take(self, title: Title) -> None:
        old = self.titles.get(title.id)
        for content_id in _named(old) if old else ():
            self._title_of.pop(content_id, None)
        for content_id in _named(title):
            self._title_of[content_id] = title.id
        if old is None:
            bisect.insort(self.ids, title.id)
        self.titles[title.id] = title
        self._newest = None


def _named(title: Title) -> list[ContentId]:
    """What a report may name: the contents, and for a series its own id and all episodes'."""
    return [ContentId(title.id), *contents(title), *(ContentId(e.id) for e in title.episodes)]
