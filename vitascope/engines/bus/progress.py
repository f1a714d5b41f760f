"""How far each group has come, who delivers to it, and what it could not handle: as rows."""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    delete,
    func,
    or_,
    select,
    update,
)

from vitascope.engines.bus.contract import DeadLetter, NoSuchDeadLetter
from vitascope.engines.bus.log import envelope_of, row_of
from vitascope.engines.rows import Rows, upsert

_metadata = MetaData()
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


class GroupProgress:
    """Every method is one transaction. In the log's database, by the same migrations."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._made: set[str] = set()  # groups whose row is there

    async def hold(
        self, groups: Sequence[str], holder: str, now_ms: int, until_ms: int
    ) -> dict[str, int]:
        """Become or stay the one who delivers to `groups`. Returns those that succeeded, with
        offsets."""

        new = [
            {"name": group, "offset": 0, "holder": "", "held_until_ms": 0}
            for group in groups
            if group not in self._made
        ]

        def work(connection: Connection) -> dict[str, int]:
            if new:
                connection.execute(upsert(connection, _listeners, new, key=["name"], update=[]))
            free = or_(_listeners.c.holder == holder, _listeners.c.held_until_ms <= now_ms)
            held = connection.execute(
                update(_listeners)
                .where(_listeners.c.name.in_(groups), free)
                .values(holder=holder, held_until_ms=until_ms)
                .returning(_listeners.c.name, _listeners.c.offset)
            )
            return {row.name: row.offset for row in held}

        held = await self._rows.write(work)
        self._made |= set(groups)
        return held

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

    async def slowest(self) -> int:
        """Returns the offset up to which every group is through."""

        def work(connection: Connection) -> int:
            return int(connection.scalar(select(func.min(_listeners.c.offset))) or 0)

        return await self._rows.read(work)

    async def save(self, group: str, holder: str, offset: int) -> bool:
        """Record that `group` is through up to `offset`. Returns False when another process holds
        the group by now."""

        def work(connection: Connection) -> bool:
            mine = _listeners.c.name == group, _listeners.c.holder == holder
            done = connection.execute(update(_listeners).where(*mine).values(offset=offset))
            return bool(done.rowcount)

        return await self._rows.write(work)

    async def add_dead_letter(self, letter: DeadLetter) -> None:
        """Put an event among the dead letters of its group."""
        envelope = letter.envelope
        row = row_of(envelope, envelope.offset) | {
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

    async def dead_letters(self, group: str | None, limit: int) -> list[DeadLetter]:
        """Returns those that are not to be replayed yet; of every group when `group` is None."""
        wanted = [] if group is None else [_dead.c.listener == group]
        return await self._letters(*wanted, _dead.c.replay.is_(False), limit=limit)

    async def to_replay(self, groups: Sequence[str], limit: int) -> list[DeadLetter]:
        """Returns dead letters of `groups` that are to be offered again."""
        wanted = _dead.c.listener.in_(groups), _dead.c.replay.is_(True)
        return await self._letters(*wanted, limit=limit)

    async def _letters(self, *wanted: ColumnElement[bool], limit: int) -> list[DeadLetter]:
        order = _dead.c.listener, _dead.c.offset, _dead.c.id
        statement = select(_dead).where(*wanted).order_by(*order).limit(limit)

        def work(connection: Connection) -> list[DeadLetter]:
            return [
                DeadLetter(
                    group=row.listener,
                    envelope=envelope_of(row, row.sent_at_ms),
                    attempts=row.attempts,
                    error=row.error,
                    at_ms=row.at_ms,
                )
                for row in connection.execute(statement)
            ]

        return await self._rows.read(work)

    async def ask_replay(self, group: str, envelope_id: str) -> None:
        def work(connection: Connection) -> int:
            letter = _dead.c.listener == group, _dead.c.id == envelope_id
            done = connection.execute(update(_dead).where(*letter).values(replay=True))
            return done.rowcount

        if not await self._rows.write(work):
            raise NoSuchDeadLetter(
                f"The group {group} has no dead letter {envelope_id}. List them with "
                "vita events dead."
            )

    async def ask_replay_of_all(self, group: str) -> int:
        def work(connection: Connection) -> int:
            letters = _dead.c.listener == group, _dead.c.replay.is_(False)
            return connection.execute(update(_dead).where(*letters).values(replay=True)).rowcount

        return await self._rows.write(work)

    async def remove_dead_letter(self, group: str, envelope_id: str) -> None:
        def work(connection: Connection) -> None:
            letter = _dead.c.listener == group, _dead.c.id == envelope_id
            connection.execute(delete(_dead).where(*letter))

        await self._rows.write(work)
