"""The log as rows: appended in one order, read from an offset."""

import asyncio
from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Row

from vitascope.engines.notices import Notices
from vitascope.engines.rows import Rows
from vitascope.kernel.events import Envelope

MIGRATIONS = "vitascope.engines.bus.log_migrations"
"""The revisions that the bus's own database is opened with: the log's, and those of the groups."""

TOPIC = "bus"
"""Of the notice that there is something new in the log, or to be replayed."""

_metadata = MetaData()
_log = Table(
    "log",
    _metadata,
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Text, nullable=False, unique=True),
    Column("type", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
_head = Table(
    "log_head",
    _metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, nullable=False),
)


class RowsLog:
    """Every method is one transaction. Whoever listens to `TOPIC` hears of what is appended."""

    def __init__(self, rows: Rows, notices: Notices) -> None:
        self._rows = rows
        self._notices = notices

    async def append(self, envelopes: Sequence[Envelope]) -> None:
        """Add what is not in the log yet, in the order given.

        Offsets are counted on a row that each appender locks, so that a lower offset never
        appears after a higher one was read (a database sequence would allow that).
        """

        def work(connection: Connection) -> bool:
            ids = [envelope.id for envelope in envelopes]
            known = set(connection.scalars(select(_log.c.id).where(_log.c.id.in_(ids))))
            fresh = [envelope for envelope in envelopes if envelope.id not in known]
            if not fresh:
                return False
            count = update(_head).values(offset=_head.c.offset + len(fresh))
            last = int(connection.scalar(count.returning(_head.c.offset)) or 0)
            first = last - len(fresh) + 1
            rows = [row_of(envelope, first + n) for n, envelope in enumerate(fresh)]
            connection.execute(insert(_log), rows)
            return True

        if await self._rows.write(work):
            await asyncio.to_thread(self._notices.tell, TOPIC)

    async def head(self) -> int:
        """Returns the offset of the newest event; 0 when there was none."""

        def work(connection: Connection) -> int:
            return int(connection.scalar(select(_head.c.offset)) or 0)

        return await self._rows.read(work)

    async def after(
        self, offset: int, types: Sequence[str], limit: int
    ) -> tuple[list[Envelope], int]:
        """Returns up to `limit` events of `types` after `offset`, and up to which offset these are
        all."""

        def work(connection: Connection) -> tuple[list[Envelope], int]:
            head = int(connection.scalar(select(_head.c.offset)) or 0)
            wanted = _log.c.offset > offset, _log.c.type.in_(types)
            found = connection.execute(
                select(_log).where(*wanted).order_by(_log.c.offset).limit(limit)
            )
            envelopes = [envelope_of(row, row.at_ms) for row in found]
            return envelopes, envelopes[-1].offset if len(envelopes) == limit else head

        return await self._rows.read(work)

    async def trim(self, before_ms: int, through: int) -> None:
        """Forget events of before a time, up to an offset."""

        def work(connection: Connection) -> None:
            old = _log.c.at_ms < before_ms, _log.c.offset <= through
            connection.execute(delete(_log).where(*old))

        await self._rows.write(work)


def row_of(envelope: Envelope, offset: int) -> dict[str, object]:
    return {
        "offset": offset,
        "id": envelope.id,
        "type": envelope.type,
        "key": envelope.key,
        "at_ms": envelope.at_ms,
        "body": envelope.body,
    }


def envelope_of(row: "Row[*tuple[object, ...]]", at_ms: int) -> Envelope:
    return Envelope(
        id=row.id, type=row.type, key=row.key, at_ms=at_ms, body=row.body, offset=row.offset
    )
