"""Recall: of all documents the at most 120 that may be meant, found by two routes.

*Fuzzy terms*: each word of the query stands for the indexed words that it equals, begins, or
misspells. *Trigrams*: documents that share runs of three letters with the query, whatever the
word breaks. What one route misses the other mostly finds; precision is the ranker's business.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

CANDIDATES = 120


class TextDocument(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    short: tuple[str, ...]  # names and people: what is misspelt, so it is found by trigrams too
    long: str  # everything else worth finding


class Text(Protocol):
    """One index. Durable where its store is; safe to share between tasks."""

    async def put(self, documents: Sequence[TextDocument]) -> None:
        """Add or replace by id. Repetition is harmless."""
        ...

    async def remove(self, ids: Sequence[str]) -> None:
        """Harmless where there is nothing."""
        ...

    async def known(self, ids: Sequence[str]) -> frozenset[str]:
        """Those of the ids that are in the index."""
        ...

    async def candidates(
        self, query: str, *, within: frozenset[str], limit: int = CANDIDATES
    ) -> list[str]:
        """Ids of `within` only, at most `limit`, those of the better route places first. Case,
        diacritics and punctuation make no difference. Nothing for an empty query."""
        ...
