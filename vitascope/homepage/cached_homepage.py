"""The home page and its neighbours, put together from what answers in time."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated

import msgspec
import structlog
from msgspec.structs import replace

from vitascope.catalog import Catalog, Introduction, TitleCard
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

SHORTEST_MS = 60_000  # of a title at the head of the page
_DAY_MS = 86_400_000
_Count = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
_log = structlog.get_logger("homepage")


class _Signals(msgspec.Struct, frozen=True, kw_only=True):
    """What is the profile's own."""

    begun: Sequence[Tile]
    listed: Sequence[TitleCard]  # put aside, the last first
    on_list: frozenset[TitleId]  # of what is offered for the head of the page


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
        end = start + len(page)
        more = token_of(end) if end < len(prepared.rows) else None
        if start > 0:
            cards = await self._cards(named(slices), prepared, viewer, asking)
            rows = tuple(filled(slices, cards))
            return Home(billboard=None, rows=rows, next_page_token=more, degraded=asking.missing)
        cards, signals = await at_once(
            self._cards([*prepared.billboard, *named(slices)], prepared, viewer, asking),
            self._signals(viewer, prepared.billboard, asking),
        )
        return Home(
            billboard=self._billboard(prepared, cards, signals),
            rows=(*self._live_rows(viewer, signals), *filled(slices, cards)),
            next_page_token=more,
            degraded=asking.missing,
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
        self, viewer: Viewer, offered: Sequence[TitleId], asking: Asking[HomeMissing]
    ) -> _Signals:
        """Returns what is the profile's own, as it is at this moment."""
        live, limit = self._live, self._settings.row_limit
        begun, listed, on_list = await at_once(
            asking.ask("viewing", lambda: live.continue_watching(viewer), otherwise=list[Tile]),
            asking.ask("viewing", lambda: live.listed(viewer, limit), otherwise=list[TitleCard]),
            asking.ask(
                "viewing",
                lambda: self._viewing.on_list(viewer.profile_id, offered),
                otherwise=frozenset[TitleId],
            ),
        )
        return _Signals(begun=begun[:limit], listed=listed, on_list=on_list)

    def _live_rows(self, viewer: Viewer, signals: _Signals) -> list[HomeRow]:
        tiles = {
            HomeRowKind.CONTINUE: tuple(signals.begun),
            HomeRowKind.LIST: tuple(map(plain_tile, _playable_first(signals.listed))),
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
        signals: _Signals,
    ) -> Billboard | None:
        """One goes on with what one has begun, and begins a series with its first episode. Where
        all that is offered is short, a short one heads the page."""
        known = prepared.introductions
        offered = [cards[each] for each in prepared.billboard if each in cards]
        shown = [card for card in offered if is_presentable(card, known.get(card.id))]
        shown = shown or [card for card in offered if is_presentable(card, known.get(card.id), 0)]
        ready = [card for card in shown if card.playable] or shown
        ready = [card for card in ready if card.artwork.billboard] or ready
        if not ready:
            return None
        card = ready[self._clock.now_ms() // _DAY_MS % len(ready)]  # another one every day
        introduction = prepared.introductions.get(card.id)
        synopsis = introduction.synopsis if introduction else ""
        going_on = [tile for tile in signals.begun if tile.card.id == card.id]
        fresh = plain_tile(card, introduction.opening if introduction else None)
        tile = going_on[0] if going_on else fresh
        return Billboard(tile=tile, synopsis=synopsis, in_list=card.id in signals.on_list)


def is_presentable(
    card: TitleCard, introduction: Introduction | None, shortest_ms: int = SHORTEST_MS
) -> bool:
    """Returns True for a title that is fit to head the page: with a synopsis, a wide picture and a
    minute of length, where its length is known."""
    if introduction is None or not introduction.synopsis or not card.artwork.landscape:
        return False
    opening = introduction.opening
    length_ms = card.duration_ms or (opening.duration_ms if opening else None)
    return length_ms is None or length_ms >= shortest_ms


async def cache_key(cache: Cache, viewer: Viewer) -> str:
    """Returns a key with everything that decides what a profile may see, and the generations that
    news of titles and of the profile's taste begin."""
    catalog, taste = await at_once(
        current_generation(cache, CATALOG), current_generation(cache, taste_of(viewer.profile_id))
    )
    kids = "kids" if viewer.kids else "all"
    seen_by = f"{viewer.country}:{int(viewer.maturity)}:{kids}:{viewer.locale}"
    return f"{viewer.profile_id}:{seen_by}:{catalog}:{taste}"


def _playable_first(cards: Sequence[TitleCard]) -> list[TitleCard]:
    return sorted(cards, key=lambda card: not card.playable)


def _kind_of(row_id: str) -> HomeRowKind:
    """Raises `BadPageToken`."""
    try:
        return HomeRowKind(row_id.partition(":")[0])
    except ValueError as error:
        raise BadPageToken("This page token is invalid. Start again without one.") from error


def taste_of(profile_id: str) -> str:
    return f"taste:{profile_id}"
