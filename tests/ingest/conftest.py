"""Ingest whose announcements are heard, and its routes; modules that need another have it."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.asgi import asgi
from tests.conftest import OpenRows
from tests.ingest.server import Ears, app_of, ingest_of
from vitascope.engines.rows import Rows
from vitascope.ingest.upload import RowsIngest
from vitascope.kernel.clock import HeldClock


@pytest.fixture
async def rows(open_sqlite: OpenRows) -> Rows:
    return await open_sqlite("ingest")


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def ingest(rows: Rows, data: Path, clock: HeldClock, ears: Ears) -> RowsIngest:
    return ingest_of(rows, data, clock, outbox=ears)


@pytest.fixture
async def client(ingest: RowsIngest) -> AsyncIterator[httpx.AsyncClient]:
    transport = asgi(app_of(ingest))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
