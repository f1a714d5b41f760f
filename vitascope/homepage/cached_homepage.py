"""The home page and its neighbours, put together from what answers in time."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import msgspec
import structlog
from msgspec.structs import replace

from vitascope.catalog import Catalog, TitleCard
from vitascope.engines.cache import HOME, Cache, current_generation
from vitascope.engines.neighbours import Asking, Neighbours, at_once
from vitascope.engines.trace import Metrics
from vitascope.homepage.contract import (
    Billboard,
    DeviceType,
    HistoryItem,
    HistoryView,
    Home,
    HomeMissing,
    HomeRow,
    HomeRowKind,
    MyListView,
    SearchView,
    Tile,
    TitleView,
)
from vitascope.homepage.live import LiveSignals, plain_tile
from vitascope.homepage.prepare import Preparation, Prepared
from vitascope.homepage.row_slices import RowSlice, filled, may_be_headed, named
from vitascope.homepage.search_page import SearchPage
from vitascope.homepage.settings import HomepageSettings
from vitascope.homepage.title_page import TitlePages
from vitascope.homepage.words import say
from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import TitleId
from vitascope.kernel.pages import BadPageToken, place_of
from vitascope.kernel.pages import page_token as token_of
from vitascope.kernel.viewer import Viewer
from vitascope.recommend import Recommend
from vitascope.search import Search
from vitascope.viewing import Viewing

TILES: Mapping[DeviceType, int] = {"phone": 12, "web": 24, "television": 40}
"""How many tiles of a row are sent at once, by device; the rest come when one scrolls there."""

CATALOG = "catalog"
"""The generation that any title's change begins."""

_DAY_MS = 86_400_000
_Count = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
_log = structlog.get_logger("homepage")


class CachedHomepage:
    """Implements `Homepage`."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        viewing: Viewing,
        search: Search,
        recommend: Recommend,
        cache: Cache,
        clock: Clock,
        settings: HomepageSettings | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        self._settings = settings or HomepageSettings()
        self._catalog = catalog
        self._viewing = viewing
        self._cache = cache
        self._clock = clock
        self._neighbours = Neighbours[HomeMissing](
            clock,
            ("catalog", "viewing", "search", "recommend"),
            journey="homepage",
            timeout_s=self._settings.timeout_s,
            metrics=metrics,
        )
        self._live = LiveSignals(catalog=catalog, viewing=viewing)
        self._preparation = Preparation(
            catalog=catalog, recommend=recommend, clock=clock, settings=self._settings
        )
        self._titles = TitlePages(
            catalog=catalog, viewing=viewing, recommend=recommend, live=self._live, clock=clock
        )
        self._search_page = SearchPage(catalog=catalog, search=search, clock=clock)

    async def home(
        self, viewer: Viewer, *, page_token: str | None = None, device_type: DeviceType = "web"
    ) -> Home:
        asking = self._neighbours.asking()
        start = place_of(page_token, _Count) if page_token else 0
        prepared = await self._prepared(viewer, asking)
        page = prepared.rows[start : start + self._settings.rows_per_page]
        slices = [RowSlice(row, 0, TILES[device_type]) for row in page]
        offered = prepared.billboard if start == 0 else ()
        cards = await self._cards([*offered, *named(slices)], prepared, viewer, asking)
        rows = filled(slices, cards)
        end = start + len(page)
        more = token_of(end) if end < len(prepared.rows) else None
        billboard = None
        if start == 0:
            begun, listed = await self._signals(viewer, asking)
            billboard = self._billboard(prepared, cards, begun, listed)
            rows = [*self._live_rows(viewer, begun, listed), *rows]
        return Home(
            billboard=billboard, rows=tuple(rows), next_page_token=more, degraded=asking.missing
        )

    async def row(self, viewer: Viewer, page_token: str) -> HomeRow:
        row_id, start, count = place_of(page_token, tuple[str, _Count, _Count])
        asking = self._neighbours.asking()
        prepared = await self._prepared(viewer, asking)
        found = [row for row in prepared.rows if row.id == row_id]
        slices = [RowSlice(row, start, max(1, min(count, 75))) for row in found[:1]]
        cards = await self._cards(named(slices), prepared, viewer, asking)
        rows = filled(slices, cards)
        if rows:
            return rows[0]
        # the row was made anew since, or was never there: it has nothing more to show
        heading = found[0].heading if found and may_be_headed(found[0], cards) else ""
        return HomeRow(id=row_id, kind=_kind_of(row_id), heading=heading, reason="", tiles=())

    async def title(self, viewer: Viewer, title_id: TitleId) -> TitleView:
        return await self._titles.view(viewer, title_id, self._neighbours.asking())

    async def search(self, viewer: Viewer, query: str) -> SearchView:
        return await self._search_page.find(viewer, query, self._neighbours.asking())

    async def my_list(self, viewer: Viewer) -> MyListView:
        return MyListView(cards=tuple(await self._live.listed(viewer)))

    async def history(self, viewer: Viewer, *, page_token: str | None = None) -> HistoryView:
        watched, more = await self._viewing.history(viewer.profile_id, page_token=page_token)
        shown = await self._catalog.contents([each.content_id for each in watched], viewer)
        items = tuple(
            HistoryItem(
                card=shown[each.content_id][0],
                episode=shown[each.content_id][1],
                position_ms=each.position_ms,
                duration_ms=each.duration_ms,
                at_ms=each.at_ms,
            )
            for each in watched
            if each.content_id in shown
        )
        return HistoryView(items=items, next_page_token=more)

    # -- the prepared part

    async def _prepared(self, viewer: Viewer, asking: Asking[HomeMissing]) -> Prepared:
        settings, key = self._settings, await cache_key(self._cache, viewer)
        tier = replace(HOME, soft_s=settings.fresh_s, hard_s=settings.kept_s)

        async def load() -> Prepared:
            made = await self._preparation.prepare(viewer, self._neighbours.asking())
            if made.missing:  # to be made again soon; what is put now outlives this load's own
                soon = replace(tier, soft_s=settings.degraded_fresh_s)
                await self._cache.put(key, made, returns=Prepared, tier=soon)
            return made

        try:
            prepared = await self._cache.get_or_load(key, load, returns=Prepared, tier=tier)
        except Exception as error:  # noqa: BLE001 - an empty page is better than none
            _log.warning("no rows", error=repr(error))
            asking.miss(["catalog"])
            return Prepared()
        asking.miss(prepared.missing)
        return prepared

    async def _cards(
        self,
        wanted: Iterable[TitleId],
        prepared: Prepared,
        viewer: Viewer,
        asking: Asking[HomeMissing],
    ) -> dict[TitleId, TitleCard]:
        """As they are now; when the catalogue does not answer, as they were."""
        ids = list(dict.fromkeys(wanted))
        old = [prepared.cards[each] for each in ids if each in prepared.cards]
        cards = await asking.ask(
            "catalog", lambda: self._catalog.cards(ids, viewer), otherwise=lambda: old
        )
        return {card.id: card for card in cards}

    # -- the live part

    async def _signals(
        self, viewer: Viewer, asking: Asking[HomeMissing]
    ) -> tuple[list[Tile], list[TitleCard]]:
        """Returns what was begun, and what was put aside, as they are at this moment."""
        return await asyncio.gather(
            asking.ask(
                "viewing", lambda: self._live.continue_watching(viewer), otherwise=list[Tile]
            ),
            asking.ask("viewing", lambda: self._live.listed(viewer), otherwise=list[TitleCard]),
        )

    def _live_rows(
        self, viewer: Viewer, begun: Sequence[Tile], listed: Sequence[TitleCard]
    ) -> list[HomeRow]:
        limit = self._settings.row_limit
        tiles = {
            HomeRowKind.CONTINUE: tuple(begun[:limit]),
            HomeRowKind.LIST: tuple(plain_tile(card) for card in listed[:limit]),
        }
        return [
            HomeRow(id=kind, kind=kind, heading=say(kind, viewer.locale), reason="", tiles=shown)
            for kind, shown in tiles.items()
            if shown
        ]

    def _billboard(
        self,
        prepared: Prepared,
        cards: Mapping[TitleId, TitleCard],
        begun: Sequence[Tile],
        listed: Sequence[TitleCard],
    ) -> Billboard | None:
        """One goes on with what one has begun, and begins a series with its first episode."""
        shown = [cards[each] for each in prepared.billboard if each in cards]
        ready = [card for card in shown if card.playable] or shown
        ready = [card for card in ready if card.artwork.billboard] or ready
        if not ready:
            return None
        card = ready[self._clock.now_ms() // _DAY_MS % len(ready)]  # another one every day
        in_list = any(other.id == card.id for other in listed)
        introduction = prepared.introductions.get(card.id)
        synopsis = introduction.synopsis if introduction else ""
        going_on = [tile for tile in begun if tile.card.id == card.id]
        fresh = plain_tile(card, introduction.opening if introduction else None)
        tile = going_on[0] if going_on else fresh
        return Billboard(tile=tile, synopsis=synopsis, in_list=in_list)


async def cache_key(cache: Cache, viewer: Viewer) -> str:
    """Returns a key with everything that decides what a profile may see, and the generations that
    news of titles and of the profile's taste begin."""
    catalog, taste = await at_once(
        current_generation(cache, CATALOG), current_generation(cache, taste_of(viewer.profile_id))
    )
    kids = "kids" if viewer.kids else "all"
    seen_by = f"{viewer.country}:{int(viewer.maturity)}:{kids}:{viewer.locale}"
    return f"{viewer.profile_id}:{seen_by}:{catalog}:{taste}"


def _kind_of(row_id: str) -> HomeRowKind:
    """Raises `BadPageToken`."""
    try:
        return HomeRowKind(row_id.partition(":")[0])
    except ValueError as error:
        raise BadPageToken("This page token is invalid. Start again without one.") from error


def taste_of(profile_id: str) -> str:
    return f"taste:{profile_id}"
