"""Which jobs keep stills, and which of them are shown."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, case, select, update

from vitascope.kernel.ids import ContentId, JobId, TitleId
from vitascope.publishing.contract import JobState, OfferedStill
from vitascope.publishing.store.tables import jobs

_LEFT = (JobState.CANCELLED.value, JobState.REJECTED.value, JobState.FAILED.value)
_AT_ONCE = 500


def place_of(connection: Connection, job_id: JobId) -> tuple[TitleId, ContentId] | None:
    query = select(jobs.c.title_id, jobs.c.content_id).where(jobs.c.id == job_id)
    row = connection.execute(query).one_or_none()
    return (TitleId(row.title_id), ContentId(row.content_id)) if row else None


def of_job(
    connection: Connection, job_id: JobId, content_id: ContentId
) -> tuple[OfferedStill, ...]:
    mine = (jobs.c.id == job_id) & (jobs.c.content_id == content_id)
    return _read(connection.scalar(select(jobs.c.stills).where(mine)))


def shown(
    connection: Connection, content_id: ContentId, *, but: JobId | None = None
) -> tuple[JobId, tuple[OfferedStill, ...]] | None:
    """Returns the job whose stills are shown, and these. Those of a delivery that failed or was
    discarded are shown where there are no others."""
    left = case((jobs.c.state.in_(_LEFT) & ~jobs.c.playable, 1), else_=0)
    query = (
        select(jobs.c.id, jobs.c.stills)
        .where(jobs.c.content_id == content_id, jobs.c.stills.is_not(None))
        .where(jobs.c.id != (but or ""))
        .order_by(left, jobs.c.created_at_ms.desc(), jobs.c.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return (JobId(row.id), _read(row.stills)) if row else None


def keep(
    connection: Connection,
    job_id: JobId,
    content_id: ContentId,
    offered: tuple[OfferedStill, ...],
) -> list[JobId]:
    """Write down what a job keeps. Returns the jobs that keep theirs no longer: this one, if it was
    cancelled meanwhile, as when its title is deleted."""
    told = msgspec.json.encode(offered).decode()
    running = (jobs.c.id == job_id) & (jobs.c.state != JobState.CANCELLED.value)
    if not connection.execute(update(jobs).where(running).values(stills=told)).rowcount:
        return [job_id]
    before = shown(connection, content_id, but=job_id)
    stay = [job_id, *([before[0]] if before else [])]
    others = (jobs.c.content_id == content_id) & jobs.c.stills.is_not(None) & jobs.c.id.not_in(stay)
    dropped = [JobId(one) for one in connection.scalars(select(jobs.c.id).where(others))]
    connection.execute(update(jobs).where(jobs.c.id.in_(dropped)).values(stills=None))
    return dropped


def forget(connection: Connection, title_id: TitleId) -> None:
    connection.execute(update(jobs).where(jobs.c.title_id == title_id).values(stills=None))


def forget_content(connection: Connection, content_id: ContentId) -> list[JobId]:
    """Returns the jobs that keep theirs no longer."""
    theirs = (jobs.c.content_id == content_id) & jobs.c.stills.is_not(None)
    dropped = [JobId(one) for one in connection.scalars(select(jobs.c.id).where(theirs))]
    connection.execute(update(jobs).where(theirs).values(stills=None))
    return dropped


def have_stills(connection: Connection, job_ids: Sequence[JobId]) -> set[JobId]:
    """Returns those of the jobs that keep stills."""
    found: set[JobId] = set()
    for at in range(0, len(job_ids), _AT_ONCE):
        some = jobs.c.id.in_(job_ids[at : at + _AT_ONCE]) & jobs.c.stills.is_not(None)
        found |= {JobId(one) for one in connection.scalars(select(jobs.c.id).where(some))}
    return found


def _read(told: str | None) -> tuple[OfferedStill, ...]:
    return msgspec.json.decode(told or "[]", type=tuple[OfferedStill, ...])
