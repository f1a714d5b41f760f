"""The steps of a job and how far each is, with the parts of it that are done."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, update

from vitascope.engines.rows import upsert
from vitascope.kernel.ids import JobId
from vitascope.publishing.contract import StepProgress, StepState, StepUnit
from vitascope.publishing.store.tables import parts, steps, touch


def begin_step(
    connection: Connection,
    job_id: JobId,
    name: str,
    now: int,
    *,
    total: int = 0,
    unit: StepUnit = "",
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
        "cpu_ms": 0,
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
    cpu_s: float = 0.0,
) -> None:
    changes: dict[str, Any] = {"state": state, "ended_at_ms": now, "detail": detail}
    changes["cpu_ms"] = _more(cpu_s)
    if state == "done":
        changes["done"] = steps.c.total
    mine = (steps.c.job_id == job_id) & (steps.c.name == name)
    connection.execute(update(steps).where(mine).values(**changes))
    touch(connection, job_id, now)


def tell_step(connection: Connection, job_id: JobId, name: str, done: int, now: int) -> None:
    mine = (steps.c.job_id == job_id) & (steps.c.name == name) & (steps.c.state == "running")
    connection.execute(update(steps).where(mine, steps.c.done < done).values(done=done))
    touch(connection, job_id, now)


def spend(connection: Connection, job_id: JobId, name: str, cpu_s: float) -> None:
    """Note what was spent on a step, beside what is known already."""
    mine = (steps.c.job_id == job_id) & (steps.c.name == name)
    connection.execute(update(steps).where(mine).values(cpu_ms=_more(cpu_s)))


def _more(cpu_s: float) -> ColumnElement[int]:
    return func.coalesce(steps.c.cpu_ms, 0) + round(cpu_s * 1000)


def note_step(connection: Connection, job_id: JobId, name: str, detail: str, now: int) -> None:
    mine = (steps.c.job_id == job_id) & (steps.c.name == name)
    connection.execute(update(steps).where(mine).values(detail=detail))
    touch(connection, job_id, now)


def part_done(connection: Connection, job_id: JobId, name: str, part: str, now: int) -> None:
    """Note that one of a step's parts is there. It is counted once, however often it is told."""
    row = {"job_id": job_id, "step": name, "part": part}
    key = ["job_id", "step", "part"]
    connection.execute(upsert(connection, parts, row, key=key, update=[]))
    mine = (parts.c.job_id == job_id) & (parts.c.step == name)
    done = connection.scalar(select(func.count()).select_from(parts).where(mine))
    tell_step(connection, job_id, name, done or 0, now)


def progress_of(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[StepProgress, ...]]:
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
            cpu_s=(row.cpu_ms or 0) / 1000,
        )
        told[row.job_id] = (*told.get(row.job_id, ()), step)
    return told
