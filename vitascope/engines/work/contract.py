"""Durable workflows: started once, run to the end, whatever dies on the way.

A workflow is an async function made of named steps. What a step returned is kept, so that a
workflow taken over from a dead worker repeats no finished step: it runs through them again with
their kept results and goes on where it stopped. From this follow three rules for its author:

* between steps it only decides, and the same results lead to the same decisions;
* a step may run again if its worker died in it, or overlap with itself if its worker only seemed
  dead: it writes under a name of its own and publishes by one rename;
* steps hand on references (keys, small values), not data.

What can be run is declared once, as a `Task`, and named by both ends: those who start it and the
workers who do it. Several processes may start, watch and cancel work (`Work`); worker processes run
it (`Worker`).
"""

import enum
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from vitascope.kernel.errors import Conflict, NotFound, Trouble

T = TypeVar("T")
P = TypeVar("P")

OTHER_STEPS = "other-steps"
ENDED_WORKERS = "ended-workers"
"""The code of work that was taken as often as its task says."""


class NoSuchWork(NotFound):
    code = "no-such-work"


class WorkNotRetryable(Conflict):
    """Only work that failed or was cancelled can be run again."""

    code = "work-not-retryable"


class StepFailed(Trouble):
    """A step raised, and used up its attempts. `code` in extra is the stable code of the error
    below when that was one of ours, `cause` its type's name."""

    code = "step-failed"

    @property
    def is_of_other_steps(self) -> bool:
        """Returns True for work that was begun by a version with other steps: what is kept of it
        does not fit, and it can only be done anew."""
        return self.extra.get("code") == OTHER_STEPS


class Priority(enum.IntEnum):
    """Lower runs first; among equals, first come, first served."""

    NEW_RELEASE = 10
    NORMAL = 20
    BACK_CATALOG = 30

    @classmethod
    def named(cls, name: str) -> "Priority":
        """Returns the priority called `new-release`, `normal` or `back-catalog`. Raises
        `KeyError`."""
        return cls[name.upper().replace("-", "_")]


class WorkState(enum.StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StepRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A step that ended. Steps are listed in the order in which they began."""

    name: str
    failed: bool
    started_at_ms: int
    ended_at_ms: int
    child: str | None = None  # the work that this step started or waited for


class WorkStatus(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    workflow: str
    state: WorkState
    queue: str
    priority: int
    created_at_ms: int
    updated_at_ms: int
    worker: str | None = None  # who runs it, or ran it last
    parent: str | None = None
    error: str = ""
    has_other_steps: bool = (
        False  # it failed because an earlier version, with other steps, began it
    )


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """`at_once` is how many items one worker runs at a time: of this queue, or of all queues that
    name the same `places`. Of those, `patient` ones let the others go before them, and have a least
    share of the time; of queues that are alike the most urgent item is next, whichever has it,
    and of equally urgent ones that of the party that had least. With `guest` there is a place more
    for another party where one has all of them."""

    name: str
    at_once: int = 1
    places: str = ""
    patient: bool = False
    guest: bool = False


class Task(msgspec.Struct, Generic[P, T], frozen=True):
    """A workflow that can be run. `name` is kept with everything that waits in a queue, so it stays
    as it is. `takes` and `returns` must survive JSON by msgspec, and are read by later versions
    too: a new field has a default. `queue` is where it waits unless another is named. It is taken
    from there `most_taken` times, while whoever does it dies; then it has failed."""

    name: str
    takes: type[P]
    returns: type[T]
    queue: str
    most_taken: int = 101


class Steps(Protocol):
    """What a running workflow holds. Not to be shared between workflows."""

    @property
    def id(self) -> str:
        """Returns the work's own id."""
        ...

    @property
    def priority(self) -> int:
        """Returns the priority with which the work was started; lower is more urgent."""
        ...

    @property
    def queue(self) -> str:
        """Returns the queue from which the work was taken."""
        ...

    @property
    def party(self) -> str:
        """Returns whose work it is."""
        ...

    @property
    def taken(self) -> int:
        """Returns how often the work was taken from a queue: more than once after a worker died of
        it or beside it, was ended, or moved it."""
        ...

    async def move(self, queue: str) -> None:
        """Go on in this queue: the work is put there, for any worker of it, and its place here is
        free. What was done stays done, and it does not count as a failure. Returns when the work
        is run from that queue; to be called between steps."""
        ...

    async def step(
        self,
        name: str,
        run: Callable[[], Awaitable[T]],
        returns: type[T],
        *,
        attempts: int = 1,
        pause_s: float = 1.0,
    ) -> T:
        """Run `run` once, and for ever after return what it returned.

        `returns` must survive JSON by msgspec. A step that raises is tried again, `attempts` times
        in all, with a pause that begins at `pause_s` and doubles; a `Refusal`, and another error
        that is `final`, is never tried again.
        When the work is cancelled while `run` is under way, `run` is cancelled within two seconds.
        Raises `StepFailed`.
        """
        ...

    async def fan_out(
        self, task: Task[P, T], items: Mapping[str, P], *, queue: str | None = None
    ) -> dict[str, T]:
        """Run `task` once for every item, on any worker of its queue or of the one that is named,
        and wait for all of them.

        `items` maps a short name (part of the child's id) to the child's input; at most a few
        hundred. Children have the parent's priority, and are cancelled and retried with it.
        Raises `StepFailed` when one of them failed, after the others have ended; `part` in extra
        is its name.
        """
        ...


class Work(Protocol):
    """Starting and watching. Safe to share between tasks; any number of processes may hold one."""

    async def start(
        self,
        task: Task[P, Any],
        given: P,
        *,
        id: str,
        queue: str | None = None,
        priority: Priority = Priority.NORMAL,
        party: str = "",
    ) -> None:
        """Put work in a queue; durable when the call returns. Harmless when `id` is known. Of equal
        priority, every `party` has an equal share of a worker's time; children are of their
        parent's."""
        ...

    async def status(self, id: str) -> WorkStatus | None: ...

    async def steps(self, id: str) -> Sequence[StepRecord]:
        """Returns the steps that have ended, in the order in which they began. Raises
        `NoSuchWork`."""
        ...

    async def list(
        self,
        *,
        queue: str | None = None,
        states: Sequence[WorkState] = (),
        limit: int = 100,
    ) -> Sequence[WorkStatus]:
        """Returns work, newest first."""
        ...

    async def result(self, id: str, returns: type[T]) -> T | None:
        """Returns what finished work returned; None while it has not. Raises `NoSuchWork`,
        `StepFailed`."""
        ...

    async def cancel(self, id: str) -> None:
        """Stop the work and its children. Harmless when it has ended. Raises `NoSuchWork`."""
        ...

    async def move(self, id: str, *, from_queue: str, to_queue: str) -> bool:
        """Put work that waits in one queue into another one; what waits in a queue of which there
        is no worker waits until then, at no cost. Returns False, and changes nothing, unless it
        waits in `from_queue`."""
        ...

    async def retry(self, id: str, *, anew: bool = False) -> None:
        """Put failed or cancelled work, with its children, in its queue again; what finished is
        not repeated, unless it is to be done `anew`. Raises `NoSuchWork`, `WorkNotRetryable`."""
        ...

    async def forget(self, before_ms: int) -> int:
        """Delete work that is done, with its children, if it ended before then. Returns how many.
        What failed or was cancelled stays, to be retried."""
        ...

    async def close(self) -> None: ...


class Worker(Protocol):
    """A worker process's side: what it can do, and doing it."""

    def on(self, task: Task[P, T], run: Callable[[Steps, P], Awaitable[T]]) -> None:
        """Let `task` be run here. To be called before `run`."""
        ...

    async def run(self) -> None:
        """Take work until cancelled; then put what is in flight back in its queue and return."""
        ...
