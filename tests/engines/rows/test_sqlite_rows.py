"""What is SQLite's own: a full disk, a locked file, several processes, commits that are shared."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from vitascope.engines.rows import Rows, RowsUnavailable
from vitascope.engines.rows.sqlite import SqliteRows, SqliteSettings
from vitascope.engines.sqlite_library import sqlite
from vitascope.kernel.clock import HeldClock

ROOT = Path(__file__).resolve().parents[3]


async def execute(rows: Rows, statement: str, **values: object) -> None:
    def work(connection: Connection) -> None:
        connection.execute(text(statement), values)

    await rows.write(work)


async def scalar(rows: Rows, statement: str) -> object:
    def work(connection: Connection) -> object:
        return connection.scalar(text(statement))

    return await rows.read(work)


async def test_the_file_is_opened_the_durable_way(data: Path) -> None:
    rows = await SqliteRows.open("notes", folder=data)

    def pragmas(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.scalar(text(f"PRAGMA {name}")) for name in names]

    assert await rows.write(pragmas) == ["wal", 2, 1]  # 2 is FULL
    await rows.close()


async def test_writers_that_wait_share_one_commit(data: Path) -> None:
    rows = await SqliteRows.open("notes", folder=data, clock=HeldClock())  # one group
    await execute(rows, "CREATE TABLE notes (n INTEGER)")
    before = await scalar(rows, "PRAGMA data_version")
    changes: list[object] = []
    watcher = sqlite.connect(data / "notes.db")
    statement = "INSERT INTO notes VALUES (1)"
    writes = [asyncio.create_task(execute(rows, statement)) for _ in range(100)]
    while not all(write.done() for write in writes):
        changes.append(watcher.execute("SELECT count(*) FROM notes").fetchone()[0])
        await asyncio.sleep(0)
    changes.append(watcher.execute("SELECT count(*) FROM notes").fetchone()[0])
    watcher.close()
    assert set(changes) == {0, 100}  # nobody ever saw some of them
    assert before != await scalar(rows, "PRAGMA data_version")
    await rows.close()


async def test_a_group_ends_when_its_time_by_the_clock_is_over(data: Path) -> None:
    clock = HeldClock()
    rows = await SqliteRows.open("notes", folder=data, clock=clock)
    await execute(rows, "CREATE TABLE notes (n INTEGER)")
    committed: list[int] = []

    def lasting(seconds: float) -> Callable[[Connection], None]:
        def work(connection: Connection) -> None:
            with closing(sqlite.connect(data / "notes.db")) as other:
                committed.append(other.execute("SELECT count(*) FROM notes").fetchone()[0])
            connection.execute(text("INSERT INTO notes VALUES (1)"))
            clock.advance(seconds)

        return work

    await asyncio.gather(rows.write(lasting(0.0)), rows.write(lasting(0.0)))
    assert committed == [0, 0]  # one commit for both
    await asyncio.gather(rows.write(lasting(1.0)), rows.write(lasting(0.0)))
    assert committed == [0, 0, 2, 3]  # the second had to wait for another
    await rows.close()


async def test_a_full_disk_is_told_to_all_who_share_the_commit_and_nothing_is_kept(
    data: Path,
) -> None:
    rows = await SqliteRows.open("notes", folder=data)
    await execute(rows, "CREATE TABLE notes (body TEXT)")
    await execute(rows, "PRAGMA max_page_count=20")
    big = "x" * 200_000
    insert = "INSERT INTO notes VALUES (:body)"
    answers = await asyncio.gather(
        execute(rows, insert, body="small"),
        execute(rows, insert, body=big),
        return_exceptions=True,
    )
    assert isinstance(answers[1], RowsUnavailable)
    assert "is full" in answers[1].detail
    assert "free some space" in answers[1].detail
    acknowledged = sum(answer is None for answer in answers)
    assert await scalar(rows, "SELECT count(*) FROM notes") == acknowledged
    await execute(rows, insert, body="small again")  # and it goes on
    await rows.close()


async def test_a_file_that_another_program_keeps_locked_is_told_in_a_sentence(data: Path) -> None:
    rows = await SqliteRows.open("notes", folder=data, settings=SqliteSettings(busy_timeout_s=0.1))
    await execute(rows, "CREATE TABLE notes (n INTEGER)")
    other = sqlite.connect(data / "notes.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(RowsUnavailable, match="held by another process"):
        await execute(rows, "INSERT INTO notes VALUES (1)")
    other.execute("COMMIT")
    other.close()
    await execute(rows, "INSERT INTO notes VALUES (1)")
    await rows.close()


async def test_a_file_that_is_no_database_is_refused(data: Path) -> None:
    (data / "notes.db").write_bytes(b"this is a letter, not a database" * 100)
    with pytest.raises(RowsUnavailable, match="not a database of ours"):
        await SqliteRows.open("notes", folder=data)


async def test_a_folder_that_cannot_be_made_is_refused(data: Path) -> None:
    (data / "file").write_bytes(b"")
    with pytest.raises(RowsUnavailable, match="data folder that it may write to"):
        await SqliteRows.open("notes", folder=data / "file")


ADDER = """
import asyncio, sys
from pathlib import Path
from sqlalchemy import text
from vitascope.engines.rows.sqlite import SqliteRows, SqliteSettings

async def main():
    patient = SqliteSettings(busy_timeout_s=120)
    rows = await SqliteRows.open("notes", folder=Path(sys.argv[1]), settings=patient)
    def add(connection):
        seen = connection.scalar(text("SELECT n FROM notes"))
        connection.execute(text("UPDATE notes SET n = :n"), {"n": seen + 1})
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(10):
        await asyncio.gather(*(rows.write(add) for _ in range(10)))
    await rows.close()

asyncio.run(main())
"""


async def test_processes_that_write_at_once_wait_for_each_other(data: Path) -> None:
    rows = await SqliteRows.open("notes", folder=data)
    await execute(rows, "CREATE TABLE notes (n INTEGER)")
    await execute(rows, "INSERT INTO notes VALUES (0)")
    adders = [
        subprocess.Popen(
            [sys.executable, "-c", ADDER, str(data)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        for _ in range(2)
    ]
    with adders[0], adders[1]:
        for adder in adders:
            assert adder.stdout and adder.stdout.readline() == "ready\n"
        await asyncio.gather(*(asyncio.to_thread(a.communicate, "go\n", 120) for a in adders))
    assert [adder.returncode for adder in adders] == [0, 0]
    assert await scalar(rows, "SELECT n FROM notes") == 200
    await rows.close()
