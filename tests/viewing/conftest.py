"""The stores that viewing's suite runs over."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.catalog.setup import MemoryOutbox
from tests.conftest import opened
from tests.viewing.memory_store import MemoryViewingStore
from vitascope.engines.cache.memory import MemoryCache
from vitascope.kernel.clock import HeldClock
from vitascope.viewing import Viewing
from vitascope.viewing.history import StoredViewing
from vitascope.viewing.positions import CachedPositions
from vitascope.viewing.storage import ViewingStore
from vitascope.viewing.store import RowsViewingStore


@pytest.fixture
def outbox() -> MemoryOutbox:
    """What was announced, by whichever store."""
    return MemoryOutbox()


@pytest.fixture(params=["dictionaries", "cached", "sqlite", "postgresql"])
def kept_in(request: pytest.FixtureRequest) -> str:
    if request.param != "postgresql":
        return str(request.param)
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def store(
    kept_in: str, outbox: MemoryOutbox, data: Path, clock: HeldClock
) -> AsyncIterator[ViewingStore]:
    async with AsyncExitStack() as stack:
        if kept_in == "dictionaries":
            yield MemoryViewingStore(outbox.heard.extend)
        elif kept_in == "cached":
            cache = MemoryCache(clock=clock)
            yield CachedPositions(MemoryViewingStore(outbox.heard.extend), cache)
        else:
            rows = await opened("viewing", kept_in, data, None)
            stack.push_async_callback(rows.close)
            yield RowsViewingStore(rows=rows, outbox=outbox)


@pytest.fixture
def viewing(store: ViewingStore, clock: HeldClock) -> Viewing:
    return StoredViewing(store=store, clock=clock)
