"""The catalogue as partners and publishing change it: every title, whole."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from vitascope.catalog import cards, pictures, store, titles
from vitascope.catalog.contract.catalog import Playable
from vitascope.catalog.contract.errors import NoSuchTitle, NotADraft, NotYetPlayable, NotYours
from vitascope.catalog.contract.events import (
    EpisodeRemoved,
    TitleChanged,
    TitleDeleted,
    TitlePublished,
    TitleTakenDown,
)
from vitascope.catalog.contract.title import Artwork, Asset, Title, TitleState
from vitascope.catalog.contract.title_records import Preview, RecordsPage, Saved, TitleFilter
from vitascope.catalog.genres import GENRES
from vitascope.catalog.memory import CatalogMemory
from vitascope.engines.blobs import Blobs
from vitascope.engines.bus import Outbox
from vitascope.engines.rows import Connection, Rows
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid
from vitascope.kernel.events import Event
from vitascope.kernel.ids import AccountId, ContentId, EpisodeId, TitleId

LARGEST_PAGE = 100
_AT_ONCE = 100  # titles checked between two turns of the event loop

T = TypeVar("T")


class RowsTitleRecords:
    """Implements `TitleRecords`. `memory` is told of every change, and shared with `RowsCatalog`
    where both are in one process."""

    def __init__(
        self, *, rows: Rows, memory: CatalogMemory, outbox: Outbox, blobs: Blobs, clock: Clock
    ) -> None:
        self._rows = rows
        self._memory = memory
        self._outbox = outbox
        self._blobs = blobs
        self._clock = clock

    async def titles(self, title_ids: Sequence[TitleId]) -> list[Title]:
        memory = await self._memory.refresh()
        return [memory.titles[each] for each in title_ids if each in memory.titles]

    async def all_titles(self, *, after: TitleId | None = None, limit: int = 500) -> list[Title]:
        memory = await self._memory.refresh()
        following = iter(memory.ids) if after is None else memory.ids.after(after)
        return [memory.titles[each] for each in itertools.islice(following, limit)]

    async def titles_of(
        self,
        partner_id: AccountId | None,
        wanted: TitleFilter = TitleFilter(),  # noqa: B008 - it is frozen
        *,
        page_token: str | None = None,
        limit: int = 40,
    ) -> RecordsPage:
        if not 1 <= limit <= LARGEST_PAGE or len(wanted.ids) > LARGEST_PAGE:
            raise Invalid(f"Ask for between 1 and {LARGEST_PAGE} titles.")
        memory = await self._memory.refresh()
        return await memory.partners.page(partner_id, wanted, page_token, limit)

    async def genre_names(self) -> dict[str, dict[str, str]]:
        return GENRES

    async def save(self, title: Title) -> Title:
        titles.check(title)

        def work(connection: Connection) -> Title:
            old = store.find(connection, title.id)
            saved = titles.edited(title, old, self._clock.now_ms())
            if saved != old:
                store.put(connection, saved)
                self._outbox.put(connection, *_news_of_edit(saved, old))
            return saved

        return await self._written(work)

    async def save_all(self, given: Sequence[Title]) -> Saved:
        for n, title in enumerate(given, 1):
            titles.check(title)
            if n % _AT_ONCE == 0:
                await asyncio.sleep(0)

        def work(connection: Connection) -> Saved:
            known = store.find_all(connection, [title.id for title in given])
            now = self._clock.now_ms()
            whole = [titles.edited(title, known.get(title.id), now) for title in given]
            for title in whole:
                if title.id in known and known[title.id].partner_id != title.partner_id:
                    raise NotYours(f"{title.id} is the title of another partner.")
            changed = [title for title in whole if title != known.get(title.id)]
            store.put_all(connection, changed)
            for title in changed:
                self._outbox.put(connection, *_news_of_edit(title, known.get(title.id)))
            added = sum(title.id not in known for title in changed)
            return Saved(
                added=added, changed=len(changed) - added, unchanged=len(whole) - len(changed)
            )

        return await self._written(work)

    async def set_artwork(
        self, title_id: TitleId, artwork: Artwork, *, episode_id: EpisodeId | None = None
    ) -> None:
        await self._change(title_id, lambda title: titles.drawn(title, artwork, episode_id))

    async def illustrate(self, title_id: TitleId, content_id: ContentId, taken: Artwork) -> None:
        def with_pictures(title: Title) -> Title:
            _check_content(title, content_id)
            return titles.illustrated(title, taken, content_id)

        await self._change(title_id, with_pictures)

    async def _change(self, title_id: TitleId, changed: Callable[[Title], Title]) -> None:
        def work(connection: Connection) -> None:
            title = self._known(connection, title_id)
            if changed(title) != title:
                store.put(connection, changed(title))
                self._outbox.put(connection, TitleChanged(title_id=title_id))

        await self._written(work)

    async def keep_picture(self, content: bytes, suffix: str) -> str:
        return await pictures.keep(self._blobs, content, suffix)

    async def publish(
        self, title_id: TitleId, asset: Asset, *, instead_of: str | None = None
    ) -> bool:
        def work(connection: Connection) -> bool:
            title = self._known(connection, title_id)
            _check_content(title, asset.content_id)
            there = store.pointer(connection, asset.content_id)
            if there == (asset.id, asset.version):
                return True
            if instead_of is not None and instead_of != (there[1] if there else ""):
                return False
            now = self._clock.now_ms()
            store.flip(connection, title_id, asset, now)
            store.put(connection, titles.published(title, asset, now))
            self._outbox.put(connection, _news_of(title_id, asset))
            return True

        return await self._written(work)

    async def take_down(self, title_id: TitleId) -> None:
        def work(connection: Connection) -> None:
            title = self._known(connection, title_id)
            if title.state is not TitleState.TAKEN_DOWN:
                gone = msgspec.structs.replace(title, state=TitleState.TAKEN_DOWN)
                store.put(connection, gone)
                self._outbox.put(connection, TitleTakenDown(title_id=title_id))

        await self._written(work)

    async def restore(self, title_id: TitleId) -> None:
        def back(title: Title) -> Title:
            if title.state is not TitleState.TAKEN_DOWN:
                return title
            state = TitleState.PUBLISHED if title.playable else TitleState.DRAFT
            return msgspec.structs.replace(title, state=state)

        await self._change(title_id, back)

    async def delete(self, title_id: TitleId) -> None:
        def work(connection: Connection) -> None:
            title = self._known(connection, title_id)
            if title.state is not TitleState.DRAFT or title.playable or title.published_at_ms:
                raise NotADraft("Only a draft can be deleted. Take the title down instead.")
            gone = msgspec.structs.replace(title, state=TitleState.DELETED)
            store.put(connection, gone)
            self._outbox.put(
                connection, TitleTakenDown(title_id=title_id), TitleDeleted(title_id=title_id)
            )

        await self._written(work)

    async def prepare(
        self, title_id: TitleId, asset: Asset, *, instead_of: str | None = None
    ) -> bool:
        def work(connection: Connection) -> bool:
            title = self._known(connection, title_id)
            _check_content(title, asset.content_id)
            return store.prepare(connection, title_id, asset, self._clock.now_ms(), instead_of)

        return await self._written(work)

    async def prepared(self, content_id: ContentId) -> Asset | None:
        return (await self._memory.prepared([content_id])).get(content_id)

    async def preview(self, title_id: TitleId, locale: str) -> Preview:
        title = await self._there(title_id)
        assets = await self._previewed(titles.contents(title))
        return Preview(page=cards.page(title, locale, assets), contents=tuple(assets))

    async def previewed(self, title_id: TitleId, content_id: ContentId, locale: str) -> Playable:
        title = await self._there(title_id)
        _check_content(title, content_id)
        asset = (await self._previewed([content_id])).get(content_id)
        if asset is None:
            raise NotYetPlayable("No version of it is ready yet.")
        name = cards.playing_name(title, content_id, locale)
        return Playable(title_id=title_id, content_id=content_id, name=name, asset=asset)

    async def _previewed(self, contents: Sequence[ContentId]) -> dict[ContentId, Asset]:
        live = await self._memory.assets(contents)
        return live | await self._memory.prepared(contents)

    async def _there(self, title_id: TitleId) -> Title:
        found = (await self._memory.refresh()).titles.get(title_id)
        if found is None:
            raise NoSuchTitle(f"There is no title {title_id}.")
        return found

    async def asset(self, content_id: ContentId) -> Asset | None:
        return (await self._memory.assets([content_id])).get(content_id)

    async def _written(self, work: Callable[[Connection], T]) -> T:
        """Commit, and let the next answer of this process know of it."""
        try:
            return await self._rows.write(work)
        finally:
            self._memory.outdated()

    def _known(self, connection: Connection, title_id: TitleId) -> Title:
        title = store.find(connection, title_id)
        if title is None:
            raise NoSuchTitle(f"There is no title {title_id}.")
        return title


def _check_content(title: Title, content_id: ContentId) -> None:
    """Raises `NoSuchTitle`."""
    if content_id not in titles.contents(title):
        raise NoSuchTitle(f"{title.id} has no content called {content_id}.")


def _news_of_edit(title: Title, old: Title | None) -> list[Event]:
    gone = set(titles.contents(old)) - set(titles.contents(title)) if old else set()
    removed = [EpisodeRemoved(title_id=title.id, content_id=one) for one in sorted(gone)]
    return [TitleChanged(title_id=title.id), *removed]


def _news_of(title_id: TitleId, asset: Asset) -> TitlePublished:
    return TitlePublished(
        title_id=title_id,
        content_id=asset.content_id,
        asset_id=asset.id,
        version=asset.version,
        prefix=asset.prefix,
        partial=asset.partial,
    )
