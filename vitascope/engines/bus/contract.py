"""Events in order by key, at least once, with dead letters that can be replayed.

An announcement is written in the announcer's own transaction (`Outbox.put`), so that it happens
exactly when the change happens; a relay carries it to the log; listeners follow the log, each
group at its own offset.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec
from sqlalchemy.engine import Connection

from vitascope.kernel.events import Envelope, Event

Handler = Callable[[Event, Envelope], Awaitable[None]]


class Outbox(Protocol):
    """The announcing side; one per domain, beside the domain's tables."""

    def put(self, connection: Connection, *events: Event) -> None:
        """Announce `events` when, and only when, the transaction of `connection` commits."""
        ...


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    group: str
    envelope: Envelope
    attempts: int
    error: str
    at_ms: int


class Bus(Protocol):
    """The listening side."""

    def subscribe(
        self, group: str, types: Sequence[type[Event]], handler: Handler, *, attempts: int = 5
    ) -> None:
        """Let `handler` hear every event of `types`, in order by key, from where `group` stopped.

        A handler that raises is tried again with backoff, `attempts` times; then the event is put
        among the dead letters and the events of other keys go on.
        """
        ...

    async def overhear(self, types: Sequence[type[Event]], handler: Handler) -> None:
        """Let `handler` hear, in this process, every event of `types` from now on, one after the
        other: for what each process keeps in memory. To be asked before `run`, and before what is
        kept is read for the first time, so that nothing falls between.

        A handler that raises is tried again a few times; then the event is stepped over.
        """
        ...

    async def run(self) -> None:
        """Relay and deliver until cancelled."""
        ...

    async def drain(self) -> None:
        """Return when all that is announced so far was heard (or is a dead letter)."""
        ...

    async def dead_letters(self, group: str) -> list[DeadLetter]: ...

    async def replay(self, group: str, envelope_id: str) -> None:
        """Offer a dead letter again. Raises `NotFound`."""
        ...
