"""The log as rows: appended in one order, read from an offset, held by one process per group."""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Row

from vitascope.engines.bus.contract import DeadLetter
from vitascope.engines.rows import Rows, upsert
from vitascope.kernel.errors import NotFound
from vitascope.kernel.events import Envelope

MIGRATIONS = "vitascope.engines.bus.log_migrations"
"""The revisions that the bus's own database is opened with."""

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
_listeners = Table(
    "listeners",
    _metadata,
    Column("name", Text, primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("holder", Text, nullable=False),
    Column("held_until_ms", BigInteger, nullable=False),
)
_dead = Table(
    "dead_letters",
    _metadata,
    Column("listener", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("offset", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("sent_at_ms", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("replay", Boolean, nullable=False),
)


class Log:
    """What the bus remembers. Every method is one transaction."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    async def append(self, envelopes: Sequence[Envelope]) -> None:
        """Add what is not in the log yet, in the order given.

        Offsets are counted on a row that each appender locks, so that a lower offset never
        appears after a higher one was read (a database sequence would allow that).
        """

        def work(connection: Connection) -> None:
            ids = [envelope.id for envelope in envelopes]
            known = set(connection.scalars(select(_log.c.id).where(_log.c.id.in_(ids))))
            fresh = [envelope for envelope in envelopes if envelope.id not in known]
            if not fresh:
                return
            count = update(_head).values(offset=_head.c.offset + len(fresh))
            last = int(connection.scalar(count.returning(_head.c.offset)) or 0)
            first = last - len(fresh) + 1
            rows = [_row_of(envelope, first + n) for n, envelope in enumerate(fresh)]
            connection.execute(insert(_log), rows)

        await self._rows.write(work)

    async def head(self) -> int:
        """The offset of the newest event; 0 when there was none."""

        def work(connection: Connection) -> int:
            return int(connection.scalar(select(_head.c.offset)) or 0)

        return await self._rows.read(work)

    async def after(
        self, offset: int, types: Sequence[str], limit: int
    ) -> tuple[list[Envelope], int]:
        """Up to `limit` events of `types` after `offset`, and up to which offset these are all."""

        def work(connection: Connection) -> tuple[list[Envelope], int]:
            head = int(connection.scalar(select(_head.c.offset)) or 0)
            wanted = _log.c.offset > offset, _log.c.type.in_(types)
            found = connection.execute(
                select(_log).where(*wanted).order_by(_log.c.offset).limit(limit)
            )
            envelopes = [_envelope_of(row, row.at_ms) for row in found]
            return envelopes, envelopes[-1].offset if len(envelopes) == limit else head

        return await self._rows.read(work)

    async def hold(
        self, groups: Sequence[str], holder: str, now_ms: int, until_ms: int
    ) -> dict[str, int]:
        """Become or stay the one who delivers to `groups`: those that succeeded, with offsets."""

        def work(connection: Connection) -> dict[str, int]:
            new = [
                {"name": group, "offset": 0, "holder": "", "held_until_ms": 0} for group in groups
            ]
            connection.execute(upsert(connection, _listeners, new, key=["name"], update=[]))
            free = or_(_listeners.c.holder == holder, _listeners.c.held_until_ms <= now_ms)
            held = connection.execute(
                update(_listeners)
                .where(_listeners.c.name.in_(groups), free)
                .values(holder=holder, held_until_ms=until_ms)
                .returning(_listeners.c.name, _listeners.c.offset)
            )
            return {row.name: row.offset for row in held}

        return await self._rows.write(work)

    async def let_go(self, holder: str) -> None:
        """Let another process take over at once."""

        def work(connection: Connection) -> None:
            mine = update(_listeners).where(_listeners.c.holder == holder)
            connection.execute(mine.values(holder="", held_until_ms=0))

        await self._rows.write(work)

    async def offsets(self, groups: Sequence[str]) -> dict[str, int]:
        def work(connection: Connection) -> dict[str, int]:
            found = connection.execute(
                select(_listeners.c.name, _listeners.c.offset).where(_listeners.c.name.in_(groups))
            )
            return {row.name: row.offset for row in found}

        return await self._rows.read(work)

    async def heard(self, group: str, holder: str, offset: int) -> bool:
        """Remember that `group` is through up to `offset`. False when another holds it by now."""

        def work(connection: Connection) -> bool:
            mine = _listeners.c.name == group, _listeners.c.holder == holder
            done = connection.execute(update(_listeners).where(*mine).values(offset=offset))
            return bool(done.rowcount)

        return await self._rows.write(work)

    async def bury(self, letter: DeadLetter) -> None:
        """Put an event among the dead letters of its group."""
        envelope = letter.envelope
        row = _row_of(envelope, envelope.offset) | {
            "listener": letter.group,
            "sent_at_ms": envelope.at_ms,
            "attempts": letter.attempts,
            "error": letter.error,
            "at_ms": letter.at_ms,
            "replay": False,
        }

        def work(connection: Connection) -> None:
            connection.execute(upsert(connection, _dead, row, key=["listener", "id"]))

        await self._rows.write(work)

    async def dead_letters(self, group: str, *, replay: bool = False) -> list[DeadLetter]:
        """The dead letters of a group, or those of them that are to be offered again."""

        def work(connection: Connection) -> list[DeadLetter]:
            wanted = _dead.c.listener == group, _dead.c.replay.is_(replay)
            found = connection.execute(
                select(_dead).where(*wanted).order_by(_dead.c.offset, _dead.c.id)
            )
            return [
                DeadLetter(
                    group=group,
                    envelope=_envelope_of(row, row.sent_at_ms),
                    attempts=row.attempts,
                    error=row.error,
                    at_ms=row.at_ms,
                )
                for row in found
            ]

        return await self._rows.read(work)

    async def ask_replay(self, group: str, envelope_id: str) -> None:
        def work(connection: Connection) -> int:
            letter = _dead.c.listener == group, _dead.c.id == envelope_id
            done = connection.execute(update(_dead).where(*letter).values(replay=True))
            return done.rowcount

        if not await self._rows.write(work):
            raise NotFound(f"{group} has no dead letter {envelope_id}.")

    async def unbury(self, group: str, envelope_id: str) -> None:
        def work(connection: Connection) -> None:
            letter = _dead.c.listener == group, _dead.c.id == envelope_id
            connection.execute(delete(_dead).where(*letter))

        await self._rows.write(work)

    async def trim(self, before_ms: int) -> None:
        """Forget events of before a time that every group has heard."""

        def work(connection: Connection) -> None:
            slowest = select(func.min(_listeners.c.offset)).scalar_subquery()
            old = _log.c.at_ms < before_ms, _log.c.offset <= slowest
            connection.execute(delete(_log).where(*old))

        await self._rows.write(work)


def _row_of(envelope: Envelope, offset: int) -> dict[str, object]:
    return {
        "offset": offset,
        "id": envelope.id,
        "type": envelope.type,
        "key": envelope.key,
        "at_ms": envelope.at_ms,
        "body": envelope.body,
    }


def _envelope_of(row: "Row[*tuple[object, ...]]", at_ms: int) -> Envelope:
    return Envelope(
        id=row.id, type=row.type, key=row.key, at_ms=at_ms, body=row.body, offset=row.offset
    )
