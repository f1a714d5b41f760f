"""What the phases of a job are expected to take, and what those of earlier jobs took."""

import msgspec
from sqlalchemy import Connection, select, update

from vitascope.kernel.ids import JobId
from vitascope.publishing.contract import JobState
from vitascope.publishing.estimate import Expected, FilmSize, Past, expected, took
from vitascope.publishing.store.steps import progress_of
from vitascope.publishing.store.tables import jobs, touch

_LAST = 20  # jobs: an older machine, or older settings, are soon forgotten
_WELL = (JobState.LIVE.value, JobState.READY.value)


def expect_phases(connection: Connection, job_id: JobId, size: FilmSize, now: int) -> None:
    known = msgspec.json.encode(expected(size, _past(connection, job_id))).decode()
    connection.execute(update(jobs).where(jobs.c.id == job_id).values(expected=known))
    touch(connection, job_id, now)


def expected_of(told: str | None) -> Expected | None:
    return msgspec.json.decode(told, type=Expected) if told else None


def _past(connection: Connection, job_id: JobId) -> list[Past]:
    """Returns the last jobs that went well at the first attempt."""
    query = (
        select(jobs.c.id, jobs.c.expected)
        .where(jobs.c.state.in_(_WELL), jobs.c.expected.is_not(None))
        .where(jobs.c.attempt == 1, jobs.c.id != job_id)
        .order_by(jobs.c.created_at_ms.desc(), jobs.c.id.desc())
        .limit(_LAST)
    )
    rows = connection.execute(query).all()
    steps = progress_of(connection, [row.id for row in rows])
    found: list[Past] = []
    for row in rows:
        told, known = steps.get(row.id, ()), expected_of(row.expected)
        ends = [step.ended_at_ms for step in told if step.ended_at_ms is not None]
        if known is not None and ends:
            found.append(Past(size=known.size, took=took(told, max(ends))))
    return found
