"""The catalogue: what viewers may see of it, and what partners and publishing change in it."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from vitascope.catalog import cards, pictures, store, titles
from vitascope.catalog.browsing import browse
from vitascope.catalog.contract import (
    Artwork,
    Asset,
    CardPage,
    EpisodeCard,
    Genre,
    NoSuchTitle,
    NotYetPlayable,
    Playable,
    Title,
    TitleCard,
    TitleChanged,
    TitleKind,
    TitlePage,
    TitlePublished,
    TitleState,
    TitleTakenDown,
)
from vitascope.catalog.genres import GENRES, genre_name
from vitascope.catalog.memory import CatalogMemory
from vitascope.engines.blobs import Blobs
from vitascope.engines.bus import Outbox
from vitascope.engines.rows import Connection, Rows
from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import AccountId, ContentId, EpisodeId, TitleId
from vitascope.kernel.scope import Scope
from vitascope.kernel.viewer import Viewer

T = TypeVar("T")


class CatalogShelf:
    """Implements `Catalog`."""

    def __init__(self, *, rows: Rows, outbox: Outbox, blobs: Blobs, clock: Clock) -> None:
        self._rows = rows
        self._outbox = outbox
        self._blobs = blobs
        self._clock = clock
        self._store = store.TitleStore(rows)
        self._memory = CatalogMemory(self._store, clock)

    # -- viewers

    async def cards(self, title_ids: Sequence[TitleId], viewer: Viewer) -> list[TitleCard]:
        memory, scope = await self._memory.refresh(), self._scope(viewer)
        found = [memory.titles[each] for each in title_ids if each in memory.titles]
        return [cards.card(t, viewer.locale) for t in found if scope.holds(t.rights)]

    async def page(self, title_id: TitleId, viewer: Viewer) -> TitlePage:
        title = self._shown(await self._memory.refresh(), ContentId(title_id), viewer)
        assets = await self._store.assets(titles.contents(title))
        return cards.page(title, viewer.locale, assets)

    async def playable(self, content_id: ContentId, viewer: Viewer) -> Playable:
        memory = await self._memory.refresh()
        title = self._shown(memory, content_id, viewer)
        asset = (await self._store.assets([content_id])).get(content_id)
        if asset is None:
            raise NotYetPlayable(
                f"{title.wording(viewer.locale).name} is announced, and on its way."
            )
        return Playable(
            title_id=title.id,
            content_id=content_id,
            name=cards.playing_name(title, content_id, viewer.locale),
            asset=asset,
            next_content_id=_next_episode(title, content_id),
        )

    async def contents(
        self, content_ids: Sequence[ContentId], viewer: Viewer
    ) -> dict[ContentId, tuple[TitleCard, EpisodeCard | None]]:
        memory, scope = await self._memory.refresh(), self._scope(viewer)
        found: dict[ContentId, tuple[TitleCard, EpisodeCard | None]] = {}
        for content_id in content_ids:
            title = memory.of_content(content_id)
            if title is not None and scope.holds(title.rights):
                episode = next((e for e in title.episodes if ContentId(e.id) == content_id), None)
                shown = cards.episode_card(episode, viewer.locale) if episode else None
                found[content_id] = cards.card(title, viewer.locale), shown
        return found

    async def next_episodes(
        self, content_ids: Sequence[ContentId], viewer: Viewer
    ) -> dict[ContentId, ContentId]:
        memory, scope = await self._memory.refresh(), self._scope(viewer)
        following: dict[ContentId, ContentId] = {}
        for content_id in content_ids:
            title = memory.of_content(content_id)
            after = _next_episode(title, content_id) if title else None
            if title is not None and after is not None and scope.holds(title.rights):
                following[content_id] = after
        return following

    async def genres(self, viewer: Viewer) -> list[Genre]:
        counted = Counter(slug for title in await self._visible(viewer) for slug in title.genres)
        named = [
            Genre(slug=slug, name=genre_name(slug, viewer.locale), titles=count)
            for slug, count in counted.items()
        ]
        return sorted(named, key=lambda genre: (-genre.titles, genre.name))

    async def genre_names(self) -> dict[str, dict[str, str]]:
        return GENRES

    async def browse(
        self,
        viewer: Viewer,
        *,
        genre: str | None = None,
        kind: TitleKind | None = None,
        sort: str = "new",
        page_token: str | None = None,
        limit: int = 40,
    ) -> CardPage:
        return browse(
            await self._visible(viewer),
            viewer.locale,
            genre=genre,
            kind=kind,
            sort=sort,
            token=page_token,
            limit=limit,
        )

    async def visible(self, viewer: Viewer) -> list[TitleId]:
        return [title.id for title in await self._visible(viewer)]

    async def _visible(self, viewer: Viewer) -> list[Title]:
        memory, scope = await self._memory.refresh(), self._scope(viewer)
        return [title for title in memory.newest() if scope.holds(title.rights)]

    def _scope(self, viewer: Viewer) -> Scope:
        return Scope.of(viewer, self._clock.now_ms())

    def _shown(self, memory: CatalogMemory, content_id: ContentId, viewer: Viewer) -> Title:
        title = memory.of_content(content_id)
        if title is None or not self._scope(viewer).holds(title.rights):
            raise NoSuchTitle("There is no such title here.")
        return title

    # -- partners, publishing, and those who index

    async def titles(self, title_ids: Sequence[TitleId]) -> list[Title]:
        memory = await self._memory.refresh()
        return [memory.titles[each] for each in title_ids if each in memory.titles]

    async def all_titles(self, *, after: TitleId | None = None, limit: int = 500) -> list[Title]:
        memory = await self._memory.refresh()
        later = [each for each in memory.ids if after is None or each > after]
        return [memory.titles[each] for each in later[:limit]]

    async def titles_of(self, partner_id: AccountId) -> list[Title]:
        newest = (await self._memory.refresh()).newest()
        return [title for title in newest if title.partner_id == partner_id]

    async def save(self, title: Title) -> Title:
        titles.check(title)

        def work(connection: Connection) -> Title:
            old = store.find(connection, title.id)
            saved = titles.edited(title, old, self._clock.now_ms())
            if saved != old:
                store.put(connection, saved)
                self._outbox.put(connection, TitleChanged(title_id=title.id))
            return saved

        return await self._written(work)

    async def set_artwork(
        self, title_id: TitleId, artwork: Artwork, *, episode_id: EpisodeId | None = None
    ) -> None:
        await self._shown_as(title_id, lambda title: titles.drawn(title, artwork, episode_id))

    async def illustrate(self, title_id: TitleId, content_id: ContentId, taken: Artwork) -> None:
        def with_pictures(title: Title) -> Title:
            if content_id not in titles.contents(title):
                raise NoSuchTitle(f"{title_id} has no content called {content_id}.")
            return titles.illustrated(title, taken, content_id)

        await self._shown_as(title_id, with_pictures)

    async def _shown_as(self, title_id: TitleId, drawn: Callable[[Title], Title]) -> None:
        def work(connection: Connection) -> None:
            title = self._known(connection, title_id)
            if drawn(title) != title:
                store.put(connection, drawn(title))
                self._outbox.put(connection, TitleChanged(title_id=title_id))

        await self._written(work)

    async def keep_picture(self, content: bytes, suffix: str) -> str:
        return await pictures.keep(self._blobs, content, suffix)

    async def publish(self, title_id: TitleId, asset: Asset) -> None:
        def work(connection: Connection) -> None:
            title = self._known(connection, title_id)
            if asset.content_id not in titles.contents(title):
                raise NoSuchTitle(f"{title_id} has no content called {asset.content_id}.")
            if store.points_at(connection, asset):
                return
            now = self._clock.now_ms()
            store.flip(connection, title_id, asset, now)
            store.put(connection, titles.published(title, asset, now))
            self._outbox.put(connection, _news_of(title_id, asset))

        await self._written(work)

    async def take_down(self, title_id: TitleId) -> None:
        def work(connection: Connection) -> None:
            title = self._known(connection, title_id)
            if title.state is not TitleState.TAKEN_DOWN:
                gone = msgspec.structs.replace(title, state=TitleState.TAKEN_DOWN)
                store.put(connection, gone)
                self._outbox.put(connection, TitleTakenDown(title_id=title_id))

        await self._written(work)

    async def asset(self, content_id: ContentId) -> Asset | None:
        return (await self._store.assets([content_id])).get(content_id)

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


def _next_episode(title: Title, content_id: ContentId) -> ContentId | None:
    """The playable episode that comes after this one, across seasons."""
    ordered = title.episodes
    places = [i for i, episode in enumerate(ordered) if ContentId(episode.id) == content_id]
    later = ordered[places[0] + 1 :] if places else []
    return next((ContentId(episode.id) for episode in later if episode.playable), None)


def _news_of(title_id: TitleId, asset: Asset) -> TitlePublished:
    return TitlePublished(
        title_id=title_id,
        content_id=asset.content_id,
        asset_id=asset.id,
        version=asset.version,
        prefix=asset.prefix,
        partial=asset.partial,
    )
