"""Finding titles by what people type."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from vitascope.kernel.ids import TitleId


class SearchDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A title as search sees it: all its words in every locale."""

    title_id: TitleId
    names: tuple[str, ...]
    people: tuple[str, ...]
    genres: tuple[str, ...]  # their names in every locale
    tags: tuple[str, ...]
    text: str  # synopses
    year: int
    popularity: float = 0.0


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    title_id: TitleId
    score: float
    matched: str  # "name", "people", "genre", "text"


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    kind: str  # "title", "person", "genre"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    hits: tuple[Hit, ...]
    suggestions: tuple[Suggestion, ...]


class Search(Protocol):
    async def index(self, documents: Sequence[SearchDocument]) -> None:
        """Add or replace. Repetition is harmless."""
        ...

    async def remove(self, title_ids: Sequence[TitleId]) -> None: ...

    async def unknown(self, title_ids: Sequence[TitleId]) -> list[TitleId]:
        """Those that are not indexed, or not whole: an index may be lost and made again."""
        ...

    async def find(self, query: str, *, within: frozenset[TitleId], limit: int = 40) -> Found:
        """Best first, only titles of `within` (those the viewer may see), and suggestions drawn
        from these alone. Forgives typos, transpositions, prefixes and missing diacritics."""
        ...
