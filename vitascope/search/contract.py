"""Finding titles by what people type."""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from vitascope.kernel.ids import TitleId
from vitascope.kernel.scope import Rights, Scope

MatchedField = Literal["name", "people", "genre", "text"]
SuggestionKind = Literal["title", "person", "genre"]


class SearchDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A title as search sees it: all its words in every locale, and who may see it."""

    title_id: TitleId
    names: tuple[str, ...]
    people: tuple[str, ...]
    genres: tuple[str, ...]  # their names in every locale
    tags: tuple[str, ...]
    text: str  # synopses
    year: int
    rights: Rights
    popularity: float = 0.0


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    title_id: TitleId
    score: float  # above 0, at most 1
    matched: MatchedField


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    kind: SuggestionKind


class Found(msgspec.Struct, frozen=True, kw_only=True):
    hits: tuple[Hit, ...]
    suggestions: tuple[Suggestion, ...]


class Search(Protocol):
    async def index(self, documents: Sequence[SearchDocument]) -> None:
        """Add or replace documents. Repetition is harmless."""
        ...

    async def remove(self, title_ids: Sequence[TitleId]) -> None:
        """Remove what is there; ids that are not there do no harm."""
        ...

    async def unknown(self, title_ids: Sequence[TitleId]) -> list[TitleId]:
        """Returns those that are not indexed, or not whole: an index may be lost and made
        again."""
        ...

    async def find(self, query: str, *, scope: Scope, limit: int = 40) -> Found:
        """Returns titles that `scope` holds, best first, at most `limit`, and at most 8
        suggestions drawn from these alone. Forgives typos, transpositions, beginnings of words
        and missing diacritics. Nothing for an empty query."""
        ...
