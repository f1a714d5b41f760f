"""Every domain's migrations make exactly the tables that its store speaks of, on both engines."""

import importlib
from pathlib import Path

import pytest
from sqlalchemy import Connection, MetaData

from tests.conftest import OpenRows
from vitascope.engines.rows.migrate import drift

PACKAGE = Path(__file__).resolve().parents[3] / "vitascope"

DOMAINS = sorted(path.parent.name for path in PACKAGE.glob("*/migrations") if path.is_dir())


def tables_of(domain: str) -> MetaData:
    store = importlib.import_module(f"vitascope.{domain}.store")
    (metadata,) = {value for value in vars(store).values() if isinstance(value, MetaData)}
    return metadata


@pytest.mark.parametrize("domain", DOMAINS)
async def test_a_new_database_has_the_tables_of_the_store(domain: str, open_rows: OpenRows) -> None:
    rows = await open_rows(domain)

    def differences(connection: Connection) -> list[object]:
        return drift(connection, tables_of(domain))

    assert await rows.read(differences) == []


@pytest.mark.parametrize(
    ("module", "package"),
    [
        ("vitascope.engines.bus.outbox", "vitascope.engines.bus.migrations"),
        ("vitascope.engines.bus.log", "vitascope.engines.bus.log_migrations"),
        ("vitascope.engines.leases.rows", "vitascope.engines.leases.migrations"),
    ],
)
async def test_a_new_database_has_the_tables_of_the_engine(
    module: str, package: str, open_rows: OpenRows
) -> None:
    rows = await open_rows("example", migrations=[package])
    metadata: MetaData = importlib.import_module(module)._metadata

    def differences(connection: Connection) -> list[object]:
        return drift(connection, metadata)

    assert await rows.read(differences) == []
