"""What is like what, and what a profile would like next."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from vitascope.kernel.ids import TitleId


class TitleTraits(msgspec.Struct, frozen=True, kw_only=True):
    """What a title is made of, as recommendation sees it."""

    title_id: TitleId
    genres: tuple[str, ...]
    tags: tuple[str, ...]
    people: tuple[str, ...]
    year: int
    countries: tuple[str, ...] = ()


class Liking(msgspec.Struct, frozen=True, kw_only=True):
    """`weight` from -1 (thumb down) to 1 (loved); a plain play counts by how much was watched."""

    title_id: TitleId
    weight: float


class Similar(msgspec.Struct, frozen=True, kw_only=True):
    title_id: TitleId
    score: float
    shared: tuple[str, ...]  # the genres and people in common, strongest first


class Recommend(Protocol):
    async def learn(self, traits: Sequence[TitleTraits]) -> None: ...

    async def unlearn(self, title_ids: Sequence[TitleId]) -> None: ...

    async def similar(
        self, title_id: TitleId, *, within: frozenset[TitleId], limit: int = 24
    ) -> list[Similar]: ...

    async def rank(self, likings: Sequence[Liking], candidates: Sequence[TitleId]) -> list[TitleId]:
        """`candidates`, those this taste would like most first; with no likings, as they came."""
        ...
