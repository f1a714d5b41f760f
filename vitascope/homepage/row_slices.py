"""Parts of prepared rows, with the cards as they are now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from vitascope.catalog import TitleCard
from vitascope.homepage.contract import HomeRow, HomeRowKind
from vitascope.homepage.live import plain_tile
from vitascope.homepage.prepare import PreparedRow
from vitascope.kernel.ids import TitleId
from vitascope.kernel.pages import page_token


class RowSlice(msgspec.Struct, frozen=True):
    """`count` titles of a row from `start` on."""

    row: PreparedRow
    start: int
    count: int

    @property
    def title_ids(self) -> tuple[TitleId, ...]:
        return self.row.title_ids[self.start : self.start + self.count]

    @property
    def next_page_token(self) -> str | None:
        end = self.start + self.count
        more = end < len(self.row.title_ids)
        return page_token((self.row.id, end, self.count)) if more else None


def named(slices: Iterable[RowSlice]) -> Iterator[TitleId]:
    """Yields the titles of all slices and of their headings, some of them more than once."""
    for each in slices:
        yield from each.title_ids
        if each.row.about is not None:
            yield each.row.about


def may_be_headed(row: PreparedRow, cards: Mapping[TitleId, TitleCard]) -> bool:
    """Returns False when the heading names a title that the viewer may not see any more."""
    return row.about is None or row.about in cards


def filled(slices: Sequence[RowSlice], cards: Mapping[TitleId, TitleCard]) -> list[HomeRow]:
    """Returns rows with their cards. Titles without a card are left out, and so are rows that came
    out empty, and those whose heading names such a title."""
    tiles = {title_id: plain_tile(card) for title_id, card in cards.items()}
    rows = [
        HomeRow(
            id=each.row.id,
            kind=HomeRowKind(each.row.kind),
            heading=each.row.heading,
            reason=each.row.reason,
            tiles=tuple(tiles[title_id] for title_id in each.title_ids if title_id in tiles),
            next_page_token=each.next_page_token,
        )
        for each in slices
        if may_be_headed(each.row, cards)
    ]
    return [row for row in rows if row.tiles]
