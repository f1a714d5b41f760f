"""Recall: of all documents the at most 120 that may be meant; precision is the ranker's business.

A document carries the `Rights` of what it describes and a query the `Scope` of who asks, so that
an engine filters by attributes that it keeps itself, and before it limits: whoever may see little
gets as many candidates as whoever may see all. No list of ids comes with a query.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from vitascope.kernel.scope import Rights, Scope

CANDIDATES = 120


class TextDocument(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    short: tuple[str, ...]  # names and people: misspelt, half typed, run together
    long: str  # everything else worth finding, by whole words
    rights: Rights


class Text(Protocol):
    """One index. Durable where its store is; safe to share between tasks and processes."""

    async def put(self, documents: Sequence[TextDocument]) -> None:
        """Add or replace by id, all or none. Repetition is harmless."""
        ...

    async def remove(self, ids: Sequence[str]) -> None:
        """Remove what is there; ids that are not there do no harm."""
        ...

    async def known(self, ids: Sequence[str]) -> frozenset[str]:
        """Returns those of the ids that are in the index."""
        ...

    async def candidates(self, query: str, *, scope: Scope, limit: int = CANDIDATES) -> list[str]:
        """Returns ids of documents that `scope` holds, at most `limit`, likely ones first. Case,
        diacritics and punctuation make no difference. Nothing for an empty query."""
        ...
