"""Leases over every store: never more holders than the limit, under any race."""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.engines.leases.conftest import Wait
from tests.engines.leases.places import Place
from vitascope.engines.leases import Leases

ROOT = Path(__file__).resolve().parents[3]


async def test_p3_fifty_claims_at_once_at_limit_two_grant_two(leases: Leases) -> None:
    claims = await asyncio.gather(
        *(leases.claim("acc_1", f"ses_{n}", limit=2, ttl_s=60) for n in range(50))
    )
    granted = {claim.lease.holder for claim in claims if claim.lease}
    assert len(granted) == 2
    assert {lease.holder for lease in await leases.holders("acc_1")} == granted
    refused = [claim for claim in claims if claim.lease is None]
    assert all(len(claim.holders) == 2 for claim in refused)


class CountsFirst:
    """A planted fault: it looks in one step and takes in another, when all have looked."""

    def __init__(self, leases: Leases, *, at_once: int) -> None:
        self._leases = leases
        self._looked = asyncio.Barrier(at_once)

    async def claim(self, subject: str, holder: str, *, limit: int, **more: Any) -> None:
        living = await self._leases.holders(subject)
        free = 10**6 if len(living) < limit else 0
        await self._looked.wait()
        await self._leases.claim(subject, holder, limit=free, **more)


async def test_p3_the_race_is_real_a_claim_that_counts_first_grants_too_many(
    leases: Leases,
) -> None:
    faulty = CountsFirst(leases, at_once=50)
    await asyncio.gather(*(faulty.claim("acc_1", f"ses_{n}", limit=2, ttl_s=60) for n in range(50)))
    assert len(await leases.holders("acc_1")) > 2


@pytest.mark.long
async def test_p3_claims_of_two_processes_at_once_grant_two(leases: Leases, place: Place) -> None:
    where = msgspec.json.encode(place).decode()
    claimers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.engines.leases.claimer", where, name],
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
            *(asyncio.to_thread(claimer.communicate, "go\n", 120) for claimer in claimers)
        )
    assert sum(int(out) for out, _ in answers) == 2
    assert len(await leases.holders("acc_1")) == 2


async def test_a_holder_that_claims_again_keeps_its_place_extended(
    leases: Leases, wait: Wait
) -> None:
    first = await leases.claim("s", "a", limit=1, ttl_s=10, note="tv")
    await wait(5)
    again = await leases.claim("s", "a", limit=1, ttl_s=10, note="tv, film")
    assert first.lease and again.lease
    assert again.lease.taken_at_ms == first.lease.taken_at_ms
    assert again.lease.expires_at_ms == first.lease.expires_at_ms + 5000
    assert again.holders == (again.lease,)


async def test_an_expired_lease_is_not_revived_and_its_place_is_free(
    leases: Leases, wait: Wait
) -> None:
    await leases.claim("s", "a", limit=1, ttl_s=10)
    await wait(10)
    assert await leases.renew("s", "a", ttl_s=10) is None
    assert await leases.holders("s") == ()
    assert (await leases.claim("s", "b", limit=1, ttl_s=10)).lease


async def test_a_live_lease_is_extended_and_may_change_its_note(leases: Leases, wait: Wait) -> None:
    await leases.claim("s", "a", limit=1, ttl_s=10, note="tv")
    await wait(9)
    renewed = await leases.renew("s", "a", ttl_s=10)
    assert renewed and renewed.note == "tv"
    await wait(9)
    renewed = await leases.renew("s", "a", ttl_s=10, note="phone")
    assert renewed and renewed.note == "phone"


async def test_a_released_place_is_free_at_once_and_releasing_twice_is_harmless(
    leases: Leases,
) -> None:
    await leases.claim("s", "a", limit=1, ttl_s=10)
    assert (await leases.claim("s", "b", limit=1, ttl_s=10)).lease is None
    await leases.release("s", "a")
    await leases.release("s", "a")
    assert (await leases.claim("s", "b", limit=1, ttl_s=10)).lease


async def test_subjects_do_not_count_for_each_other(leases: Leases) -> None:
    assert (await leases.claim("s", "a", limit=1, ttl_s=10)).lease
    assert (await leases.claim("t", "a", limit=1, ttl_s=10)).lease


async def test_holders_are_told_oldest_first(leases: Leases, wait: Wait) -> None:
    for holder in ("z", "m", "a"):
        await leases.claim("s", holder, limit=3, ttl_s=60, note=f"device {holder}")
        await wait(1)
    assert [lease.holder for lease in await leases.holders("s")] == ["z", "m", "a"]
    refused = await leases.claim("s", "late", limit=3, ttl_s=60)
    assert [lease.note for lease in refused.holders] == ["device z", "device m", "device a"]


async def test_holders_and_notes_may_be_any_text(leases: Leases, wait: Wait) -> None:
    note = "TV: “Nosferatu”\n1:2:3 🎬"
    await leases.claim("s: {a}*", "ses:1 ü", limit=1, ttl_s=10, note=note)
    (held,) = await leases.holders("s: {a}*")
    assert (held.subject, held.holder, held.note) == ("s: {a}*", "ses:1 ü", note)
    renewed = await leases.renew("s: {a}*", "ses:1 ü", ttl_s=10)
    assert renewed and renewed.note == note


async def test_a_lease_ends_at_its_moment_and_not_before(leases: Leases, wait: Wait) -> None:
    await leases.claim("s", "a", limit=2, ttl_s=10)
    await wait(9.999)
    assert len(await leases.holders("s")) == 1
    await leases.claim("s", "b", limit=2, ttl_s=1)  # a shorter one takes nothing from the longer
    assert await leases.renew("s", "a", ttl_s=5)
    await wait(1)
    assert [lease.holder for lease in await leases.holders("s")] == ["a"]
    await wait(4)
    assert await leases.holders("s") == ()


async def test_who_holds_a_place_keeps_it_when_the_limit_is_lowered(leases: Leases) -> None:
    for holder in ("a", "b"):
        await leases.claim("s", holder, limit=2, ttl_s=10)
    assert (await leases.claim("s", "a", limit=1, ttl_s=10)).lease
    assert (await leases.claim("s", "c", limit=2, ttl_s=10)).lease is None
