"""One SQLite for every embedded database of a process, and never an old one."""

import asyncio
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa

from vitascope.engines import sqlite_library
from vitascope.engines.rows import Rows
from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.engines.sqlite_library import SqliteTooOld, need_new, newest, sqlite
from vitascope.engines.work.dbos_database import WorkDatabase
from vitascope.kernel.errors import Unavailable

_VERSION = sa.text("SELECT sqlite_version()")


def library(version: str) -> ModuleType:
    made = ModuleType(f"sqlite {version}")
    made.__dict__["sqlite_version"] = version
    made.__dict__["sqlite_version_info"] = tuple(map(int, version.split(".")))
    return made


@pytest.fixture
def an_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without a wheel, under a Python of Debian 12."""
    monkeypatch.setattr(sqlite_library.need_new, "__defaults__", (library("3.40.1"),))


async def version_of(rows: Rows) -> str:
    return str(await rows.read(lambda connection: connection.scalar(_VERSION)))


async def test_rows_and_work_are_opened_by_the_same_new_library(tmp_path: Path) -> None:
    rows = await SqliteRows.open("notes", folder=tmp_path)
    work = WorkDatabase(f"sqlite:///{tmp_path}/work.db")

    def of_work() -> str:
        with work.engine().connect() as connection:
            assert isinstance(connection.connection.driver_connection, sqlite.Connection)
            return str(connection.scalar(_VERSION))

    try:
        seen = {await version_of(rows), await asyncio.to_thread(of_work)}
    finally:
        await asyncio.to_thread(work.close)
        await rows.close()
    assert seen == {sqlite.sqlite_version}
    assert sqlite.sqlite_version_info >= (3, 51, 3)


def test_the_engines_that_dbos_opens_by_itself_have_it_too() -> None:
    engine = sa.create_engine(WorkDatabase("sqlite:///work.db").dbos_url())
    assert engine.dialect.dbapi is not None
    assert engine.dialect.dbapi.Connection is sqlite.Connection


def test_the_first_that_is_new_enough_is_taken() -> None:
    old, new, newer = library("3.40.1"), library("3.51.3"), library("3.60.0")
    assert newest(new, newer) is new
    assert newest(old, newer) is newer  # pysqlite3 built over an old library of the machine
    assert newest(old, library("3.51.2")).sqlite_version == "3.51.2"


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2"])
def test_an_old_one_is_refused_by_name(version: str) -> None:
    with pytest.raises(SqliteTooOld, match=rf"SQLite {version} is too old.*pysqlite3"):
        need_new(library(version))
    need_new(library("3.51.3"))


@pytest.mark.usefixtures("an_old_one")
async def test_no_database_is_opened_or_made_with_an_old_one(tmp_path: Path) -> None:
    with pytest.raises(SqliteTooOld):
        await SqliteRows.open("notes", folder=tmp_path)
    work = WorkDatabase(f"sqlite:///{tmp_path}/work.db")
    with pytest.raises(Unavailable, match="too old"):
        await asyncio.to_thread(work.engine)
    assert list(tmp_path.glob("*.db*")) == []


def test_python_s_own_is_taken_where_there_is_no_wheel() -> None:
    """Its version decides whether it is refused; that it is asked at all is what counts here."""
    program = (
        "import sys; sys.modules['pysqlite3'] = None\n"
        "from vitascope.engines import sqlite_library\n"
        "print(sqlite_library.version(), sqlite_library.sqlite.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "(Python's own) sqlite3" in done.stdout
