"""What each profile watched, listed and thought of it."""

from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec

from vitascope.engines.bus import Outbox
from vitascope.engines.rows import Connection, Rows
from vitascope.kernel.clock import Clock
from vitascope.kernel.events import Event
from vitascope.kernel.ids import ContentId, ProfileId, TitleId
from vitascope.kernel.pages import page_token as token_of
from vitascope.kernel.pages import place_of
from vitascope.viewing import store
from vitascope.viewing.contract import (
    HistoryRemoved,
    ListChanged,
    ListItem,
    Progress,
    Thumb,
    ThumbGiven,
    TitleFinished,
    TitleWatched,
)

_Moment = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


class ViewingDiary:
    """Implements `Viewing`."""

    def __init__(self, *, rows: Rows, outbox: Outbox, clock: Clock) -> None:
        self._rows = rows
        self._outbox = outbox
        self._clock = clock

    # -- progress and history

    async def record(self, progress: Sequence[Progress]) -> None:
        reports = store.last_of_each(progress)
        if not reports:
            return

        def work(connection: Connection) -> None:
            wanted = _still_wanted(connection, reports)
            if not wanted:
                return
            before = store.find(connection, [(r.profile_id, r.content_id) for r in wanted])
            old = {(report.profile_id, report.content_id): report for report in before}
            kept = store.write(connection, wanted)
            for report in wanted:
                key = report.profile_id, report.content_id
                if key in kept:
                    self._outbox.put(connection, *_news_of(report, old.get(key)))

        await self._rows.write(work)

    async def positions(
        self, profile_id: ProfileId, content_ids: Sequence[ContentId]
    ) -> dict[ContentId, Progress]:
        keys = [(profile_id, content_id) for content_id in content_ids]
        found = await self._rows.read(lambda connection: store.find(connection, keys))
        return {report.content_id: report for report in found}

    async def recent(self, profile_id: ProfileId, *, limit: int = 60) -> list[Progress]:
        return await self._rows.read(lambda connection: store.recent(connection, profile_id, limit))

    async def history(
        self, profile_id: ProfileId, *, page_token: str | None = None, limit: int = 50
    ) -> tuple[list[Progress], str | None]:
        before = place_of(page_token, tuple[_Moment, str]) if page_token is not None else None
        found = await self._rows.read(
            lambda connection: store.watched(connection, profile_id, before, limit + 1)
        )
        page = found[:limit]
        more = token_of((page[-1].at_ms, page[-1].content_id)) if len(found) > limit else None
        return page, more

    async def forget(self, profile_id: ProfileId, title_id: TitleId) -> None:
        now = self._clock.now_ms()
        removed = HistoryRemoved(profile_id=profile_id, title_id=title_id)

        def work(connection: Connection) -> None:
            store.bury(connection, profile_id, title_id, now)
            self._outbox.put(connection, removed)

        await self._rows.write(work)

    # -- my list and thumbs

    async def my_list(self, profile_id: ProfileId) -> list[ListItem]:
        return await self._rows.read(lambda connection: store.listed(connection, profile_id))

    async def add_to_list(self, profile_id: ProfileId, title_id: TitleId) -> None:
        now = self._clock.now_ms()
        await self._announced(
            lambda connection: store.put_on_list(connection, profile_id, title_id, now),
            ListChanged(profile_id=profile_id, title_id=title_id, listed=True),
        )

    async def remove_from_list(self, profile_id: ProfileId, title_id: TitleId) -> None:
        await self._announced(
            lambda connection: store.take_off_list(connection, profile_id, title_id),
            ListChanged(profile_id=profile_id, title_id=title_id, listed=False),
        )

    async def thumbs(self, profile_id: ProfileId) -> dict[TitleId, Thumb]:
        return await self._rows.read(lambda connection: store.thumbs_of(connection, profile_id))

    async def give_thumb(
        self, profile_id: ProfileId, title_id: TitleId, thumb: Thumb | None
    ) -> None:
        await self._announced(
            lambda connection: store.set_thumb(connection, profile_id, title_id, thumb),
            ThumbGiven(profile_id=profile_id, title_id=title_id, thumb=thumb),
        )

    async def forget_profile(self, profile_id: ProfileId) -> None:
        await self._rows.write(lambda connection: store.remove_profile(connection, profile_id))

    async def _announced(self, change: Callable[[Connection], bool], news: Event) -> None:
        """Make the change, and tell of it if it changed anything."""

        def work(connection: Connection) -> None:
            if change(connection):
                self._outbox.put(connection, news)

        await self._rows.write(work)


def _news_of(report: Progress, old: Progress | None) -> list[Event]:
    """What a report says that the one before it did not. Most say nothing new."""
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


def _still_wanted(connection: Connection, reports: Sequence[Progress]) -> list[Progress]:
    """Without those of sessions that began before their title was removed from history."""
    keys = sorted({(report.profile_id, report.title_id) for report in reports})
    removed = store.tombstones(connection, keys)
    return [
        report
        for report in reports
        if removed.get((report.profile_id, report.title_id), -1) < report.session_started_at_ms
    ]
