"""Events in order by key, at least once, with dead letters that can be replayed.

An announcement is written in the announcer's own transaction (`Outbox.put`), so that it happens
exactly when the change happens. Three parts carry it on, and each can be replaced alone: a `Relay`
moves announcements from the outboxes to the `Log`; `Groups` deliver what lies in the log to those
who subscribed. `Bus` is the three together, as domains see them.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from vitascope.engines.rows import Rows
from vitascope.kernel.errors import NotFound
from vitascope.kernel.events import Envelope, Event

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

Handler = Callable[[Event, Envelope], Awaitable[None]]
BatchHandler = Callable[[Sequence[tuple[Event, Envelope]]], Awaitable[None]]


class Outbox(Protocol):
    """The announcing side; one per domain, beside the domain's tables."""

    def put(self, connection: "Connection", *events: Event) -> None:
        """Announce `events` when, and only when, the transaction of `connection` commits."""
        ...


class Log(Protocol):
    """Where events are kept once they left their outbox."""

    async def append(self, envelopes: Sequence[Envelope]) -> None:
        """Add the events that are not there yet, keeping the order of each key. Durable on return.
        Harmless to repeat: an event is known by its id."""
        ...


class Relay(Protocol):
    """Moves announcements from the outboxes of this process to the log."""

    async def carry_all(self) -> None:
        """Return when everything that was committed before the call is in the log."""
        ...

    async def run(self) -> None:
        """Carry announcements soon after their commit, until cancelled."""
        ...


class NoSuchDeadLetter(NotFound):
    """The group has no dead letter of this id, or it is being replayed."""

    code = "no-such-dead-letter"


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """An event that a group could not handle."""

    group: str
    envelope: Envelope
    attempts: int
    error: str
    """Of the last attempt: the exception's class and message."""

    at_ms: int
    """When it was given up."""


class DeadLetters(Protocol):
    """What groups could not handle, for operators."""

    async def dead_letters(self, group: str | None = None, *, limit: int = 100) -> list[DeadLetter]:
        """Returns the dead letters of one group or of all, by group, oldest event first."""
        ...

    async def replay(self, group: str, envelope_id: str) -> None:
        """Offer a dead letter to its group again. Raises `NoSuchDeadLetter`."""
        ...

    async def replay_all(self, group: str) -> int:
        """Offer all dead letters of a group again. Returns how many there were."""
        ...


class Groups(DeadLetters, Protocol):
    """The listening side."""

    def subscribe(
        self, group: str, types: Sequence[type[Event]], handler: Handler, *, attempts: int = 5
    ) -> None:
        """Let `handler` hear every event of `types`, in order by key, from where `group` stopped.

        A handler that raises is tried again with backoff, `attempts` times; then the event is put
        among the dead letters and the events of other keys go on.
        """
        ...

    def subscribe_batches(
        self, group: str, types: Sequence[type[Event]], handler: BatchHandler, *, attempts: int = 5
    ) -> None:
        """Subscribe a handler that takes at once what has gathered while it was busy: a few hundred
        events at most, each of another key. The order by key holds from batch to batch.

        When it raises, each half of the batch is offered alone, down to the events at fault; only
        these are tried again and may become dead letters. It may hear the others again.
        """
        ...

    async def overhear(self, types: Sequence[type[Event]], handler: Handler) -> None:
        """Let `handler` hear, in this process, every event of `types` from now on, one after the
        other: for what each process keeps in memory. To be asked before `run`, and before what is
        kept is read for the first time, so that nothing falls between.

        A handler that raises is tried again a few times; then the event is skipped.
        """
        ...

    async def overhear_batches(self, types: Sequence[type[Event]], handler: BatchHandler) -> None:
        """Overhear with a handler that takes at once what has gathered: a few hundred events at
        most, in the order of the log, several of one key among them. When it raises, each half is
        offered alone."""
        ...

    async def run(self) -> None:
        """Deliver until cancelled."""
        ...

    async def caught_up(self) -> int:
        """Return when all that was in the log at the call was handled (or is a dead letter), while
        somebody runs. Returns a number that grows with the log."""
        ...


class Bus(DeadLetters, Protocol):
    """Relay, log and groups together."""

    def outbox(self, domain: str, rows: Rows) -> Outbox:
        """Returns the announcing side of a domain, whose outbox this process relays from now on.

        `rows` was opened with `vitascope.engines.bus.outbox.MIGRATIONS` beside the domain's own.
        """
        ...

    def subscribe(
        self, group: str, types: Sequence[type[Event]], handler: Handler, *, attempts: int = 5
    ) -> None:
        """Subscribe as `Groups.subscribe` does."""
        ...

    def subscribe_batches(
        self, group: str, types: Sequence[type[Event]], handler: BatchHandler, *, attempts: int = 5
    ) -> None:
        """Subscribe as `Groups.subscribe_batches` does."""
        ...

    async def overhear(self, types: Sequence[type[Event]], handler: Handler) -> None:
        """Listen as `Groups.overhear` does."""
        ...

    async def overhear_batches(self, types: Sequence[type[Event]], handler: BatchHandler) -> None:
        """Listen as `Groups.overhear_batches` does."""
        ...

    async def run(self) -> None:
        """Relay and deliver until cancelled."""
        ...

    async def drain(self) -> None:
        """Return when all that is announced so far was heard (or is a dead letter)."""
        ...
