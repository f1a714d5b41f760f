"""What workers are given: a job, and its parts.

    publish (queues `jobs...`, then `ladders...`)
        -> encode-chunk, join-rung (queues `encodes-first`, `encodes`)
        -> try-sample (queue `encodes`)
    republish (queue `changes`)

A job begins in a queue `jobs...`, and moves to a queue `ladders...` when its first version can be
played: of each, a worker leads so many at a time. So no film waits for its first version until
others have their ladders. Only `encodes...` cost processor time; the others wait (what a job's
leader does itself is bounded, see `turns.py`). Parts of first versions go before all others, which
have a least share of the time (`engines/shares.py`), whatever the jobs' priorities.

Of jobs of one priority, and of their parts, each partner has an equal share of the time: who sends
a hundred films, or one that takes for ever, does not keep another's waiting.

Jobs of each priority have a queue of their own, so that none waits for a place behind one that is
less urgent: a bad master is refused, and a new release begun, while a back catalog is encoded.
Parts have the priority of their job.

Each queue is there twice: what is in `...-sandboxed` is of a partner's file, and is taken by
workers that have a sandbox and by no others.

What waits for a person is put in the queue `held`, of which no worker takes anything: so it needs
no place, and stays there for as long as it takes. A decision puts it back where it began.

Orders are kept in the queue's database as JSON, and read there by later versions too: a new field
has a default.
"""

from types import NoneType

import msgspec
from msgspec import structs

from vitascope.encoding import Effort, RenditionRef, Trial, TrialResult
from vitascope.engines.work import Priority, Queue, Task
from vitascope.ingest import Subtitles
from vitascope.kernel.ids import AssetId, ContentId, JobId, TitleId
from vitascope.publishing.contract import Change, JobKind
from vitascope.publishing.settings import PublishingSettings

_JOBS = {
    Priority.NEW_RELEASE: "jobs-new-release",
    Priority.NORMAL: "jobs",
    Priority.BACK_CATALOG: "jobs-back-catalog",
}
_LADDERS = {
    Priority.NEW_RELEASE: "ladders-new-release",
    Priority.NORMAL: "ladders",
    Priority.BACK_CATALOG: "ladders-back-catalog",
}
_CHANGES, _ENCODES, _FIRST = "changes", "encodes", "encodes-first"
_HELD = "held"
_SANDBOXED = "-sandboxed"


class JobOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a job is started with. `artwork`, `scheduled`, `judged` and `pictured` are false for
    jobs begun by a version without these steps: a job keeps the steps it began with, and its
    effort."""

    job_id: JobId
    title_id: TitleId
    content_id: ContentId
    asset_id: AssetId
    master_key: str
    file_name: str
    artwork: bool = False
    scheduled: bool = False
    judged: bool = False
    pictured: bool = False
    subtitles: tuple[Subtitles, ...] = ()
    by_operator: bool = False  # begun by an operator: done also where no sandbox works
    effort: Effort = "balanced"


class ChunkOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Encode one chunk of a plan in all of the named rungs, which are of one format, and measure
    it. `step` is the line of the job that counts chunks."""

    job_id: JobId
    plan_key: str
    index: int
    rungs: tuple[str, ...]
    rough: bool
    step: str


class JoinOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Join the chunks of one rung of a plan. They are not named here: who asks for them again finds
    them done."""

    job_id: JobId
    plan_key: str
    rung: str
    rough: bool


class TrialOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The plan tells of the source, which is the same for all trials."""

    job_id: JobId
    plan_key: str
    trial: Trial
    step: str


class RepublishOrder(msgspec.Struct, frozen=True, kw_only=True):
    """With `waiting` the change is made to the version that waits to be published."""

    job_id: JobId
    title_id: TitleId
    content_id: ContentId
    change: Change
    waiting: bool = False
    by_operator: bool = False
    effort: Effort = "balanced"


PUBLISH = Task("publish", JobOrder, NoneType, queue=_JOBS[Priority.NORMAL])
REPUBLISH = Task("republish", RepublishOrder, NoneType, queue=_CHANGES)
_DEATHS = 5  # a part of which so many workers die, one after another, is not tried again
CHUNK: Task[ChunkOrder, tuple[float, ...]] = Task(
    "encode-chunk", ChunkOrder, tuple[float, ...], queue=_ENCODES, most_taken=_DEATHS
)
"""Returns the chunk's mean VMAF in each rung."""
JOIN = Task("join-rung", JoinOrder, RenditionRef, queue=_ENCODES)
TRIAL = Task("try-sample", TrialOrder, TrialResult, queue=_ENCODES, most_taken=_DEATHS)


def queue_of_jobs(priority: Priority) -> str:
    return _JOBS[priority]


def queue_of_ladders(priority: int) -> str:
    """Returns where a job goes on once its first version can be played."""
    return _LADDERS[Priority(priority)]


def queue_of_parts(*, first: bool) -> str:
    """Returns where chunks, trials and measurements wait: of a first version, or of a ladder."""
    return _FIRST if first else _ENCODES


def held(queue: str) -> str:
    """Returns where a job waits for a person that came from this queue."""
    return sandboxed(_HELD, by_operator=not is_sandboxed(queue))


def is_held(queue: str) -> bool:
    return queue in (_HELD, _HELD + _SANDBOXED)


def queue_to_go_on(kind: JobKind, priority: Priority, held_in: str) -> str:
    """Returns where a job goes on that was held."""
    queue = _CHANGES if kind == "change" else queue_of_jobs(priority)
    return sandboxed(queue, by_operator=not is_sandboxed(held_in))


def sandboxed(queue: str, *, by_operator: bool = False) -> str:
    """Returns the queue for workers with a sandbox, unless the file is an operator's."""
    return queue if by_operator or is_sandboxed(queue) else queue + _SANDBOXED


def is_sandboxed(queue: str) -> bool:
    return queue.endswith(_SANDBOXED)


def queues(settings: PublishingSettings, *, sandbox: bool) -> tuple[Queue, ...]:
    """Returns the queues of a worker, with a sandbox or without, and how many items of each run at
    once."""
    jobs = settings.jobs_at_once
    kinds = [Queue(name=name, at_once=jobs, guest=True) for name in _JOBS.values()]
    kinds += [Queue(name=name, at_once=jobs, guest=True) for name in _LADDERS.values()]
    kinds += [
        Queue(name=_CHANGES, at_once=jobs * len(_JOBS), guest=True),
        Queue(name=_FIRST, at_once=settings.encodes_at_once, places=_ENCODES),
        Queue(name=_ENCODES, at_once=settings.encodes_at_once, places=_ENCODES, patient=True),
    ]
    kinds = [structs.replace(kind, places=kind.places or kind.name) for kind in kinds]
    walled = [structs.replace(kind, name=sandboxed(kind.name)) for kind in kinds]
    return (*kinds, *(walled if sandbox else ()))
