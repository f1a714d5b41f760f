"""Jobs: what is asked of them, and their way from one state to another.

Nothing moves a job that has ended but `reopen`: a worker that did not hear of a cancellation yet
writes into the void.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    not_,
    or_,
    select,
    true,
    tuple_,
    update,
)

from vitascope.engines.rows import upsert
from vitascope.ingest import UploadPriority
from vitascope.kernel.ids import AccountId, AssetId, ContentId, JobId, MasterId, TitleId
from vitascope.publishing.contract import (
    Job,
    JobFilter,
    JobKind,
    JobReport,
    JobState,
    JobsWanted,
    StepProgress,
)
from vitascope.publishing.estimate import left_ms, share_done
from vitascope.publishing.store.expectations import expected_of
from vitascope.publishing.store.steps import progress_of
from vitascope.publishing.store.tables import jobs, next_change, parts, steps, touch

ENDED = (JobState.REJECTED, JobState.LIVE, JobState.CANCELLED, JobState.FAILED)
_JUST_MS = 10_000
_ENDED = tuple(state.value for state in ENDED)
_MOST_FORMATS = 20
_FORMATS = "formats"
_BAD = (JobState.FAILED.value, JobState.REJECTED.value)
_WANTED = {
    JobFilter.ALL: true(),
    JobFilter.UNDER_WAY: jobs.c.state.not_in(_ENDED),
    JobFilter.FAILED: jobs.c.state.in_(_BAD),
    JobFilter.ENDED: jobs.c.state.in_(_ENDED),
    JobFilter.READY: jobs.c.state == JobState.READY.value,
    JobFilter.REVIEW: jobs.c.state == JobState.NEEDS_REVIEW.value,
}


class NewJob(msgspec.Struct, frozen=True, kw_only=True):
    """`master_id` is empty for a change to what is live, unless that is a sound track that was
    uploaded."""

    id: JobId
    partner_id: AccountId
    title_id: TitleId
    content_id: ContentId
    file_name: str
    master_id: MasterId = MasterId("")
    priority: UploadPriority = "normal"
    publish_at_ms: int | None = 0
    replaces: bool = False
    kind: JobKind = "change"


def add(connection: Connection, job: NewJob, now: int) -> bool:
    """Add a job. Returns False when there is one of that id."""
    row = {
        **msgspec.structs.asdict(job),
        "state": JobState.QUEUED.value,
        "created_at_ms": now,
        "updated_at_ms": now,
        "playable": False,
        "reason": "",
        "attempt": 1,
        "change": next_change(connection),
        "report": "{}",
    }
    added = connection.execute(upsert(connection, jobs, row, key=["id"], update=[]))
    return bool(added.rowcount)


def job(connection: Connection, job_id: JobId) -> Job | None:
    found = _jobs(connection, jobs.c.id == job_id, limit=1)
    return found[0] if found else None


def of_partner(
    connection: Connection,
    partner_id: AccountId | None,
    wanted: JobsWanted,
    title_ids: Sequence[TitleId],
    before: tuple[int, str] | None,
    limit: int,
) -> list[Job]:
    """Returns the jobs of a partner, or of all for None, newest first. `title_ids` are those whose
    name has the text."""
    chosen = [_WANTED[wanted.filter]]
    if partner_id is not None:
        chosen.append(jobs.c.partner_id == partner_id)
    if wanted.text:
        named = func.lower(jobs.c.file_name).contains(wanted.text.lower(), autoescape=True)
        chosen.append(or_(named, jobs.c.title_id.in_(title_ids)))
    if wanted.content_id is not None:
        chosen.append(jobs.c.content_id == wanted.content_id)
    if wanted.title_id is not None:
        chosen.append(jobs.c.title_id == wanted.title_id)
    if before is not None:
        chosen.append(tuple_(jobs.c.created_at_ms, jobs.c.id) < before)
    order = [jobs.c.created_at_ms.desc(), jobs.c.id.desc()]
    return _jobs(connection, and_(*chosen), order=order, limit=limit)


def changed(connection: Connection, partner_id: AccountId, since: int, limit: int) -> list[Job]:
    wanted = (jobs.c.partner_id == partner_id) & (jobs.c.change > since)
    return _jobs(connection, wanted, order=[jobs.c.change], limit=limit)


def counted_under_way(connection: Connection) -> dict[JobState, int]:
    """Returns how many jobs are in each state that is not an end."""
    query = select(jobs.c.state, func.count()).where(jobs.c.state.not_in(_ENDED))
    rows = connection.execute(query.group_by(jobs.c.state)).all()
    return {JobState(state): count for state, count in rows}


def under_way(connection: Connection) -> list[Job]:
    wanted = jobs.c.state.not_in(_ENDED)
    return _jobs(connection, wanted, order=[jobs.c.created_at_ms], limit=1000)


def has_earlier(connection: Connection, job_id: JobId) -> bool:
    """Returns True if a job for the same content is at work that began before this one."""
    earlier = earlier_of(connection, job_id)
    if earlier is None:
        return False
    waits = (JobState.READY.value, JobState.NEEDS_REVIEW.value)
    working: ColumnElement[bool] = jobs.c.state.not_in([*_ENDED, *waits])
    kind = connection.execute(select(jobs.c.kind).where(jobs.c.id == job_id)).scalar()
    if kind != _FORMATS:  # those take long, and package what others have published meanwhile
        working &= jobs.c.kind.is_distinct_from(_FORMATS)
    wanted = select(jobs.c.id).where(earlier & working).limit(1)
    return connection.execute(wanted).first() is not None


def earlier_of(connection: Connection, job_id: JobId) -> ColumnElement[bool] | None:
    """Returns what is true of jobs for the same content that began before this one; None where it
    is not there."""
    mine = select(jobs.c.content_id, jobs.c.created_at_ms).where(jobs.c.id == job_id)
    own = connection.execute(mine).one_or_none()
    if own is None:
        return None
    before: ColumnElement[bool] = (jobs.c.created_at_ms < own.created_at_ms) | (
        (jobs.c.created_at_ms == own.created_at_ms) & (jobs.c.id < job_id)
    )
    mine_too: ColumnElement[bool] = jobs.c.content_id == own.content_id
    return mine_too & before


def of_title_under_way(connection: Connection, title_id: TitleId) -> list[Job]:
    wanted = (jobs.c.title_id == title_id) & jobs.c.state.not_in(_ENDED)
    return _jobs(connection, wanted, order=[jobs.c.created_at_ms], limit=1000)


def due(connection: Connection, now: int, limit: int) -> list[Job]:
    """Returns jobs that are ready and whose time has come, the first one first."""
    wanted = (jobs.c.state == JobState.READY.value) & (jobs.c.publish_at_ms <= now)
    return _jobs(connection, wanted, order=[jobs.c.publish_at_ms], limit=limit)


def next_due_ms(connection: Connection) -> int | None:
    """Returns when the next of the jobs that are ready is to be published; None if none is."""
    ready = jobs.c.state == JobState.READY.value
    first: int | None = connection.scalar(select(func.min(jobs.c.publish_at_ms)).where(ready))
    return first


def schedule(
    connection: Connection, job_id: JobId, at_ms: int | None, now: int, **changes: Any
) -> bool:
    """Set when a job is published. Returns False for one that has ended."""
    set_ = update(jobs).where(jobs.c.id == job_id, jobs.c.state.not_in(_ENDED))
    if done := connection.execute(set_.values(publish_at_ms=at_ms, **changes)).rowcount:
        touch(connection, job_id, now)
    return bool(done)


def is_later(connection: Connection, job: Job, other: JobId) -> bool:
    """Returns True if `other` is a job for the same content that began after `job`."""
    mine = (jobs.c.content_id == job.content_id) & (jobs.c.id == other)
    later = tuple_(jobs.c.created_at_ms, jobs.c.id) > (job.created_at_ms, job.id)
    return connection.execute(select(jobs.c.id).where(mine & later)).first() is not None


def ready_beside(connection: Connection, job: Job) -> list[Job]:
    """Returns other jobs of the same content that are ready."""
    wanted = (jobs.c.content_id == job.content_id) & (jobs.c.id != job.id)
    return _jobs(connection, wanted & (jobs.c.state == JobState.READY.value), limit=100)


def ready_of(connection: Connection, content_id: ContentId) -> Job | None:
    """Returns the job whose version of a content waits to be published."""
    wanted = (jobs.c.content_id == content_id) & (jobs.c.state == JobState.READY.value)
    found = _jobs(connection, wanted, order=[jobs.c.created_at_ms.desc()], limit=1)
    return found[0] if found else None


def jobs_of(connection: Connection, content_id: ContentId) -> list[JobId]:
    wanted = select(jobs.c.id).where(jobs.c.content_id == content_id)
    return [JobId(one) for one in connection.scalars(wanted)]


def under_way_of(connection: Connection, content_id: ContentId) -> bool:
    wanted = (jobs.c.content_id == content_id) & jobs.c.state.not_in(_ENDED)
    return connection.execute(select(jobs.c.id).where(wanted).limit(1)).first() is not None


def adds_formats(connection: Connection, content_id: ContentId) -> bool:
    """Returns True while a job adds formats to what is live."""
    mine = (jobs.c.content_id == content_id) & (jobs.c.kind == _FORMATS)
    wanted = mine & jobs.c.state.not_in(_ENDED)
    return connection.execute(select(jobs.c.id).where(wanted).limit(1)).first() is not None


def master_of_asset(
    connection: Connection, content_id: ContentId, asset_id: AssetId
) -> JobId | None:
    """Returns the job of the master that a version was made of. A change with new keys makes
    another asset, of the master that had been published last when it began."""
    made_by = JobId(f"job_{asset_id.partition('_')[2]}")
    masters = _of_masters(content_id)
    own = connection.scalar(select(jobs.c.id).where(masters & (jobs.c.id == made_by)))
    earlier = earlier_of(connection, made_by)
    if own is not None or earlier is None:
        return JobId(own) if own else None
    live = masters & earlier & (jobs.c.state == JobState.LIVE.value)
    last = select(jobs.c.id).where(live).order_by(jobs.c.created_at_ms.desc()).limit(1)
    found = connection.scalar(last)
    return JobId(found) if found else None


def is_in_hdr(connection: Connection, content_id: ContentId, asset_id: AssetId) -> bool:
    """Returns True if the master that a version was made of was found to be in HDR."""
    made_by = master_of_asset(connection, content_id, asset_id)
    return made_by is not None and any(
        found.code == "hdr" for found in report(connection, made_by).findings
    )


def _of_masters(content_id: ContentId) -> ColumnElement[bool]:
    mine = (jobs.c.content_id == content_id) & (jobs.c.master_id != "")
    return mine & jobs.c.kind.is_distinct_from("change") & jobs.c.kind.is_distinct_from(_FORMATS)


def move(
    connection: Connection, job_id: JobId, now: int, *, state: JobState, reason: str = ""
) -> bool:
    """Move a job to another state. Returns True if that changed anything. Does nothing to a job
    that has ended."""
    moved = connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state.not_in(_ENDED), jobs.c.state != state.value)
        .values(
            state=state.value,
            reason=reason,
            updated_at_ms=now,
            change=next_change(connection),
        )
    )
    if moved.rowcount and state in ENDED:
        running = (steps.c.job_id == job_id) & (steps.c.state == "running")
        left = "waiting" if state is JobState.CANCELLED else "failed"
        connection.execute(update(steps).where(running).values(state=left, ended_at_ms=now))
    return bool(moved.rowcount)


def reopen(
    connection: Connection,
    job_id: JobId,
    now: int,
    reason: str,
    state: JobState = JobState.QUEUED,
) -> bool:
    """Move a failed or cancelled job to `state` again. Returns True if it was one."""
    again = connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id)
        .where(jobs.c.state.in_([JobState.FAILED.value, JobState.CANCELLED.value]))
        .values(
            state=state.value,
            reason=reason,
            attempt=jobs.c.attempt + 1,
            updated_at_ms=now,
            change=next_change(connection),
        )
    )
    unfinished = (steps.c.job_id == job_id) & (steps.c.state != "done")
    connection.execute(
        update(steps).where(unfinished).values(state="waiting", detail="", ended_at_ms=None)
    )
    return bool(again.rowcount)


def begin_anew(connection: Connection, job_id: JobId, now: int) -> bool:
    """Let a job be queued with nothing done of it. Returns False for one that has ended, and for
    one that somebody else has just begun anew."""
    theirs = and_(
        jobs.c.state == JobState.QUEUED.value,
        jobs.c.updated_at_ms > now - _JUST_MS,
        not_(select(steps.c.name).where(steps.c.job_id == job_id).exists()),
    )
    queued = connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state.not_in(_ENDED), not_(theirs))
        .values(state=JobState.QUEUED.value, updated_at_ms=now, change=next_change(connection))
    )
    if not queued.rowcount:
        return False
    for table in (parts, steps):
        connection.execute(delete(table).where(table.c.job_id == job_id))
    return True


def playable(connection: Connection, job_id: JobId, now: int) -> None:
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(playable=True))
    touch(connection, job_id, now)


def report(connection: Connection, job_id: JobId) -> JobReport:
    kept = connection.scalar(select(jobs.c.report).where(jobs.c.id == job_id))
    return msgspec.json.decode(kept or "{}", type=JobReport)


def reports_of_asset(
    connection: Connection, content_id: ContentId, asset_id: AssetId
) -> list[JobReport]:
    """Returns the report of the master that a version was made of, and those of the formats that
    were added to it since."""
    master = master_of_asset(connection, content_id, asset_id)
    if master is None:
        return []
    begun = select(jobs.c.created_at_ms).where(jobs.c.id == master).scalar_subquery()
    added = (jobs.c.kind == _FORMATS) & (jobs.c.state == JobState.LIVE.value)
    wanted = (jobs.c.content_id == content_id) & added & (jobs.c.created_at_ms >= begun)
    since = select(jobs.c.id).where(wanted).order_by(jobs.c.created_at_ms).limit(_MOST_FORMATS)
    return [report(connection, JobId(one)) for one in (master, *connection.scalars(since))]


def add_to_report(connection: Connection, job_id: JobId, now: int, **news: Any) -> None:
    """Replace fields of `JobReport`, each as a whole."""
    known = report(connection, job_id)
    text = msgspec.json.encode(msgspec.structs.replace(known, **news)).decode()
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(report=text))
    touch(connection, job_id, now)


def _jobs(
    connection: Connection, wanted: Any, *, limit: int, order: Sequence[Any] = ()
) -> list[Job]:
    rows = connection.execute(select(jobs).where(wanted).order_by(*order).limit(limit)).all()
    told = progress_of(connection, [row.id for row in rows])
    return [_job(row._mapping, told.get(row.id, ())) for row in rows]


def _job(row: Any, told: tuple[StepProgress, ...]) -> Job:
    kind, known = row["kind"], expected_of(row["expected"])
    waits = row["state"] in (JobState.READY.value, JobState.LIVE.value)
    rests = (JobState.NEEDS_REVIEW.value, JobState.NO_ROOM.value)
    works = not waits and row["state"] not in (*_ENDED, *rests)
    now = row["updated_at_ms"]
    return Job(
        id=JobId(row["id"]),
        master_id=MasterId(row["master_id"]),
        partner_id=AccountId(row["partner_id"]),
        title_id=TitleId(row["title_id"]),
        content_id=ContentId(row["content_id"]),
        file_name=row["file_name"],
        priority=row["priority"],
        state=JobState(row["state"]),
        steps=told,
        created_at_ms=row["created_at_ms"],
        updated_at_ms=row["updated_at_ms"],
        playable=row["playable"],
        reason=row["reason"],
        attempt=row["attempt"],
        change=row["change"],
        publish_at_ms=row["publish_at_ms"],
        replaces=bool(row["replaces"]),
        kind=kind,
        share_done=1.0 if waits else round(share_done(kind, told, known), 4),
        left_ms=left_ms(kind, told, known, now) if works else None,
        cpu_s=round(sum(step.cpu_s for step in told), 1),
        estimate=known.told if known else None,
    )
