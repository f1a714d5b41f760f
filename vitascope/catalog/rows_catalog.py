"""What viewers see of the catalogue: every answer is filtered by the viewer's scope."""

from collections.abc import Iterable, Sequence

from vitascope.catalog import cards, titles
from vitascope.catalog.browsing import Place, place_after, token_after
from vitascope.catalog.contract.catalog import (
    CardPage,
    EpisodeCard,
    Genre,
    Introduction,
    Playable,
    Sort,
    TitleCard,
    TitlePage,
)
from vitascope.catalog.contract.errors import NoSuchTitle, NotYetPlayable
from vitascope.catalog.contract.title import Title, TitleKind
from vitascope.catalog.genres import genre_name
from vitascope.catalog.memory import CatalogMemory
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import ContentId, TitleId
from vitascope.kernel.scope import Rights, Scope
from vitascope.kernel.viewer import Viewer

LARGEST_PAGE = 100


class RowsCatalog:
    """Implements `Catalog`."""

    def __init__(self, *, memory: CatalogMemory, clock: Clock) -> None:
        self._memory = memory
        self._clock = clock

    async def cards(self, title_ids: Sequence[TitleId], viewer: Viewer) -> list[TitleCard]:
        return [cards.card(title, viewer.locale) for title in await self._seen(title_ids, viewer)]

    async def introductions(
        self, title_ids: Sequence[TitleId], viewer: Viewer
    ) -> list[Introduction]:
        seen = await self._seen(title_ids, viewer)
        return [cards.introduction(title, viewer.locale) for title in seen]

    async def _seen(self, title_ids: Sequence[TitleId], viewer: Viewer) -> list[Title]:
        """Returns those that the viewer may see, in the order asked for."""
        memory, scope = await self._memory.refresh(), self._scope(viewer)
        held: dict[int, bool] = {}
        known = [each for each in title_ids if each in memory.titles]
        return [memory.titles[each] for each in known if _holds(scope, memory.rights[each], held)]

    async def page(self, title_id: TitleId, viewer: Viewer) -> TitlePage:
        memory = await self._memory.refresh()
        title = self._shown(memory, ContentId(title_id), viewer)
        assets = await memory.assets(titles.contents(title))
        return cards.page(title, viewer.locale, assets)

    async def playable(self, content_id: ContentId, viewer: Viewer) -> Playable:
        memory = await self._memory.refresh()
        title = self._shown(memory, content_id, viewer)
        asset = (await memory.assets([content_id])).get(content_id)
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
            until_ms=_finite(self._scope(viewer).held_until(title.rights)),
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
        memory = await self._memory.refresh()
        counted = await memory.genre_counts(self._scope(viewer))
        named = [
            Genre(slug=slug, name=genre_name(slug, viewer.locale), titles=count)
            for slug, count in counted.items()
        ]
        return sorted(named, key=lambda genre: (-genre.titles, genre.name))

    async def browse(
        self,
        viewer: Viewer,
        *,
        genre: str | None = None,
        kind: TitleKind | None = None,
        sort: Sort = Sort.NEW,
        page_token: str | None = None,
        limit: int = 40,
    ) -> CardPage:
        if not 1 <= limit <= LARGEST_PAGE:
            raise Invalid(f"A page holds between 1 and {LARGEST_PAGE} titles.")
        last = place_after(page_token, sort)
        order = await (await self._memory.refresh()).order(sort, viewer.locale)
        found = self._first(limit + 1, order.after(last, (genre, kind)), viewer)
        more = token_after(sort, found[limit - 1]) if len(found) > limit else None
        return CardPage(cards=self._drawn(found[:limit], viewer), next_page_token=more)

    async def named(self, beginning: str, viewer: Viewer, *, limit: int = 40) -> list[TitleCard]:
        order = await (await self._memory.refresh()).order(Sort.NAME, viewer.locale)
        found = self._first(limit, order.named(beginning), viewer) if beginning else []
        return list(self._drawn(found, viewer))

    def _first(self, limit: int, places: Iterable[Place], viewer: Viewer) -> list[Place]:
        """Returns the first `limit` places whose titles the viewer may see."""
        scope, rights = self._scope(viewer), self._memory.rights
        held: dict[int, bool] = {}
        found: list[Place] = []
        for place in places:
            if _holds(scope, rights[place[-1]], held):
                found.append(place)
                if len(found) == limit:
                    break
        return found

    def _drawn(self, places: Sequence[Place], viewer: Viewer) -> tuple[TitleCard, ...]:
        known = self._memory.titles
        return tuple(cards.card(known[place[-1]], viewer.locale) for place in places)

    def _scope(self, viewer: Viewer) -> Scope:
        return Scope.of(viewer, self._clock.now_ms())

    def _shown(self, memory: CatalogMemory, content_id: ContentId, viewer: Viewer) -> Title:
        title = memory.of_content(content_id)
        if title is None or not self._scope(viewer).holds(title.rights):
            raise NoSuchTitle("This title does not exist, or is not available to this profile.")
        return title


def _finite(at_ms: float) -> int | None:
    return None if at_ms == float("inf") else int(at_ms)


def _holds(scope: Scope, rights: Rights, held: dict[int, bool]) -> bool:
    """`held` remembers, by the identity of rights, of which there are few."""
    known = held.get(id(rights))
    if known is None:
        known = held[id(rights)] = scope.holds(rights)
    return known


def _next_episode(title: Title, content_id: ContentId) -> ContentId | None:
    """Returns the playable episode that comes after this one, across seasons."""
    ordered = title.episodes
    places = [i for i, episode in enumerate(ordered) if ContentId(episode.id) == content_id]
    later = ordered[places[0] + 1 :] if places else []
    return next((ContentId(episode.id) for episode in later if episode.playable), None)
