"""What is due is published when its time comes, and a service at rest hardly looks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import msgspec
import pytest

from tests.clocks import until_asleep
from tests.engines.bus.test_bus_at_rest import CountedRows
from tests.notices import HeardNotices, LostNotices
from tests.publishing.test_pipeline import master
from tests.publishing.test_routes import LIVE
from tests.publishing.worker import FlipLog, durable_of, open_rows
from vitascope.engines.notices import TopicListener
from vitascope.engines.rows import Rows
from vitascope.engines.work import Work
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import JobId, TitleId
from vitascope.publishing import JobState
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.jobs import publish_due
from vitascope.publishing.ledger import DUE
from vitascope.publishing.new_jobs import job_for
from vitascope.publishing.schedule import asset_of_job

JOB = JobId("job_one")
HOUR_S = 3600


class Due:
    """One process that publishes what is due, under a held clock, and counts how often it looks."""

    def __init__(self, rows: Rows, data: Path, notices: HeardNotices) -> None:
        self.clock = HeldClock()
        self.rows = CountedRows(rows)
        self.catalog = FlipLog(data)
        self.publishing: DurablePublishing = durable_of(
            self.rows, cast(Work, None), data, self.clock, notices
        )
        listener = TopicListener(notices, DUE, self.clock)
        self._task = asyncio.ensure_future(publish_due(self.publishing, listener))

    async def ready(self, *, in_s: float) -> None:
        """Have a verified version wait for its date."""
        at_ms = self.clock.now_ms() + round(in_s * 1000)
        asset = msgspec.structs.replace(LIVE, id=asset_of_job(JOB))
        await self.catalog.prepare(TitleId("ttl_x"), asset)
        ledger = self.publishing._ledger
        await ledger.open(job_for(JOB, master(publish_at_ms=at_ms), replaces=True))
        await ledger.ready(await ledger.job(JOB))
        await self.at_rest()

    async def state(self) -> JobState:
        return (await self.publishing._ledger.job(JOB)).state

    async def at_rest(self) -> None:
        """Return when it has looked and waits."""
        quiet = 0
        while quiet < 10:
            before = self.rows.reads + self.rows.writes
            await asyncio.sleep(0.005)
            asked = self.rows.reads + self.rows.writes
            calm = asked == before and not self.rows.under_way and self.clock.sleeping()
            quiet = quiet + 1 if calm else 0

    async def pass_time(self, seconds: int) -> None:
        for _ in range(seconds):
            await until_asleep(self.clock, 1)
            self.clock.advance(1)
            await asyncio.sleep(0)
        await self.at_rest()

    async def close(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


@pytest.fixture
async def rows(data: Path) -> AsyncIterator[Rows]:
    rows = await open_rows(data)
    yield rows
    await rows.close()


async def test_a_version_is_published_at_its_time_and_sooner_when_its_partner_says_sooner(
    rows: Rows, data: Path
) -> None:
    due = Due(rows, data, HeardNotices())
    await due.ready(in_s=HOUR_S)
    await due.pass_time(30)  # its pauses are long by now
    assert await due.state() is JobState.READY
    soon_ms = due.clock.now_ms() + 2500
    await due.publishing._ledger.schedule(JOB, soon_ms)
    await due.at_rest()
    assert due.clock.sleeping(within_s=2.5) == 1, "it waits for the time and no longer"
    due.clock.advance(2.5)
    await due.at_rest()
    assert await due.state() is JobState.LIVE
    await due.close()


async def test_without_notices_it_is_late_by_seconds_and_a_minute_at_rest_takes_few_looks(
    rows: Rows, data: Path
) -> None:
    due = Due(rows, data, LostNotices())
    await due.at_rest()
    await due.pass_time(150)
    due.rows.reads = 0
    await due.pass_time(60)
    assert due.rows.reads <= 2 * 60 / 10 + 2, "what is due, and when the next is"
    await due.ready(in_s=0)
    assert await due.state() is JobState.READY, "it was told of nothing"
    await due.pass_time(10)
    assert await due.state() is JobState.LIVE
    await due.close()
