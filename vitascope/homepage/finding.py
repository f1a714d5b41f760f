"""The search page: what search finds, or when it is down, names that contain what was typed."""

from vitascope.catalog import Catalog, TitleCard
from vitascope.engines.neighbours import Asking
from vitascope.engines.text import fold
from vitascope.homepage.contract import SearchView
from vitascope.kernel.ids import TitleId
from vitascope.kernel.viewer import Viewer
from vitascope.search import Found, Search

_NOTHING = Found(hits=(), suggestions=())


class Finding:
    def __init__(self, *, catalog: Catalog, search: Search) -> None:
        self._catalog = catalog
        self._search = search

    async def find(self, viewer: Viewer, query: str, asking: Asking) -> SearchView:
        visible: list[TitleId] = await asking.ask(
            "catalog", lambda: self._catalog.visible(viewer), otherwise=list
        )
        within = frozenset(visible)
        found = await asking.ask(
            "search", lambda: self._search.find(query, within=within), otherwise=lambda: _NOTHING
        )
        ids = [hit.title_id for hit in found.hits]
        cards: list[TitleCard] = await asking.ask(
            "catalog", lambda: self._catalog.cards(ids, viewer), otherwise=list
        )
        if "search" in asking.missing:
            cards = await asking.ask(
                "catalog", lambda: self._by_name(query, visible, viewer), otherwise=list
            )
        return SearchView(
            query=query,
            cards=tuple(cards),
            suggestions=tuple(suggestion.text for suggestion in found.suggestions),
            degraded=asking.missing,
        )

    async def _by_name(self, query: str, visible: list[TitleId], viewer: Viewer) -> list[TitleCard]:
        wanted = fold(query)
        cards = await self._catalog.cards(visible, viewer)
        return [card for card in cards if wanted and wanted in fold(card.name)]
