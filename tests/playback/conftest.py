from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import OpenRows
from tests.playback import setup as playback_setup
from vitascope.kernel.clock import HeldClock


@pytest.fixture
async def setup(
    open_sqlite: OpenRows, clock: HeldClock, data: Path
) -> AsyncIterator[playback_setup.Setup]:
    async with playback_setup.set_up(open_sqlite, clock, data) as made:
        yield made


@pytest.fixture
async def any_setup(
    open_rows: OpenRows, clock: HeldClock, data: Path
) -> AsyncIterator[playback_setup.Setup]:
    """On SQLite and on PostgreSQL."""
    async with playback_setup.set_up(open_rows, clock, data) as made:
        yield made
