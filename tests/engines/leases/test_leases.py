"""Leases over every database: never more holders than the limit, under any race."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.conftest import OpenRows
from vitascope.engines.leases.rows import MIGRATIONS, RowsLeases
from vitascope.engines.rows import Rows
from vitascope.kernel.clock import HeldClock

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
async def lease_rows(open_rows: OpenRows) -> Rows:
    return await open_rows("leases", migrations=[MIGRATIONS])


@pytest.fixture
def leases(lease_rows: Rows, clock: HeldClock) -> RowsLeases:
    return RowsLeases(rows=lease_rows, clock=clock)


async def test_p3_fifty_claims_at_once_at_limit_two_grant_two(leases: RowsLeases) -> None:
    claims = await asyncio.gather(
        *(leases.claim("acc_1", f"ses_{n}", limit=2, ttl_s=60) for n in range(50))
    )
    granted = {claim.lease.holder for claim in claims if claim.lease}
    assert len(granted) == 2
    assert {lease.holder for lease in await leases.holders("acc_1")} == granted
    refused = [claim for claim in claims if claim.lease is None]
    assert all(len(claim.holders) == 2 for claim in refused)


class CountsFirst(RowsLeases):
    """A planted fault: it looks in one transaction and takes in another."""

    async def claim(self, subject, holder, *, limit, ttl_s, note=""):  # type: ignore[no-untyped-def]
        living = await self.holders(subject)
        if len(living) < limit:
            return await super().claim(subject, holder, limit=10**6, ttl_s=ttl_s, note=note)
        return await super().claim(subject, holder, limit=0, ttl_s=ttl_s, note=note)


async def test_p3_the_race_is_real_a_claim_that_counts_first_grants_too_many(
    lease_rows: Rows, clock: HeldClock
) -> None:
    leases = CountsFirst(rows=lease_rows, clock=clock)
    await asyncio.gather(*(leases.claim("acc_1", f"ses_{n}", limit=2, ttl_s=60) for n in range(50)))
    assert len(await leases.holders("acc_1")) > 2


CLAIMER = """
import asyncio, sys
from pathlib import Path
from vitascope.engines.leases.rows import MIGRATIONS, RowsLeases
from vitascope.engines.rows.postgres import PostgresRows
from vitascope.engines.rows.sqlite import SqliteRows
from vitascope.kernel.clock import HeldClock

async def main(url, folder, name):
    if url == "sqlite":
        rows = await SqliteRows.open("leases", folder=Path(folder), migrations=[MIGRATIONS])
    else:
        rows = await PostgresRows.open("leases", url=url, migrations=[MIGRATIONS])
    leases = RowsLeases(rows=rows, clock=HeldClock())
    print("ready", flush=True)
    sys.stdin.readline()
    claims = await asyncio.gather(
        *(leases.claim("acc_1", f"{name}_{n}", limit=2, ttl_s=60) for n in range(25)))
    print(sum(1 for claim in claims if claim.lease), flush=True)
    await rows.close()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_p3_claims_of_two_processes_at_once_grant_two(
    leases: RowsLeases, rows_url: str, data: Path
) -> None:
    claimers = [
        subprocess.Popen(
            [sys.executable, "-c", CLAIMER, rows_url, str(data), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        for name in ("one", "two")
    ]
    with claimers[0], claimers[1]:
        for claimer in claimers:
            assert claimer.stdout and claimer.stdout.readline() == "ready\n"
        answers = await asyncio.gather(
            *(asyncio.to_thread(claimer.communicate, "go\n", 60) for claimer in claimers)
        )
    assert sum(int(out) for out, _ in answers) == 2
    assert len(await leases.holders("acc_1")) == 2


async def test_a_holder_that_claims_again_keeps_its_place_extended(
    leases: RowsLeases, clock: HeldClock
) -> None:
    first = await leases.claim("s", "a", limit=1, ttl_s=10, note="tv")
    clock.advance(5)
    again = await leases.claim("s", "a", limit=1, ttl_s=10, note="tv, film")
    assert first.lease and again.lease
    assert again.lease.taken_at_ms == first.lease.taken_at_ms
    assert again.lease.expires_at_ms == first.lease.expires_at_ms + 5000
    assert again.holders == (again.lease,)


async def test_an_expired_lease_is_not_revived_and_its_place_is_free(
    leases: RowsLeases, clock: HeldClock
) -> None:
    await leases.claim("s", "a", limit=1, ttl_s=10)
    clock.advance(10)
    assert await leases.renew("s", "a", ttl_s=10) is None
    assert await leases.holders("s") == ()
    assert (await leases.claim("s", "b", limit=1, ttl_s=10)).lease


async def test_a_live_lease_is_extended_and_may_change_its_note(
    leases: RowsLeases, clock: HeldClock
) -> None:
    await leases.claim("s", "a", limit=1, ttl_s=10, note="tv")
    clock.advance(9)
    renewed = await leases.renew("s", "a", ttl_s=10)
    assert renewed and renewed.note == "tv"
    clock.advance(9)
    renewed = await leases.renew("s", "a", ttl_s=10, note="phone")
    assert renewed and renewed.note == "phone"


async def test_a_released_place_is_free_at_once_and_releasing_twice_is_harmless(
    leases: RowsLeases,
) -> None:
    await leases.claim("s", "a", limit=1, ttl_s=10)
    assert (await leases.claim("s", "b", limit=1, ttl_s=10)).lease is None
    await leases.release("s", "a")
    await leases.release("s", "a")
    assert (await leases.claim("s", "b", limit=1, ttl_s=10)).lease


async def test_subjects_do_not_count_for_each_other(leases: RowsLeases) -> None:
    assert (await leases.claim("s", "a", limit=1, ttl_s=10)).lease
    assert (await leases.claim("t", "a", limit=1, ttl_s=10)).lease


async def test_holders_are_told_oldest_first(leases: RowsLeases, clock: HeldClock) -> None:
    for holder in ("z", "m", "a"):
        await leases.claim("s", holder, limit=3, ttl_s=60, note=f"device {holder}")
        clock.advance(1)
    assert [lease.holder for lease in await leases.holders("s")] == ["z", "m", "a"]
    refused = await leases.claim("s", "late", limit=3, ttl_s=60)
    assert [lease.note for lease in refused.holders] == ["device z", "device m", "device a"]


async def test_a_claim_lost_with_its_transaction_was_never_granted(
    leases: RowsLeases, lease_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(connection: Connection, *_: object) -> None:
        raise ValueError("cut off")

    with monkeypatch.context() as patch:
        patch.setattr(leases, "_living", fails)
        with pytest.raises(ValueError, match="cut off"):
            await leases.claim("s", "a", limit=1, ttl_s=10)
    assert await leases.holders("s") == ()
