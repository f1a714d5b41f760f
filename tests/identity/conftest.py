"""Identity as it is given to its suite: on both databases, and in a process of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

import vitascope.identity
from tests.conftest import OpenRows, opened
from tests.contracts.here_and_apart import placed
from vitascope.engines.bus.outbox import RowsOutbox
from vitascope.engines.rows import Rows
from vitascope.engines.wire import errors_of
from vitascope.identity import DeviceDraft, Identity, SignedIn
from vitascope.identity.passwords import Passwords
from vitascope.identity.rows_identity import RowsIdentity
from vitascope.identity.settings import IdentitySettings
from vitascope.kernel.clock import HeldClock

PASSWORD = "correct horse battery"
ADDRESS = "203.0.113.7"

OpenAccounts = Callable[..., Awaitable[RowsIdentity]]
T = TypeVar("T")


def accounts_on(
    rows: Rows,
    clock: HeldClock,
    *,
    secret: bytes = b"s" * 32,
    hash_kib: int = 8,
    **settings: int,
) -> RowsIdentity:
    """Identity with hashes that cost nothing, unless a test is about their cost."""
    said = IdentitySettings(**settings)
    return RowsIdentity(
        rows=rows,
        outbox=RowsOutbox(rows=rows, clock=clock, announced=lambda: None),
        signing_secret=secret,
        refresh_secret=b"r" * 32,
        clock=clock,
        settings=said,
        passwords=Passwords(
            threads=said.password_threads, queue=said.password_queue, memory_kib=hash_kib
        ),
    )


@pytest.fixture
async def accounts(open_sqlite: OpenRows, clock: HeldClock) -> AsyncIterator[RowsIdentity]:
    """The object itself, on SQLite: for what is not about storage or the wire."""
    made = accounts_on(await open_sqlite("identity"), clock)
    yield made
    await made.close()


@pytest.fixture(params=["sqlite, here", "postgresql, here", "sqlite, apart"])
def where(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The database's URL, and the place. (An async fixture cannot ask for another by name.)"""
    engine, _, place = request.param.partition(", ")
    url = "sqlite" if engine == "sqlite" else request.getfixturevalue("postgres_url")
    return url, place


@pytest.fixture
async def identity(where: tuple[str, str], data: Path, clock: HeldClock) -> AsyncIterator[Identity]:
    url, place = where
    rows = await opened("identity", url, data, None)
    try:
        made = accounts_on(rows, clock)
        async with placed(place, Identity, made, errors_of(vitascope.identity)) as door:
            yield door
        await made.close()
    finally:
        await rows.close()


@pytest.fixture
def ada() -> Callable[[Identity], Awaitable[SignedIn]]:
    """Signs Ada up."""

    async def sign_up(identity: Identity) -> SignedIn:
        device = DeviceDraft(name="Chromium on Linux")
        return await identity.sign_up("ada@example.org", PASSWORD, "Ada", device, locale="fr")

    return sign_up
