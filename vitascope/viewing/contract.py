"""Progress, history, my list and thumbs, each profile's own."""

import enum
from collections.abc import Sequence
from typing import Protocol

import msgspec

from vitascope.kernel.errors import Conflict
from vitascope.kernel.events import Event
from vitascope.kernel.ids import ContentId, ProfileId, SessionId, TitleId


class Thumb(enum.StrEnum):
    UP = "up"
    DOWN = "down"
    LOVE = "love"


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far a profile is. `sequence` counts up within a playback session."""

    profile_id: ProfileId
    content_id: ContentId
    title_id: TitleId
    position_ms: int
    duration_ms: int
    session_id: SessionId
    session_started_at_ms: int
    sequence: int
    at_ms: int

    @property
    def share(self) -> float:
        """Returns how much of the content that is, 0 to 1."""
        return min(1.0, self.position_ms / self.duration_ms) if self.duration_ms > 0 else 0.0

    @property
    def finished(self) -> bool:
        return self.duration_ms > 0 and self.position_ms >= 0.95 * self.duration_ms


LONGEST_LIST = 500
"""Titles on the list of a profile."""


class ListFull(Conflict):
    """The profile's list has `LONGEST_LIST` titles."""

    code = "list-full"


class ListItem(msgspec.Struct, frozen=True, kw_only=True):
    title_id: TitleId
    added_at_ms: int


class ThumbGiven(Event, frozen=True, tag="ThumbGiven"):
    profile_id: ProfileId
    title_id: TitleId
    thumb: Thumb | None

    @property
    def key(self) -> str:
        return self.profile_id


class ListChanged(Event, frozen=True, tag="ListChanged"):
    profile_id: ProfileId
    title_id: TitleId
    listed: bool | None = None  # None where an older version announced it

    @property
    def key(self) -> str:
        return self.profile_id


class TitleWatched(Event, frozen=True, tag="TitleWatched"):
    """Watching began, or came into another quarter of the content."""

    profile_id: ProfileId
    title_id: TitleId
    content_id: ContentId
    share: float  # of the content, 0 to 1

    @property
    def key(self) -> str:
        return self.profile_id


class HistoryRemoved(Event, frozen=True, tag="HistoryRemoved"):
    """A title was removed from the history of a profile."""

    profile_id: ProfileId
    title_id: TitleId

    @property
    def key(self) -> str:
        return self.profile_id


class TitleFinished(Event, frozen=True, tag="TitleFinished"):
    profile_id: ProfileId
    title_id: TitleId
    content_id: ContentId

    @property
    def key(self) -> str:
        return self.profile_id


class Viewing(Protocol):
    async def record(self, progress: Sequence[Progress]) -> None:
        """Record progress, durably. Of one content the latest session wins, and within a session
        the highest sequence: duplicates and late arrivals change nothing, and in no case does a
        position go back because of a report that arrived out of order."""
        ...

    async def positions(
        self, profile_id: ProfileId, content_ids: Sequence[ContentId]
    ) -> dict[ContentId, Progress]: ...

    async def recent(self, profile_id: ProfileId, *, limit: int = 60) -> list[Progress]:
        """Returns the last content of each title watched, newest first; removed ones are left
        out."""
        ...

    async def history(
        self, profile_id: ProfileId, *, page_token: str | None = None, limit: int = 50
    ) -> tuple[list[Progress], str | None]: ...

    async def forget(self, profile_id: ProfileId, title_id: TitleId) -> None:
        """Remove a title from history; a late report of an older session does not bring it back."""
        ...

    async def clear_history(self, profile_id: ProfileId) -> None:
        """Remove all titles from history, as `forget` does each."""
        ...

    async def my_list(self, profile_id: ProfileId, *, limit: int = LONGEST_LIST) -> list[ListItem]:
        """Returns what the profile put aside, added last first."""
        ...

    async def on_list(
        self, profile_id: ProfileId, title_ids: Sequence[TitleId]
    ) -> frozenset[TitleId]:
        """Returns those of the titles that are on the profile's list."""
        ...

    async def add_to_list(self, profile_id: ProfileId, title_id: TitleId) -> None:
        """Raises `ListFull`."""
        ...

    async def remove_from_list(self, profile_id: ProfileId, title_id: TitleId) -> None: ...

    async def thumbs(
        self, profile_id: ProfileId, title_ids: Sequence[TitleId]
    ) -> dict[TitleId, Thumb]:
        """Returns what the profile thought of these titles, where it said so."""
        ...

    async def all_thumbs(
        self, profile_id: ProfileId, *, after: TitleId | None = None, limit: int = 500
    ) -> dict[TitleId, Thumb]:
        """Returns thumbs by the title's id, those after a title."""
        ...

    async def give_thumb(
        self, profile_id: ProfileId, title_id: TitleId, thumb: Thumb | None
    ) -> None: ...

    async def forget_profile(self, profile_id: ProfileId) -> None: ...
