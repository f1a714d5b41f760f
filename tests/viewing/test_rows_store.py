"""What the store of viewing as rows promises beyond the port."""

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from tests.catalog.setup import MemoryOutbox
from tests.conftest import OpenRows
from tests.viewing.beats import ANA, FILM, beat, position
from vitascope.engines.rows import Rows, Upsert
from vitascope.engines.rows.migrate import drift
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.events import Event
from vitascope.viewing import Viewing
from vitascope.viewing import store as rows_store
from vitascope.viewing.history import StoredViewing
from vitascope.viewing.store import RowsViewingStore


@pytest.fixture
async def rows(open_rows: OpenRows) -> Rows:
    return await open_rows("viewing")


@pytest.fixture
def viewing(rows: Rows, clock: HeldClock) -> Viewing:
    return StoredViewing(store=RowsViewingStore(rows=rows, outbox=MemoryOutbox()), clock=clock)


async def test_the_migrations_make_the_tables_that_the_store_knows(rows: Rows) -> None:
    assert await rows.read(lambda connection: drift(connection, rows_store.metadata)) == []


async def test_the_condition_of_the_write_is_what_keeps_positions_from_going_back(
    viewing: Viewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: without it the same reports end elsewhere."""
    progress = rows_store.progress
    key = ("profile_id", "content_id")
    unguarded = Upsert(progress, key=key, returning=[progress.c[name] for name in key])
    monkeypatch.setattr(rows_store, "_KEEP", unguarded)
    await viewing.record([beat(5_000, session=2, sequence=3)])
    await viewing.record([beat(90_000, session=1, sequence=99)])
    assert await position(viewing) == 90_000


async def test_a_report_that_lies_under_a_removal_is_not_read(rows: Rows, viewing: Viewing) -> None:
    """As a copy of the table from before the removal would bring it back."""

    def put(connection: Connection) -> None:
        for session, at_ms in ((1, 1000), (2, 1999)):
            row = msgspec.structs.asdict(beat(session, session=session, content=f"c{session}"))
            connection.execute(sa.insert(rows_store.progress), row)
            stone = {"profile_id": ANA, "title_id": FILM, "at_ms": at_ms}
            connection.execute(sa.delete(rows_store.forgotten))
            connection.execute(sa.insert(rows_store.forgotten), stone)

    await rows.write(put)  # removed at 1999 ms: one session began at 1000, the other at 2000
    assert [r.content_id for r in await viewing.recent(ANA)] == ["c2"]
    found, _ = await viewing.history(ANA)
    assert [r.content_id for r in found] == ["c2"]
    contents = [r.content_id for r in [beat(0, content="c1"), beat(0, content="c2")]]
    assert list(await viewing.positions(ANA, contents)) == ["c2"]


class FullOutbox:
    """An outbox that cannot take anything."""

    def put(self, connection: Connection, *events: Event) -> None:
        if events:
            raise ValueError("cut off")


async def test_what_cannot_be_announced_is_not_kept(
    rows: Rows, viewing: Viewing, clock: HeldClock
) -> None:
    await viewing.record([beat(1_000)])
    await viewing.add_to_list(ANA, FILM)
    cut_off = StoredViewing(store=RowsViewingStore(rows=rows, outbox=FullOutbox()), clock=clock)
    for change in (
        cut_off.record([beat(99_000, sequence=2)]),
        cut_off.forget(ANA, FILM),
        cut_off.remove_from_list(ANA, FILM),
    ):
        with pytest.raises(ValueError, match="cut off"):
            await change
    assert await position(viewing) == 1_000
    assert len(await viewing.my_list(ANA)) == 1
