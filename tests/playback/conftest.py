from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import OpenRows
from tests.playback import stage
from vitascope.kernel.clock import HeldClock


@pytest.fixture
async def house(open_sqlite: OpenRows, clock: HeldClock, data: Path) -> AsyncIterator[stage.House]:
    async with stage.house(open_sqlite, clock, data) as made:
        yield made


@pytest.fixture
async def any_house(
    open_rows: OpenRows, clock: HeldClock, data: Path
) -> AsyncIterator[stage.House]:
    """On SQLite and on PostgreSQL."""
    async with stage.house(open_rows, clock, data) as made:
        yield made
