"""What operators are told of events that could not be handled, and ask for."""

from typing import Annotated, Any

import msgspec

from vitascope.kernel.bounds import ID


class DeadEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a group could not handle."""

    group: str
    """Who could not handle it."""

    id: str
    type: str
    key: str
    """What it is about. Events of one key are handled in order."""

    announced_at_ms: int
    given_up_at_ms: int
    attempts: int
    error: str
    """Of the last attempt."""

    event: dict[str, Any]


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """Which events to offer again."""

    group: Annotated[str, ID]
    id: Annotated[str, ID] | None = None
    """One event of the group, or null for all that it could not handle."""


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """How many events are offered again. They come back if they fail again."""

    count: int
