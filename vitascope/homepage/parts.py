"""Parts of prepared rows, with the cards as they are now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from vitascope.catalog import TitleCard
from vitascope.homepage.contract import HomeRow
from vitascope.homepage.live import plain_tile
from vitascope.homepage.prepare import PreparedRow
from vitascope.kernel.ids import TitleId
from vitascope.kernel.pages import page_token


class Part(msgspec.Struct, frozen=True):
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


def named(parts: Iterable[Part]) -> Iterator[TitleId]:
    """The titles of all parts, some of them more than once."""
    for part in parts:
        yield from part.title_ids


def filled(parts: Sequence[Part], cards: Mapping[TitleId, TitleCard]) -> list[HomeRow]:
    """Titles without a card are left out, and so are rows that came out empty."""
    tiles = {title_id: plain_tile(card) for title_id, card in cards.items()}
    rows = [
        HomeRow(
            id=part.row.id,
            kind=part.row.kind,
            heading=part.row.heading,
            reason=part.row.reason,
            tiles=tuple(tiles[each] for each in part.title_ids if each in tiles),
            next_page_token=part.next_page_token,
        )
        for part in parts
    ]
    return [row for row in rows if row.tiles]
