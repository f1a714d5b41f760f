"""What jobs are expected to take, and what earlier ones took."""

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, select, update

from vitascope.ingest import UploadPriority
from vitascope.kernel.ids import JobId
from vitascope.publishing.contract import JobKind, JobState
from vitascope.publishing.estimate import Expected, FilmSize, Past, expected, took
from vitascope.publishing.estimates import Estimate
from vitascope.publishing.forecast import FIRST, Ahead, Earlier, FilmJob, foretold, spent_on
from vitascope.publishing.store.steps import progress_of
from vitascope.publishing.store.tables import jobs, touch

_LAST = 20  # jobs: an older machine, or older settings, are soon forgotten
_MOST_AHEAD = 500
_WELL = (JobState.LIVE.value, JobState.READY.value)
_AT_REST = (
    *_WELL,
    *(state.value for state in (JobState.REJECTED, JobState.CANCELLED, JobState.FAILED)),
    JobState.NEEDS_REVIEW.value,
)
_URGENCY: dict[UploadPriority, int] = {"new-release": 0, "normal": 1, "back-catalog": 2}


def expect_phases(
    connection: Connection,
    job_id: JobId,
    size: FilmSize,
    now: int,
    wanted: FilmJob | None = None,
    told: Estimate | None = None,
) -> None:
    """Settle what the phases of a job are expected to take, and what it was told to cost."""
    known = expected(size, _past(connection, job_id))
    if wanted is not None:
        known = msgspec.structs.replace(
            known,
            effort=wanted.effort,
            formats=wanted.formats,
            cost=wanted.cost,
            cpu=foretold(wanted, earlier_jobs(connection)),
            told=told,
        )
    kept = msgspec.json.encode(known).decode()
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(expected=kept))
    touch(connection, job_id, now)


def expected_of(told: str | None) -> Expected | None:
    return msgspec.json.decode(told, type=Expected) if told else None


def earlier_jobs(connection: Connection, kind: JobKind = "master") -> list[Earlier]:
    """Returns what the last jobs took that went well at the first attempt."""
    found: list[Earlier] = []
    rows = _ended_well(connection, kind, jobs.c.report)
    steps = progress_of(connection, [row.id for row in rows])
    for row in rows:
        told, known = steps.get(row.id, ()), expected_of(row.expected)
        ends = [step.ended_at_ms for step in told if step.ended_at_ms is not None]
        starts = [step.started_at_ms for step in told if step.started_at_ms is not None]
        if known is None or known.cost is None or not ends:
            continue
        report = msgspec.json.decode(row.report, type=_Published)
        found.append(
            Earlier(
                film=known.size,
                effort=known.effort,
                formats=known.formats,
                cost=known.cost,
                spent=spent_on(told),
                took_s=max(0, max(ends) - min(starts)) / 1000,
                size=report.size,
            )
        )
    return found


def ahead_of(
    connection: Connection, priority: UploadPriority, job_id: JobId | None = None
) -> list[Ahead]:
    """Returns what is left of the jobs that are done before one of this priority: before `job_id`,
    or before what comes next."""
    more_urgent = [one for one, rank in _URGENCY.items() if rank <= _URGENCY[priority]]
    wanted: ColumnElement[bool] = (
        jobs.c.state.not_in(_AT_REST) & jobs.c.priority.in_(more_urgent) & (jobs.c.kind == "master")
    )
    if job_id is not None:
        since = select(jobs.c.created_at_ms).where(jobs.c.id == job_id).scalar_subquery()
        wanted &= (jobs.c.id != job_id) & (jobs.c.created_at_ms <= since)
    query = select(jobs.c.id, jobs.c.expected, jobs.c.playable).where(wanted).limit(_MOST_AHEAD)
    rows = connection.execute(query).all()
    steps = progress_of(connection, [row.id for row in rows])
    found: list[Ahead] = []
    for row in rows:
        known = expected_of(row.expected)
        if known is None or not known.cpu:
            found.append(Ahead(first_s=0.0 if row.playable else None, whole_s=None))
            continue
        spent = spent_on(steps.get(row.id, ()))
        left = {kind: max(0.0, cpu - spent[kind]) for kind, cpu in known.cpu.items()}
        first = 0.0 if row.playable else sum(left[kind] for kind in FIRST)
        found.append(Ahead(first_s=first, whole_s=sum(left.values())))
    return found


class _Published(msgspec.Struct):
    """As much of a report as tells how much was published."""

    size: int = 0


def _past(connection: Connection, job_id: JobId) -> list[Past]:
    rows = [row for row in _ended_well(connection, "master") if row.id != job_id]
    steps = progress_of(connection, [row.id for row in rows])
    found: list[Past] = []
    for row in rows:
        told, known = steps.get(row.id, ()), expected_of(row.expected)
        ends = [step.ended_at_ms for step in told if step.ended_at_ms is not None]
        if known is not None and ends:
            found.append(Past(size=known.size, took=took(told, max(ends))))
    return found


def _ended_well(connection: Connection, kind: JobKind, *columns: ColumnElement[Any]) -> list[Any]:
    """Returns the last jobs that went well at the first attempt."""
    query = (
        select(jobs.c.id, jobs.c.expected, *columns)
        .where(jobs.c.state.in_(_WELL), jobs.c.expected.is_not(None))
        .where(jobs.c.attempt == 1, jobs.c.kind == kind)
        .order_by(jobs.c.created_at_ms.desc(), jobs.c.id.desc())
        .limit(_LAST)
    )
    return list(connection.execute(query).all())
