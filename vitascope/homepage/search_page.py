"""The search page: what search finds, or when it is down, names that begin with what was typed."""

from vitascope.catalog import Catalog, TitleCard
from vitascope.engines.neighbours import Asking
from vitascope.homepage.contract import HomeMissing, SearchView
from vitascope.kernel.clock import Clock
from vitascope.kernel.scope import Scope
from vitascope.kernel.viewer import Viewer
from vitascope.search import Found, Search

_NOTHING = Found(hits=(), suggestions=())


class SearchPage:
    def __init__(self, *, catalog: Catalog, search: Search, clock: Clock) -> None:
        self._catalog = catalog
        self._search = search
        self._clock = clock

    async def find(self, viewer: Viewer, query: str, asking: Asking[HomeMissing]) -> SearchView:
        scope = Scope.of(viewer, self._clock.now_ms())
        found = await asking.ask(
            "search", lambda: self._search.find(query, scope=scope), otherwise=lambda: _NOTHING
        )
        cards: list[TitleCard] = await asking.ask(
            "catalog", lambda: self._cards(viewer, query, found, asking), otherwise=list
        )
        return SearchView(
            query=query,
            cards=tuple(cards),
            suggestions=tuple(suggestion.text for suggestion in found.suggestions),
            degraded=asking.missing,
        )

    async def _cards(
        self, viewer: Viewer, query: str, found: Found, asking: Asking[HomeMissing]
    ) -> list[TitleCard]:
        if "search" in asking.missing:
            return await self._catalog.named(query.strip(), viewer) if query.strip() else []
        return await self._catalog.cards([hit.title_id for hit in found.hits], viewer)
