"""What publishing remembers: jobs, their steps, the chunks that are done, the report.

`change` counts every change of any job, in one sequence, so that live updates can follow it.
Nothing moves a job that has ended but `reopen`: a worker that did not hear of a cancellation yet
writes into the void.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    func,
    insert,
    select,
    update,
)

from vitascope.engines.rows import upsert
from vitascope.ingest import UploadPriority
from vitascope.kernel.ids import AccountId, ContentId, JobId, MasterId, TitleId
from vitascope.publishing.contract import Job, JobReport, JobState, StepProgress, StepState

metadata = MetaData()

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("master_id", Text, nullable=False),
    Column("partner_id", Text, nullable=False),
    Column("title_id", Text, nullable=False),
    Column("content_id", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("updated_at_ms", BigInteger, nullable=False),
    Column("playable", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("change", BigInteger, nullable=False),
    Column("report", Text, nullable=False),
    Index("jobs_by_partner", "partner_id", "change"),
    Index("jobs_by_state", "state"),
)

steps = Table(
    "job_steps",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("unit", Text, nullable=False),
    Column("started_at_ms", BigInteger),
    Column("ended_at_ms", BigInteger),
    Column("detail", Text, nullable=False),
)

parts = Table(
    "job_parts",
    metadata,
    Column("job_id", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("part", Text, primary_key=True),
)

changes = Table(
    "job_changes",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("change", BigInteger, nullable=False),
)

ENDED = (JobState.REJECTED, JobState.LIVE, JobState.CANCELLED, JobState.FAILED)
_ENDED = tuple(state.value for state in ENDED)


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
        "change": _next_change(connection),
        "report": "{}",
    }
    added = connection.execute(upsert(connection, jobs, row, key=["id"], update=[]))
    return bool(added.rowcount)


def job(connection: Connection, job_id: JobId) -> Job | None:
    found = _jobs(connection, jobs.c.id == job_id, limit=1)
    return found[0] if found else None


def of_partner(connection: Connection, partner_id: AccountId, limit: int) -> list[Job]:
    """Returns a partner's jobs, newest first."""
    order = [jobs.c.created_at_ms.desc(), jobs.c.id.desc()]
    return _jobs(connection, jobs.c.partner_id == partner_id, order=order, limit=limit)


def changed(connection: Connection, partner_id: AccountId, since: int, limit: int) -> list[Job]:
    wanted = (jobs.c.partner_id == partner_id) & (jobs.c.change > since)
    return _jobs(connection, wanted, order=[jobs.c.change], limit=limit)


def under_way(connection: Connection) -> list[Job]:
    wanted = jobs.c.state.not_in(_ENDED)
    return _jobs(connection, wanted, order=[jobs.c.created_at_ms], limit=1000)


def has_earlier(connection: Connection, job_id: JobId) -> bool:
    """Returns True if a job for the same content is under way that began before this one."""
    mine = select(jobs.c.content_id, jobs.c.created_at_ms).where(jobs.c.id == job_id)
    own = connection.execute(mine).one_or_none()
    if own is None:
        return False
    earlier = (jobs.c.created_at_ms < own.created_at_ms) | (
        (jobs.c.created_at_ms == own.created_at_ms) & (jobs.c.id < job_id)
    )
    wanted = (jobs.c.content_id == own.content_id) & earlier & jobs.c.state.not_in(_ENDED)
    return connection.execute(select(jobs.c.id).where(wanted).limit(1)).first() is not None


def under_way_of(connection: Connection, content_id: ContentId) -> bool:
    wanted = (jobs.c.content_id == content_id) & jobs.c.state.not_in(_ENDED)
    return connection.execute(select(jobs.c.id).where(wanted).limit(1)).first() is not None


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
            change=_next_change(connection),
        )
    )
    if moved.rowcount and state in ENDED:
        running = (steps.c.job_id == job_id) & (steps.c.state == "running")
        left = "waiting" if state is JobState.CANCELLED else "failed"
        connection.execute(update(steps).where(running).values(state=left, ended_at_ms=now))
    return bool(moved.rowcount)


def reopen(connection: Connection, job_id: JobId, now: int, reason: str) -> bool:
    """Queue a failed or cancelled job again. Returns True if it was one."""
    again = connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id)
        .where(jobs.c.state.in_([JobState.FAILED.value, JobState.CANCELLED.value]))
        .values(
            state=JobState.QUEUED.value,
            reason=reason,
            attempt=jobs.c.attempt + 1,
            updated_at_ms=now,
            change=_next_change(connection),
        )
    )
    unfinished = (steps.c.job_id == job_id) & (steps.c.state != "done")
    connection.execute(
        update(steps).where(unfinished).values(state="waiting", detail="", ended_at_ms=None)
    )
    return bool(again.rowcount)


def playable(connection: Connection, job_id: JobId, now: int) -> None:
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(playable=True))
    touch(connection, job_id, now)


def touch(connection: Connection, job_id: JobId, now: int) -> None:
    connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id)
        .values(updated_at_ms=now, change=_next_change(connection))
    )


def begin_step(
    connection: Connection,
    job_id: JobId,
    name: str,
    now: int,
    *,
    total: int = 0,
    unit: str = "",
) -> None:
    """Begin a step. One that has begun before goes on, with what is done of it."""
    place = connection.scalar(
        select(func.count()).select_from(steps).where(steps.c.job_id == job_id)
    )
    row = {
        "job_id": job_id,
        "name": name,
        "place": place or 0,
        "state": "running",
        "done": 0,
        "total": total,
        "unit": unit,
        "started_at_ms": now,
        "ended_at_ms": None,
        "detail": "",
    }
    again = ["state", "total", "unit", "ended_at_ms", "detail"]
    connection.execute(upsert(connection, steps, row, key=["job_id", "name"], update=again))
    touch(connection, job_id, now)


def end_step(
    connection: Connection,
    job_id: JobId,
    name: str,
    now: int,
    *,
    state: StepState = "done",
    detail: str = "",
) -> None:
    changes: dict[str, Any] = {"state": state, "ended_at_ms": now, "detail": detail}
    if state == "done":
        changes["done"] = steps.c.total
    mine = (steps.c.job_id == job_id) & (steps.c.name == name)
    connection.execute(update(steps).where(mine).values(**changes))
    touch(connection, job_id, now)


def tell_step(connection: Connection, job_id: JobId, name: str, done: int, now: int) -> None:
    mine = (steps.c.job_id == job_id) & (steps.c.name == name) & (steps.c.state == "running")
    connection.execute(update(steps).where(mine, steps.c.done < done).values(done=done))
    touch(connection, job_id, now)


def part_done(connection: Connection, job_id: JobId, name: str, part: str, now: int) -> None:
    """Note that one of a step's parts is there. It is counted once, however often it is told."""
    row = {"job_id": job_id, "step": name, "part": part}
    key = ["job_id", "step", "part"]
    connection.execute(upsert(connection, parts, row, key=key, update=[]))
    mine = (parts.c.job_id == job_id) & (parts.c.step == name)
    done = connection.scalar(select(func.count()).select_from(parts).where(mine))
    tell_step(connection, job_id, name, done or 0, now)


def report(connection: Connection, job_id: JobId) -> JobReport:
    kept = connection.scalar(select(jobs.c.report).where(jobs.c.id == job_id))
    return msgspec.json.decode(kept or "{}", type=JobReport)


def add_to_report(connection: Connection, job_id: JobId, now: int, **news: Any) -> None:
    """Replace fields of `JobReport`, each as a whole."""
    known = report(connection, job_id)
    text = msgspec.json.encode(msgspec.structs.replace(known, **news)).decode()
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(report=text))
    touch(connection, job_id, now)


def _next_change(connection: Connection) -> int:
    counted = update(changes).where(changes.c.one == 1).values(change=changes.c.change + 1)
    found = connection.scalar(counted.returning(changes.c.change))
    if found is None:
        connection.execute(insert(changes).values(one=1, change=1))
        return 1
    return int(found)


def _jobs(
    connection: Connection, wanted: Any, *, limit: int, order: Sequence[Any] = ()
) -> list[Job]:
    rows = connection.execute(select(jobs).where(wanted).order_by(*order).limit(limit)).all()
    told = _steps_of(connection, [row.id for row in rows])
    return [_job(row._mapping, told.get(row.id, ())) for row in rows]


def _steps_of(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[StepProgress, ...]]:
    told: dict[str, tuple[StepProgress, ...]] = {}
    found = connection.execute(
        select(steps).where(steps.c.job_id.in_(ids)).order_by(steps.c.job_id, steps.c.place)
    )
    for row in found:
        step = StepProgress(
            name=row.name,
            state=row.state,
            done=row.done,
            total=row.total,
            unit=row.unit,
            started_at_ms=row.started_at_ms,
            ended_at_ms=row.ended_at_ms,
            detail=row.detail,
        )
        told[row.job_id] = (*told.get(row.job_id, ()), step)
    return told


def _job(row: Any, told: tuple[StepProgress, ...]) -> Job:
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
    )
