"""What workers are given: a job, and its parts.

    publish (queues `jobs...`) -> rung (queue `rungs`) -> chunk, measure (queue `encodes`)
                               -> trial (queue `encodes`)
    republish (queue `changes`)

Jobs of each priority have a queue of their own, so that none waits for a place behind one that is
less urgent: a bad master is refused, and a new release begun, while a back catalog is encoded.
Parts have the priority of their job. Only the queue `encodes` costs processor time; the others
wait (what a job's leader does itself is bounded, see `turns` in `running.py`).

Orders are kept in the queue's database as JSON, and read there by later versions too: a new field
has a default.
"""

from types import NoneType

import msgspec

from vitascope.encoding import Assessment, ChunkRef, EncodeChunk, RenditionRef, Trial, TrialResult
from vitascope.engines.work import Priority, Queue, Task
from vitascope.ingest import Subtitles
from vitascope.kernel.ids import AssetId, ContentId, JobId, TitleId
from vitascope.publishing.contract import Change
from vitascope.publishing.settings import PublishingSettings

_JOBS = {
    Priority.NEW_RELEASE: "jobs-new-release",
    Priority.NORMAL: "jobs",
    Priority.BACK_CATALOG: "jobs-back-catalog",
}
_CHANGES, _RUNGS, _ENCODES = "changes", "rungs", "encodes"
_RUNGS_OF_A_JOB = 16


class JobOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a job is started with. `artwork` is false for jobs that were begun by a version without
    that step: a job keeps the steps it began with."""

    job_id: JobId
    title_id: TitleId
    content_id: ContentId
    asset_id: AssetId
    master_key: str
    file_name: str
    artwork: bool = False
    subtitles: tuple[Subtitles, ...] = ()


class RungOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Encode one rung of a plan. `step` is the line of the job that counts its chunks."""

    job_id: JobId
    plan_key: str
    rung: str
    step: str
    measure: bool


class ChunkOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order of an earlier version has no `request`: it names a chunk of a plan."""

    job_id: JobId
    step: str
    index: int
    request: EncodeChunk | None = None
    plan_key: str = ""
    rung: str = ""


class MeasureOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Every chunk's place goes into the verdict, so this names the plan and does not copy it."""

    job_id: JobId
    plan_key: str
    rung: str
    rendition: RenditionRef


class TrialOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The plan tells of the source, which is the same for all trials."""

    job_id: JobId
    plan_key: str
    trial: Trial


class RepublishOrder(msgspec.Struct, frozen=True, kw_only=True):
    job_id: JobId
    title_id: TitleId
    content_id: ContentId
    change: Change


PUBLISH = Task("publish", JobOrder, NoneType, queue=_JOBS[Priority.NORMAL])
REPUBLISH = Task("republish", RepublishOrder, NoneType, queue=_CHANGES)
RUNG = Task("rung", RungOrder, RenditionRef, queue=_RUNGS)
CHUNK = Task("chunk", ChunkOrder, ChunkRef, queue=_ENCODES)
MEASURE = Task("measure", MeasureOrder, Assessment, queue=_ENCODES)
TRIAL = Task("trial", TrialOrder, TrialResult, queue=_ENCODES)


def queue_of_jobs(priority: Priority) -> str:
    return _JOBS[priority]


def queues(settings: PublishingSettings) -> tuple[Queue, ...]:
    """Returns the queues and how many items of each run at once. Rungs only wait, but each of a
    job's rungs must be able to."""
    return (
        *(Queue(name=name, at_once=settings.jobs_at_once) for name in _JOBS.values()),
        Queue(name=_CHANGES, at_once=settings.jobs_at_once * len(_JOBS)),
        Queue(name=_RUNGS, at_once=settings.jobs_at_once * len(_JOBS) * _RUNGS_OF_A_JOB),
        Queue(name=_ENCODES, at_once=settings.encodes_at_once),
    )
