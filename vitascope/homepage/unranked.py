"""Rows for everybody, from the catalogue alone: what is shown when recommendation is down."""

import asyncio
from collections.abc import Sequence

from vitascope.catalog import CardPage, Catalog, Genre
from vitascope.kernel.ids import TitleId
from vitascope.kernel.viewer import Viewer
from vitascope.recommend import RankedRow, RankedRows, RowKind, RowsLimit

_GENRES = 6
_OFFERED = 5


async def unranked_rows(
    catalog: Catalog, genres: Sequence[Genre], viewer: Viewer, limit: RowsLimit
) -> RankedRows:
    """Returns what can be played, what is new, the genres with most titles, and what is announced.
    A few pages of the catalogue, asked for at once."""
    slugs = [genre.slug for genre in genres if genre.titles >= limit.least][:_GENRES]
    new, *pages = await asyncio.gather(
        catalog.browse(viewer, limit=limit.titles),
        *(catalog.browse(viewer, genre=slug, limit=limit.titles) for slug in slugs),
    )
    playable = tuple(card.id for card in new.cards if card.playable)
    soon = tuple(card.id for card in new.cards if not card.playable) if playable else ()
    rows = [
        RankedRow(kind=RowKind.NOW, title_ids=playable),
        RankedRow(kind=RowKind.NEW, title_ids=playable or _ids(new)),
        *(
            RankedRow(kind=RowKind.GENRE, about=slug, title_ids=_ids(page, bool(playable)))
            for slug, page in zip(slugs, pages, strict=True)
        ),
        RankedRow(kind=RowKind.SOON, title_ids=soon),
    ]
    best = sorted(new.cards, key=lambda card: (not card.playable, not card.artwork.billboard))
    offered = tuple(card.id for card in best[:_OFFERED])
    return RankedRows(rows=tuple(row for row in rows if row.title_ids), offered=offered)


def _ids(page: CardPage, playable: bool = False) -> tuple[TitleId, ...]:
    return tuple(card.id for card in page.cards if card.playable or not playable)
