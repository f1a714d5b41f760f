"""Positions in a shared cache, in front of any store of viewing: what pressing play asks for.

They are written through: once a report is kept, its position is removed from the cache and loaded
anew from the store. So the cache never has what an older of two writers brought, and a load that
began before the report was kept is not stored either. Only single contents are cached; a list of
episodes is one question to the store.

For a cache that all processes share: in a cache of its own, a process would not see what the others
record.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress

import msgspec

from vitascope.engines.cache import POSITIONS, Cache, begin_generation, current_generation
from vitascope.kernel.events import Event
from vitascope.kernel.ids import ContentId, ProfileId, TitleId
from vitascope.viewing.contract import ListItem, Progress, Thumb
from vitascope.viewing.storage import News, ViewingStore


class _Position(msgspec.Struct, frozen=True):
    report: Progress | None  # None: the store has none, and need not be asked again


class CachedPositions:
    """Implements `ViewingStore` over another."""

    def __init__(self, store: ViewingStore, cache: Cache) -> None:
        self._store = store
        self._cache = cache

    async def record(self, reports: Sequence[Progress], news: News) -> None:
        try:
            await self._store.record(reports, news)
        finally:  # also when the caller gave up: the store may have kept it
            keys = {(report.profile_id, report.content_id) for report in reports}
            await asyncio.shield(self._write_through(keys))

    async def positions(
        self, profile_id: ProfileId, content_ids: Sequence[ContentId]
    ) -> list[Progress]:
        if len(content_ids) != 1:
            return await self._store.positions(profile_id, content_ids)
        report = await self._position(profile_id, content_ids[0])
        return [] if report is None else [report]

    async def recent(self, profile_id: ProfileId, limit: int) -> list[Progress]:
        return await self._store.recent(profile_id, limit)

    async def watched(
        self, profile_id: ProfileId, before: tuple[int, str] | None, limit: int
    ) -> list[Progress]:
        return await self._store.watched(profile_id, before, limit)

    async def remove_from_history(
        self, profile_id: ProfileId, title_id: TitleId, at_ms: int, news: Sequence[Event]
    ) -> None:
        try:
            await self._store.remove_from_history(profile_id, title_id, at_ms, news)
        finally:
            await asyncio.shield(begin_generation(self._cache, _history(profile_id)))

    async def listed(self, profile_id: ProfileId, limit: int) -> list[ListItem]:
        return await self._store.listed(profile_id, limit)

    async def on_list(
        self, profile_id: ProfileId, title_ids: Sequence[TitleId]
    ) -> frozenset[TitleId]:
        return await self._store.on_list(profile_id, title_ids)

    async def add_to_list(
        self, profile_id: ProfileId, item: ListItem, news: Sequence[Event]
    ) -> None:
        await self._store.add_to_list(profile_id, item, news)

    async def remove_from_list(
        self, profile_id: ProfileId, title_id: TitleId, news: Sequence[Event]
    ) -> None:
        await self._store.remove_from_list(profile_id, title_id, news)

    async def thumbs(
        self, profile_id: ProfileId, title_ids: Sequence[TitleId]
    ) -> dict[TitleId, Thumb]:
        return await self._store.thumbs(profile_id, title_ids)

    async def all_thumbs(
        self, profile_id: ProfileId, after: TitleId | None, limit: int
    ) -> dict[TitleId, Thumb]:
        return await self._store.all_thumbs(profile_id, after, limit)

    async def set_thumb(
        self,
        profile_id: ProfileId,
        title_id: TitleId,
        thumb: Thumb | None,
        news: Sequence[Event],
    ) -> None:
        await self._store.set_thumb(profile_id, title_id, thumb, news)

    async def forget_profile(self, profile_id: ProfileId) -> None:
        try:
            await self._store.forget_profile(profile_id)
        finally:
            await asyncio.shield(begin_generation(self._cache, _history(profile_id)))

    async def _position(self, profile_id: ProfileId, content_id: ContentId) -> Progress | None:
        async def load() -> _Position:
            found = await self._store.positions(profile_id, [content_id])
            return _Position(found[0] if found else None)

        key = await self._key(profile_id, content_id)
        known = await self._cache.get_or_load(key, load, returns=_Position, tier=POSITIONS)
        return known.report

    async def _write_through(self, keys: Iterable[tuple[ProfileId, ContentId]]) -> None:
        for profile_id, content_id in keys:
            await self._cache.forget(await self._key(profile_id, content_id), tier=POSITIONS)
            with suppress(Exception):  # the cache logged it; who asks next loads it
                await self._position(profile_id, content_id)

    async def _key(self, profile_id: ProfileId, content_id: ContentId) -> str:
        generation = await current_generation(self._cache, _history(profile_id))
        return f"{profile_id}:{generation}:{content_id}"


def _history(profile_id: ProfileId) -> str:
    """Returns the generation that a removal from history begins."""
    return f"history:{profile_id}"
