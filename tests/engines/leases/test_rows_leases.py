"""What only leases as rows promise: a claim is part of its transaction."""

import pytest
from sqlalchemy import Connection

from tests.conftest import OpenRows
from vitascope.engines.leases.rows import MIGRATIONS, RowsLeases
from vitascope.kernel.clock import HeldClock


async def test_a_claim_lost_with_its_transaction_was_never_granted(
    open_rows: OpenRows, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases = RowsLeases(rows=await open_rows("leases", migrations=[MIGRATIONS]), clock=clock)

    def fails(connection: Connection, *_: object) -> None:
        raise ValueError("cut off")

    with monkeypatch.context() as patch:
        patch.setattr(leases, "_living", fails)
        with pytest.raises(ValueError, match="cut off"):
            await leases.claim("s", "a", limit=1, ttl_s=10)
    assert await leases.holders("s") == ()
