"""Sessions that an older version kept are read with all that was granted."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.test_older_data import SAMPLES, unpack
from vitascope.engines.rows import Connection
from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.kernel.ids import SessionId
from vitascope.playback.store import SessionStore, sessions


@pytest.mark.parametrize("sample", ["film-0.1.0.tar.xz", "whole-0.1.0.tar.xz"])
async def test_a_session_of_an_older_folder_is_a_grant_held_by_a_lease(
    sample: str, tmp_path: Path
) -> None:
    await asyncio.to_thread(unpack, SAMPLES / sample, tmp_path)
    rows = await SqliteRows.open(
        "playback",
        folder=tmp_path / "data" / "rows",
        migrations=["vitascope.playback.migrations"],
    )

    def all_of_them(connection: Connection) -> list[sa.Row[str, str, int]]:
        asked = sa.select(sessions.c.id, sessions.c.account_id, sessions.c.started_at_ms)
        return list(connection.execute(asked).all())

    kept = await rows.read(all_of_them)
    assert kept
    for session_id, account_id, started_at_ms in kept:
        found = await SessionStore(rows).find(SessionId(session_id))
        assert found is not None
        grant = found[0].grant
        assert grant.account_id == account_id
        assert grant.until_ms == started_at_ms + 7 * 86_400_000
        assert grant.ladder
        assert grant.labels
        assert found[0].edges
    await rows.close()
