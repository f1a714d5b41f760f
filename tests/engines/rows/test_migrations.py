"""Schemas move forward under a lock, and a newer one is refused."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, Text, text

from tests.conftest import OpenRows, opened
from vitascope.engines.rows import NewerSchema, Rows
from vitascope.engines.rows.migrate import drift

FIRST = """
import sqlalchemy as sa
from alembic import op
revision = "0001"
down_revision = None
def upgrade():
    op.create_table("films", sa.Column("name", sa.Text, primary_key=True))
"""
SECOND = """
import sqlalchemy as sa
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade():
    op.add_column("films", sa.Column("year", sa.Text))
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "films_of_a_test" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0001_films.py").write_text(FIRST)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.startswith("films_of_a_test")]:
        monkeypatch.delitem(sys.modules, name)
    return folder


PACKAGE = "films_of_a_test.migrations"


async def names(rows: Rows) -> list[str]:
    def work(connection: Connection) -> list[str]:
        return [row[0] for row in connection.execute(text("SELECT name FROM films"))]

    return await rows.read(work)


async def add(rows: Rows, name: str) -> None:
    def work(connection: Connection) -> None:
        connection.execute(text("INSERT INTO films (name) VALUES (:name)"), {"name": name})

    await rows.write(work)


async def test_an_older_database_opens_in_a_newer_version_and_keeps_its_rows(
    package: Path, open_rows: OpenRows
) -> None:
    older = await open_rows("films", migrations=[PACKAGE])
    await add(older, "Nosferatu")
    await older.close()
    (package / "0002_years.py").write_text(SECOND)
    newer = await open_rows("films", migrations=[PACKAGE])
    assert await names(newer) == ["Nosferatu"]
    columns = Column("name", Text, primary_key=True), Column("year", Text)
    metadata = MetaData()
    Table("films", metadata, *columns)

    def differences(connection: Connection) -> list[Any]:
        return drift(connection, metadata)

    assert await newer.read(differences) == []


async def test_a_database_of_a_newer_version_is_refused_with_what_to_do(
    package: Path, open_rows: OpenRows
) -> None:
    (package / "0002_years.py").write_text(SECOND)
    await (await open_rows("films", migrations=[PACKAGE])).close()
    (package / "0002_years.py").unlink()
    with pytest.raises(NewerSchema, match=r"0002.*up to 0001.*Start the newer version"):
        await open_rows("films", migrations=[PACKAGE])


async def test_several_that_start_together_migrate_once(
    package: Path, rows_url: str, data: Path
) -> None:
    (package / "0002_years.py").write_text(SECOND)
    opening = (opened("films", rows_url, data, [PACKAGE]) for _ in range(4))
    together = await asyncio.gather(*opening)
    await add(together[0], "Metropolis")
    assert await names(together[3]) == ["Metropolis"]
    for rows in together:
        await rows.close()


async def test_a_failing_migration_changes_nothing(package: Path, open_rows: OpenRows) -> None:
    await (await open_rows("films", migrations=[PACKAGE])).close()
    broken = SECOND + "    raise RuntimeError('half way')\n"
    (package / "0002_years.py").write_text(broken)
    with pytest.raises(RuntimeError, match="half way"):
        await open_rows("films", migrations=[PACKAGE])
    (package / "0002_years.py").write_text(SECOND)
    await open_rows("films", migrations=[PACKAGE])  # `year` can still be added


async def test_a_table_that_no_migration_makes_is_drift(package: Path, open_rows: OpenRows) -> None:
    rows = await open_rows("films", migrations=[PACKAGE])
    metadata = MetaData()
    Table("films", metadata, Column("name", Text, primary_key=True))
    Table("people", metadata, Column("name", Text, primary_key=True))

    def differences(connection: Connection) -> list[Any]:
        return drift(connection, metadata)

    found = await rows.read(differences)
    assert [kind for kind, *_ in found] == ["add_table"]
