"""What each profile watched, listed and thought of it: the rules, over any store."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from vitascope.kernel.clock import Clock
from vitascope.kernel.events import Event
from vitascope.kernel.ids import ContentId, ProfileId, TitleId
from vitascope.kernel.pages import page_token as token_of
from vitascope.kernel.pages import place_of as place_in
from vitascope.viewing.contract import (
    LONGEST_LIST,
    HistoryRemoved,
    ListChanged,
    ListFull,
    ListItem,
    Progress,
    Thumb,
    ThumbGiven,
    TitleFinished,
    TitleWatched,
)
from vitascope.viewing.reports import last_of_each
from vitascope.viewing.storage import ViewingStore

_Moment = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]
_AT_ONCE = 200  # reports that are read to be removed


class StoredViewing:
    """Implements `Viewing`."""

    def __init__(self, *, store: ViewingStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    # -- progress and history

    async def record(self, progress: Sequence[Progress]) -> None:
        reports = last_of_each(progress)
        if reports:
            await self._store.record(reports, news_of)

    async def positions(
        self, profile_id: ProfileId, content_ids: Sequence[ContentId]
    ) -> dict[ContentId, Progress]:
        found = await self._store.positions(profile_id, content_ids)
        return {report.content_id: report for report in found}

    async def recent(self, profile_id: ProfileId, *, limit: int = 60) -> list[Progress]:
        return await self._store.recent(profile_id, limit)

    async def history(
        self, profile_id: ProfileId, *, page_token: str | None = None, limit: int = 50
    ) -> tuple[list[Progress], str | None]:
        before = place_in(page_token, tuple[_Moment, str]) if page_token is not None else None
        found = await self._store.watched(profile_id, before, limit + 1)
        page = found[:limit]
        more = token_of((page[-1].at_ms, page[-1].content_id)) if len(found) > limit else None
        return page, more

    async def forget(self, profile_id: ProfileId, title_id: TitleId) -> None:
        removed = HistoryRemoved(profile_id=profile_id, title_id=title_id)
        now = self._clock.now_ms()
        await self._store.remove_from_history(profile_id, title_id, now, [removed])

    async def clear_history(self, profile_id: ProfileId) -> None:
        now = self._clock.now_ms()
        while watched := await self._store.watched(profile_id, None, _AT_ONCE):
            for title_id in dict.fromkeys(report.title_id for report in watched):
                removed = HistoryRemoved(profile_id=profile_id, title_id=title_id)
                await self._store.remove_from_history(profile_id, title_id, now, [removed])

    # -- my list and thumbs

    async def my_list(self, profile_id: ProfileId, *, limit: int = LONGEST_LIST) -> list[ListItem]:
        return await self._store.listed(profile_id, limit)

    async def on_list(
        self, profile_id: ProfileId, title_ids: Sequence[TitleId]
    ) -> frozenset[TitleId]:
        return await self._store.on_list(profile_id, title_ids)

    async def add_to_list(self, profile_id: ProfileId, title_id: TitleId) -> None:
        listed = [item.title_id for item in await self._store.listed(profile_id, LONGEST_LIST)]
        if len(listed) == LONGEST_LIST and title_id not in listed:
            raise ListFull(f"Your list has {LONGEST_LIST} titles. Take one off it first.")
        item = ListItem(title_id=title_id, added_at_ms=self._clock.now_ms())
        changed = ListChanged(profile_id=profile_id, title_id=title_id, listed=True)
        await self._store.add_to_list(profile_id, item, [changed])

    async def remove_from_list(self, profile_id: ProfileId, title_id: TitleId) -> None:
        changed = ListChanged(profile_id=profile_id, title_id=title_id, listed=False)
        await self._store.remove_from_list(profile_id, title_id, [changed])

    async def thumbs(
        self, profile_id: ProfileId, title_ids: Sequence[TitleId]
    ) -> dict[TitleId, Thumb]:
        return await self._store.thumbs(profile_id, title_ids)

    async def all_thumbs(
        self, profile_id: ProfileId, *, after: TitleId | None = None, limit: int = 500
    ) -> dict[TitleId, Thumb]:
        return await self._store.all_thumbs(profile_id, after, limit)

    async def give_thumb(
        self, profile_id: ProfileId, title_id: TitleId, thumb: Thumb | None
    ) -> None:
        given = ThumbGiven(profile_id=profile_id, title_id=title_id, thumb=thumb)
        await self._store.set_thumb(profile_id, title_id, thumb, [given])

    async def forget_profile(self, profile_id: ProfileId) -> None:
        await self._store.forget_profile(profile_id)


def news_of(report: Progress, old: Progress | None) -> list[Event]:
    """Returns what a report says that the one before it did not. Most say nothing new."""
    profile_id, title_id, content_id = report.profile_id, report.title_id, report.content_id
    news: list[Event] = []
    if old is None or _quarter(report) != _quarter(old):
        news.append(
            TitleWatched(
                profile_id=profile_id, title_id=title_id, content_id=content_id, share=report.share
            )
        )
    if report.finished and not (old and old.finished):
        news.append(TitleFinished(profile_id=profile_id, title_id=title_id, content_id=content_id))
    return news


def _quarter(report: Progress) -> int:
    return int(report.share * 4)
