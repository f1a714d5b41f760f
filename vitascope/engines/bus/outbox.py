"""The announcing side: events written beside the change they tell of, and carried to the log.

An event is a row in the announcer's own database, so it exists exactly when the change does.
The relay copies rows to the log in their order and deletes them afterwards; when it dies in
between they are copied again and the log, which knows every event by its id, drops the repetition.
"""

from collections.abc import Callable, Sequence

import msgspec
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
)

from vitascope.engines.rows import Rows, upsert
from vitascope.kernel.clock import Clock
from vitascope.kernel.events import Envelope, Event
from vitascope.kernel.ids import new_id

MIGRATIONS = "vitascope.engines.bus.migrations"
"""The revisions that every database with an outbox is opened with, beside the domain's own."""

_metadata = MetaData()
_outbox = Table(
    "outbox",
    _metadata,
    Column("place", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
_heard = Table(
    "outbox_heard",
    _metadata,
    Column("listener", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("at_ms", BigInteger, nullable=False, index=True),
)


def type_of(event: type[Event]) -> str:
    """Returns the name under which events of a class travel."""
    return str(event.__struct_config__.tag)


class RowsOutbox:
    """One domain's outbox. `RowsBus.outbox(domain, rows)` makes it."""

    def __init__(self, *, rows: Rows, clock: Clock, announced: Callable[[], None]) -> None:
        self._rows = rows
        self._clock = clock
        self._announced = announced

    def put(self, connection: Connection, *events: Event) -> None:
        if not events:
            return
        connection.execute(insert(_outbox), [self._row(event) for event in events])
        self._announced()

    def _row(self, event: Event) -> dict[str, object]:
        return {
            "id": new_id("evt"),
            "type": type_of(type(event)),
            "key": event.key,
            "at_ms": self._clock.now_ms(),
            "body": msgspec.json.encode(event),
        }

    async def waiting(self, limit: int) -> list[tuple[int, Envelope]]:
        """Returns up to `limit` events that were not carried yet, oldest first, each with its
        place."""

        def work(connection: Connection) -> list[tuple[int, Envelope]]:
            found = connection.execute(select(_outbox).order_by(_outbox.c.place).limit(limit))
            return [
                (
                    row.place,
                    Envelope(id=row.id, type=row.type, key=row.key, at_ms=row.at_ms, body=row.body),
                )
                for row in found
            ]

        return await self._rows.read(work)

    async def carried(self, envelopes: Sequence[tuple[int, Envelope]]) -> None:
        """Forget events that lie in the log now."""
        ids = [envelope.id for _, envelope in envelopes]

        def work(connection: Connection) -> None:
            connection.execute(delete(_outbox).where(_outbox.c.id.in_(ids)))

        await self._rows.write(work)

    async def forget_heard(self, before_ms: int) -> None:
        """Forget which events were heard before a time; nothing so old is offered again."""

        def work(connection: Connection) -> None:
            connection.execute(delete(_heard).where(_heard.c.at_ms < before_ms))

        await self._rows.write(work)


def first_time(connection: Connection, listener: str, envelope: Envelope) -> bool:
    """Returns True if `listener` hears this event for the first time; kept if `connection` commits.

    For handlers that are not harmless to repetition by nature: the change and the memory of the
    event commit together, in any database that was opened with `MIGRATIONS`.
    """
    row = {"listener": listener, "id": envelope.id, "at_ms": envelope.at_ms}
    statement = upsert(connection, _heard, row, key=["listener", "id"], update=[])
    return bool(connection.execute(statement).rowcount)
