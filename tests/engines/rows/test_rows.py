"""G5: the rows port, over every adapter."""

import asyncio
import contextvars

import pytest
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    MetaData,
    Table,
    Text,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError

from vitascope.engines.rows import Rows, RowsUnavailable, upsert
from vitascope.kernel.ids import new_id

asked_by: contextvars.ContextVar[str] = contextvars.ContextVar("asked_by")
metadata = MetaData()
notes = Table(
    "notes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False, default=0),
)


@pytest.fixture
async def book(rows: Rows) -> Rows:
    await rows.write(metadata.create_all)
    return rows


async def put(rows: Rows, name: str, value: int = 0) -> str:
    def work(connection: Connection) -> str:
        connection.execute(insert(notes).values(name=name, value=value))
        return name

    return await rows.write(work)


async def count(rows: Rows) -> int:
    def work(connection: Connection) -> int:
        return int(connection.scalar(select(func.count()).select_from(notes)) or 0)

    return await rows.read(work)


async def test_what_was_written_is_read(book: Rows) -> None:
    assert await put(book, "a", 7) == "a"
    assert await count(book) == 1


async def test_a_failing_writer_is_undone_alone_among_many_that_share_a_commit(book: Rows) -> None:
    def fails(connection: Connection) -> None:
        connection.execute(insert(notes).values(name="never", value=1))
        raise ValueError("changed my mind")

    writes = [put(book, f"n{n}") for n in range(20)] + [book.write(fails)]
    answers = await asyncio.gather(*writes, return_exceptions=True)
    assert isinstance(answers[-1], ValueError)
    assert answers[:-1] == [f"n{n}" for n in range(20)]
    assert await count(book) == 20


async def test_a_broken_constraint_is_told_to_its_writer_only(book: Rows) -> None:
    await put(book, "a")
    answers = await asyncio.gather(put(book, "a"), put(book, "b"), return_exceptions=True)
    assert isinstance(answers[0], IntegrityError)
    assert answers[1] == "b"


async def test_read_then_write_in_one_work_loses_no_update(book: Rows) -> None:
    await put(book, "counter")

    def add(connection: Connection) -> None:
        seen = connection.scalar(select(notes.c.value).where(notes.c.name == "counter"))
        connection.execute(
            update(notes).where(notes.c.name == "counter").values(value=(seen or 0) + 1)
        )

    await asyncio.gather(*(book.write(add) for _ in range(30)))

    def value(connection: Connection) -> int | None:
        return connection.scalar(select(notes.c.value))

    assert await book.read(value) == 30


async def test_a_reader_sees_one_snapshot_whatever_is_written_meanwhile(book: Rows) -> None:
    await put(book, "a")
    seen: list[int] = []
    written = False

    def look_again_and_again(connection: Connection) -> None:
        statement = select(func.count()).select_from(notes)
        while not written:
            seen.append(int(connection.scalar(statement) or 0))
        seen.append(int(connection.scalar(statement) or 0))

    reading = asyncio.create_task(book.read(look_again_and_again))
    while not seen:
        await asyncio.sleep(0)
    await put(book, "b")
    written = True
    await reading
    assert set(seen) == {1}
    assert await count(book) == 2


async def test_a_reader_may_not_write(book: Rows) -> None:
    def work(connection: Connection) -> None:
        connection.execute(insert(notes).values(name="x", value=1))

    with pytest.raises(DBAPIError):
        await book.read(work)
    assert await count(book) == 0
    await put(book, "x")  # and the connection is none the worse for it


async def test_a_write_inside_a_write_is_refused_instead_of_waiting_for_itself(book: Rows) -> None:
    def outer(_connection: Connection) -> None:
        put(book, "inner").send(None)  # its first step, as an event loop would take it

    with pytest.raises(RuntimeError, match="inside another write"):
        await book.write(outer)


async def test_work_that_is_a_coroutine_is_refused_and_undone(book: Rows) -> None:
    def returns_a_coroutine(connection: Connection) -> object:
        connection.execute(insert(notes).values(name="never", value=1))
        return asyncio.sleep(0)

    def sleeps(_connection: Connection) -> object:
        return asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="must be synchronous"):
        await book.write(returns_a_coroutine)
    with pytest.raises(RuntimeError, match="must be synchronous"):
        await book.read(sleeps)
    assert await count(book) == 0


async def test_work_sees_the_context_variables_of_its_caller(book: Rows) -> None:
    asked_by.set("a viewer")
    assert await book.read(lambda _: asked_by.get()) == "a viewer"
    assert await book.write(lambda _: asked_by.get()) == "a viewer"


async def test_a_caller_that_gives_up_leaves_the_others_alone(book: Rows) -> None:
    def slow(connection: Connection) -> None:
        for n in range(300):
            connection.execute(insert(notes).values(name=f"slow {n}", value=1))

    first = asyncio.create_task(book.write(slow))
    await asyncio.sleep(0)
    second = asyncio.create_task(put(book, "second"))
    first.cancel()
    assert await second == "second"


async def test_work_that_is_cancelled_at_any_moment_leaves_the_database_usable(book: Rows) -> None:
    def touch(connection: Connection) -> None:
        for _ in range(3):
            connection.scalar(select(func.count()).select_from(notes))

    def add(connection: Connection) -> None:
        touch(connection)
        connection.execute(insert(notes).values(name=new_id("n"), value=1))

    for turn in range(40):
        asked = [asyncio.create_task(book.read(touch)) for _ in range(4)]
        asked += [asyncio.create_task(book.write(add)) for _ in range(2)]
        await asyncio.sleep(turn * 0.0003)
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    async with asyncio.timeout(120):
        await asyncio.gather(*(book.read(touch) for _ in range(8)))
        await book.write(touch)  # behind what was under way when its caller gave up
        before = await count(book)
        await book.write(add)
        assert await count(book) == before + 1


async def test_upsert_takes_the_last_of_a_key_and_keeps_what_it_is_told_to(book: Rows) -> None:
    def work(connection: Connection) -> None:
        batch = [{"name": n, "value": v} for n, v in [("b", 1), ("a", 2), ("b", 3)]]
        connection.execute(upsert(connection, notes, batch, key=["name"]))
        keep = {"name": "a", "value": 99}
        connection.execute(upsert(connection, notes, keep, key=["name"], update=[]))

    await book.write(work)

    def all_(connection: Connection) -> dict[str, int]:
        found = connection.execute(select(notes.c.name, notes.c.value))
        return {row[0]: row[1] for row in found}

    assert await book.read(all_) == {"a": 2, "b": 3}


async def test_after_closing_work_is_refused_and_accepted_work_was_finished(book: Rows) -> None:
    accepted = [asyncio.create_task(put(book, f"n{n}")) for n in range(5)]
    await asyncio.sleep(0)
    if book.dialect == "postgresql":
        await asyncio.gather(*accepted)
    await book.close()
    assert await asyncio.gather(*accepted) == [f"n{n}" for n in range(5)]
    with pytest.raises(RowsUnavailable):
        await put(book, "late")
