"""The part of a home page that may be some minutes old: which rows, which titles, in which order.

What is kept is ids. Their cards are asked of the catalogue at every request, so that a title taken
down a moment ago, or a profile just made a child's, is never served from a cache. The cards of the
first tiles are kept for when the catalogue does not answer.
"""

from collections.abc import Mapping

import msgspec

from vitascope.catalog import Catalog, Introduction, TitleCard
from vitascope.engines.neighbours import Asking, at_once
from vitascope.homepage.contract import HomeMissing
from vitascope.homepage.settings import HomepageSettings
from vitascope.homepage.unranked import unranked_rows
from vitascope.homepage.words import say
from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import TitleId
from vitascope.kernel.scope import Scope
from vitascope.kernel.viewer import Viewer
from vitascope.recommend import (
    RankedRow,
    RankedRows,
    Recommend,
    RowKind,
    RowsContext,
    RowsLimit,
)


class PreparedRow(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kind: RowKind
    heading: str
    reason: str
    title_ids: tuple[TitleId, ...]
    about: TitleId | None = None  # the title that the heading names


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[PreparedRow, ...] = ()
    billboard: tuple[TitleId, ...] = ()  # the best first
    introductions: dict[TitleId, Introduction] = {}  # of these
    cards: dict[TitleId, TitleCard] = {}  # of these and of the rows' first tiles
    missing: tuple[HomeMissing, ...] = ()


class Preparation:
    def __init__(
        self,
        *,
        catalog: Catalog,
        recommend: Recommend,
        clock: Clock,
        settings: HomepageSettings,
    ) -> None:
        self._catalog = catalog
        self._recommend = recommend
        self._clock = clock
        self._settings = settings

    async def prepare(self, viewer: Viewer, asking: Asking[HomeMissing]) -> Prepared:
        """Raises what the catalogue raises: without it there is nothing to prepare."""
        genres, ranked = await at_once(
            asking.need("catalog", lambda: self._catalog.genres(viewer)),
            asking.ask("recommend", lambda: self._ranked(viewer), otherwise=lambda: None),
        )
        if ranked is None:
            ranked = await asking.need(
                "catalog", lambda: unranked_rows(self._catalog, genres, viewer, self._limit)
            )
        offered, wanted = ranked.offered, _first_seen(ranked, self._settings.top_tiles)
        cards, introductions = await at_once(
            asking.need("catalog", lambda: self._catalog.cards(wanted, viewer)),
            asking.need("catalog", lambda: self._catalog.introductions(offered, viewer)),
        )
        known = {card.id: card for card in cards}
        genre_names = {genre.slug: genre.name for genre in genres}
        rows = [_worded(row, known, genre_names, viewer.locale) for row in ranked.rows]
        return Prepared(
            rows=tuple(row for row in rows if row is not None),
            billboard=offered,
            introductions={each.title_id: each for each in introductions},
            cards=known,
            missing=asking.missing,
        )

    @property
    def _limit(self) -> RowsLimit:
        settings = self._settings
        return RowsLimit(rows=settings.rows, titles=settings.row_limit, least=settings.row_floor)

    async def _ranked(self, viewer: Viewer) -> RankedRows | None:
        return await self._recommend.rows(
            viewer.profile_id,
            Scope.of(viewer, self._clock.now_ms()),
            RowsContext(tiles_at_once=self._settings.top_tiles),
            limit=self._limit,
        )


def _first_seen(ranked: RankedRows, top: int) -> list[TitleId]:
    """Returns what is offered, the first tiles of each row, and the titles that rows are about."""
    first = [title_id for row in ranked.rows for title_id in row.title_ids[:top]]
    reasons = [TitleId(row.about) for row in ranked.rows if row.kind is RowKind.BECAUSE]
    return list(dict.fromkeys([*ranked.offered, *first, *reasons]))


def _worded(
    row: RankedRow,
    cards: Mapping[TitleId, TitleCard],
    genre_names: Mapping[str, str],
    locale: str,
) -> PreparedRow | None:
    """Returns the row with its heading; none when the viewer may not see what it is about."""
    reason = say("because-reason", locale, shared=", ".join(row.shared)) if row.shared else ""
    match row.kind:
        case RowKind.BECAUSE if TitleId(row.about) not in cards:
            return None
        case RowKind.BECAUSE:
            why = "because" if row.watched else "because-liked"
            heading = say(why, locale, name=cards[TitleId(row.about)].name)
        case RowKind.GENRE:
            heading = genre_names.get(row.about, row.about)
        case _:
            heading = say(row.kind, locale, name=row.about)
    return PreparedRow(
        id=row.id,
        kind=row.kind,
        heading=heading,
        reason=reason,
        title_ids=row.title_ids,
        about=TitleId(row.about) if row.kind is RowKind.BECAUSE else None,
    )
