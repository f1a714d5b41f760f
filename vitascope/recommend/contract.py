"""What is like what, and which rows of titles a profile would like to see."""

import enum
from typing import Protocol

import msgspec

from vitascope.kernel.events import Event
from vitascope.kernel.ids import ProfileId, TitleId
from vitascope.kernel.scope import Scope


class RowKind(enum.StrEnum):
    NOW = "now"  # can be played
    BECAUSE = "because"  # like a title that was watched or liked
    NEW = "new"
    GENRE = "genre"
    PERSON = "person"  # by a director
    SOON = "soon"  # announced, cannot be played yet


class RankedRow(msgspec.Struct, frozen=True, kw_only=True):
    """Titles for one row, the best first."""

    kind: RowKind
    about: str = ""  # a title's id, a genre's slug, a person's name; empty where kind says it all
    shared: tuple[str, ...] = ()  # of `because`: the people that these titles have in common
    watched: bool = False  # of `because`: the title was watched; otherwise it was only liked
    title_ids: tuple[TitleId, ...]

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.about}" if self.about else str(self.kind)


class RankedRows(msgspec.Struct, frozen=True, kw_only=True):
    rows: tuple[RankedRow, ...]
    offered: tuple[TitleId, ...]  # for the head of the page, the best first


class RowsContext(msgspec.Struct, frozen=True, kw_only=True):
    """Where the rows will be seen."""

    tiles_at_once: int = 6
    """Of a row, so many titles are seen without scrolling. What stands there in one row is moved
    back in the rows after it."""


class RowsLimit(msgspec.Struct, frozen=True, kw_only=True):
    rows: int = 40
    titles: int = 75  # in a row, at most
    least: int = 3  # a genre, a person or a neighbourhood with fewer titles gets no row


class Similar(msgspec.Struct, frozen=True, kw_only=True):
    title_id: TitleId
    score: float  # 0 to 1
    shared: tuple[str, ...]  # the genres and people in common, strongest first


class TasteChanged(Event, frozen=True, tag="TasteChanged"):
    """What is known of a profile's taste changed: its rows are other ones now."""

    profile_id: ProfileId

    @property
    def key(self) -> str:
        return self.profile_id


class Recommend(Protocol):
    """No answer names a title outside the scope that was asked with, as far as this process has
    heard of the title; who shows titles asks `Catalog.cards` for them in any case."""

    async def rows(
        self,
        profile_id: ProfileId,
        scope: Scope,
        context: RowsContext,
        *,
        limit: RowsLimit = RowsLimit(),  # noqa: B008 - it is frozen
    ) -> RankedRows:
        """Returns rows in the order in which they should be seen. Where anything can be played,
        what cannot has one row of its own, the last, and is in no other."""
        ...

    async def similar(self, title_id: TitleId, scope: Scope, *, limit: int = 24) -> list[Similar]:
        """Returns similar titles, the most similar first; empty for an unknown title."""
        ...

    async def forget_profile(self, profile_id: ProfileId) -> None:
        """Erase what is known of a profile, for good: what is heard of it later is not kept."""
        ...
