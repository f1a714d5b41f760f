"""A store of viewing in dictionaries: without SQL, rows or transactions, to show that none of them
is assumed by those who use a `ViewingStore`."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from vitascope.kernel.events import Event
from vitascope.kernel.ids import ContentId, ProfileId, TitleId
from vitascope.viewing import ListItem, Progress, Thumb
from vitascope.viewing.reports import place_of, wanted
from vitascope.viewing.storage import News

K = TypeVar("K")
V = TypeVar("V")


class MemoryViewingStore:
    def __init__(self, announce: Callable[[Sequence[Event]], None]) -> None:
        self._announce = announce
        self._reports: dict[tuple[ProfileId, ContentId], Progress] = {}
        self._removed: dict[tuple[ProfileId, TitleId], int] = {}
        self._lists: dict[tuple[ProfileId, TitleId], ListItem] = {}
        self._thumbs: dict[tuple[ProfileId, TitleId], Thumb] = {}

    async def record(self, reports: Sequence[Progress], news: News) -> None:
        for report in reports:
            key = report.profile_id, report.content_id
            before = self._reports.get(key)
            late = before is not None and place_of(report) <= place_of(before)
            if not late and wanted(report, self._removed.get((report.profile_id, report.title_id))):
                self._reports[key] = report
                self._announce(news(report, before))

    async def positions(
        self, profile_id: ProfileId, content_ids: Sequence[ContentId]
    ) -> list[Progress]:
        keys = [(profile_id, content_id) for content_id in content_ids]
        return [self._reports[key] for key in keys if key in self._reports]

    async def recent(self, profile_id: ProfileId, limit: int) -> list[Progress]:
        last: dict[TitleId, Progress] = {}
        for report in await self.watched(profile_id, None, len(self._reports)):
            last.setdefault(report.title_id, report)
        return list(last.values())[:limit]

    async def watched(
        self, profile_id: ProfileId, before: tuple[int, str] | None, limit: int
    ) -> list[Progress]:
        own = [report for (who, _), report in self._reports.items() if who == profile_id]
        own.sort(key=lambda report: (report.at_ms, report.content_id), reverse=True)
        later = [r for r in own if before is None or (r.at_ms, r.content_id) < before]
        return later[:limit]

    async def remove_from_history(
        self, profile_id: ProfileId, title_id: TitleId, at_ms: int, news: Sequence[Event]
    ) -> None:
        key = profile_id, title_id
        self._removed[key] = max(at_ms, self._removed.get(key, at_ms))
        self._reports = {
            place: report
            for place, report in self._reports.items()
            if (report.profile_id, report.title_id) != key
        }
        self._announce(news)

    async def listed(self, profile_id: ProfileId, limit: int) -> list[ListItem]:
        own = [item for (who, _), item in self._lists.items() if who == profile_id]
        own.sort(key=lambda item: (item.added_at_ms, item.title_id), reverse=True)
        return own[:limit]

    async def on_list(
        self, profile_id: ProfileId, title_ids: Sequence[TitleId]
    ) -> frozenset[TitleId]:
        return frozenset(each for each in title_ids if (profile_id, each) in self._lists)

    async def add_to_list(
        self, profile_id: ProfileId, item: ListItem, news: Sequence[Event]
    ) -> None:
        if (profile_id, item.title_id) not in self._lists:
            self._lists[profile_id, item.title_id] = item
            self._announce(news)

    async def remove_from_list(
        self, profile_id: ProfileId, title_id: TitleId, news: Sequence[Event]
    ) -> None:
        if self._lists.pop((profile_id, title_id), None) is not None:
            self._announce(news)

    async def thumbs(
        self, profile_id: ProfileId, title_ids: Sequence[TitleId]
    ) -> dict[TitleId, Thumb]:
        given = {title: self._thumbs.get((profile_id, title)) for title in title_ids}
        return {title: thumb for title, thumb in given.items() if thumb is not None}

    async def all_thumbs(
        self, profile_id: ProfileId, after: TitleId | None, limit: int
    ) -> dict[TitleId, Thumb]:
        own = sorted(title for who, title in self._thumbs if who == profile_id)
        page = [title for title in own if title > (after or "")][:limit]
        return await self.thumbs(profile_id, page)

    async def set_thumb(
        self,
        profile_id: ProfileId,
        title_id: TitleId,
        thumb: Thumb | None,
        news: Sequence[Event],
    ) -> None:
        key = profile_id, title_id
        if self._thumbs.get(key) is thumb:
            return
        if thumb is None:
            del self._thumbs[key]
        else:
            self._thumbs[key] = thumb
        self._announce(news)

    async def forget_profile(self, profile_id: ProfileId) -> None:
        _drop(self._reports, profile_id)
        _drop(self._removed, profile_id)
        _drop(self._lists, profile_id)
        _drop(self._thumbs, profile_id)


def _drop(kept: dict[tuple[ProfileId, K], V], profile_id: ProfileId) -> None:
    for key in [key for key in kept if key[0] == profile_id]:
        del kept[key]
