"""I2: how long a job will take is told by what earlier ones took, as the ledger kept them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.notices import LostNotices
from tests.publishing.worker import open_rows
from vitascope.engines.bus.outbox import RowsOutbox
from vitascope.engines.rows import Rows
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import AccountId, ContentId, JobId, TitleId
from vitascope.publishing import Job, JobState
from vitascope.publishing.estimate import FilmSize
from vitascope.publishing.ledger import Ledger
from vitascope.publishing.store import NewJob

MINUTE = FilmSize(frames=24 * 60, pixels=1280 * 720)
STEPS = {"inspect": 5, "quality": 20, "trials": 100, "encode": 200, "package": 20}
"""Seconds that each takes for MINUTE."""


@pytest.fixture
async def rows(data: Path) -> AsyncIterator[Rows]:
    rows = await open_rows(data)
    yield rows
    await rows.close()


class Worker:
    def __init__(self, rows: Rows) -> None:
        self.clock = HeldClock()
        outbox = RowsOutbox(rows=rows, clock=self.clock, announced=lambda: None)
        self.ledger = Ledger(rows=rows, outbox=outbox, notices=LostNotices(), clock=self.clock)

    async def begin(self, name: str, size: FilmSize = MINUTE) -> JobId:
        job = NewJob(
            id=JobId(f"job_{name}"),
            partner_id=AccountId("acc_p"),
            title_id=TitleId("ttl_x"),
            content_id=ContentId("ttl_x"),
            file_name="film.mov",
            kind="master",
        )
        await self.ledger.open(job)
        await self.step(job.id, "inspect", STEPS["inspect"])
        await self.ledger.expect_phases(job.id, size)
        return job.id

    async def step(self, job_id: JobId, name: str, seconds: float) -> Job:
        await self.ledger.begin(job_id, name, state=JobState.ENCODING, total=100, unit="%")
        self.clock.advance(seconds)
        await self.ledger.end(job_id, name)
        return await self.ledger.job(job_id)

    async def whole(self, name: str, state: JobState = JobState.LIVE, times: float = 1.0) -> None:
        job_id = await self.begin(name)
        for step, seconds in list(STEPS.items())[1:]:
            await self.step(job_id, step, times * seconds)
        await self.ledger.move(job_id, state)


async def test_the_second_job_knows_from_the_beginning_what_the_first_took(rows: Rows) -> None:
    worker = Worker(rows)
    first = await worker.ledger.job(await worker.begin("probe"))
    assert first.left_ms is None
    await worker.whole("first")
    job_id = await worker.begin("second")
    left, told = sum(STEPS.values()) - STEPS["inspect"], []
    told.append(await worker.ledger.job(job_id))
    for name, seconds in list(STEPS.items())[1:-1]:
        job = await worker.step(job_id, name, seconds)
        told.append(job)
        left -= seconds
        if not name.startswith("encode"):  # some chunks may still have to be encoded again
            assert job.left_ms == pytest.approx(left * 1000, rel=0.15)
    shares = [job.share_done for job in told]
    assert shares == sorted(shares)
    await worker.ledger.move(job_id, JobState.LIVE)
    done = await worker.ledger.job(job_id)
    assert (done.share_done, done.left_ms) == (1.0, None)


async def test_a_film_ten_times_as_long_takes_ten_times_as_long(rows: Rows) -> None:
    worker = Worker(rows)
    await worker.whole("first")
    long = FilmSize(frames=10 * MINUTE.frames, pixels=MINUTE.pixels)
    job = await worker.ledger.job(await worker.begin("long", long))
    whole = 10 * (sum(STEPS.values()))
    assert job.left_ms == pytest.approx(1000 * whole, rel=0.15)


async def test_jobs_that_went_wrong_tell_nothing(rows: Rows) -> None:
    worker = Worker(rows)
    await worker.whole("failed", JobState.FAILED, times=20)
    await worker.whole("cancelled", JobState.CANCELLED, times=20)
    job = await worker.ledger.job(await worker.begin("next"))
    assert job.left_ms is None


async def test_what_is_expected_of_a_job_stays_while_others_end(rows: Rows) -> None:
    worker = Worker(rows)
    await worker.whole("first")
    job_id = await worker.begin("second")
    before = await worker.step(job_id, "quality", STEPS["quality"])
    await worker.whole("third", times=9)
    after = await worker.ledger.job(job_id)
    assert after.share_done == before.share_done
