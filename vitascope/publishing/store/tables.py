"""The tables of publishing, and the one sequence in which jobs change."""

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
    insert,
    update,
)

from vitascope.kernel.ids import JobId

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
    Column("publish_at_ms", BigInteger),
    Column("replaces", Boolean),
    Column("kind", Text),
    Column("stills", Text),
    Column("expected", Text),
    Index("jobs_by_partner", "partner_id", "change"),
    Index("jobs_by_state", "state"),
    Index("jobs_by_time", "created_at_ms", "id"),
    Index("jobs_by_content", "content_id", "created_at_ms"),
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
    Column("cpu_ms", BigInteger),
)

rules = Table(
    "catalogue_rules",
    metadata,
    Column("catalogue_id", Text, primary_key=True),
    Column("rules", Text, nullable=False),
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


def touch(connection: Connection, job_id: JobId, now: int) -> None:
    connection.execute(
        update(jobs)
        .where(jobs.c.id == job_id)
        .values(updated_at_ms=now, change=next_change(connection))
    )


def next_change(connection: Connection) -> int:
    counted = update(changes).where(changes.c.one == 1).values(change=changes.c.change + 1)
    found = connection.scalar(counted.returning(changes.c.change))
    if found is None:
        connection.execute(insert(changes).values(one=1, change=1))
        return 1
    return int(found)
