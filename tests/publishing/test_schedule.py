"""I12, I13: when a verified version is published: when it is ready, when it is said, at a date."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.publishing.test_pipeline import (
    JOB,
    PARTNER,
    Workers,
    is_in,
    master,
    publishing,
    rows,
    until_job,
    workers,
)
from tests.publishing.worker import FlipLog, durable_of, notices_of, work_url
from vitascope.catalog import Artwork
from vitascope.engines.rows import Rows
from vitascope.engines.work import Work
from vitascope.engines.work.dbos import DbosWork
from vitascope.ingest import AlreadyLive, Subtitles, SubtitlesChanged
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import ContentId, JobId, TitleId
from vitascope.kernel.media import Language
from vitascope.publishing import JobNotRunning, JobState, NotScheduled
from vitascope.publishing.durable import DurablePublishing

__all__ = ["publishing", "rows", "workers"]  # fixtures

pytestmark = pytest.mark.long

HOUR_MS = 3_600_000
FILM = ContentId("ttl_x")
FRENCH = Subtitles(
    content_id=FILM, language=Language("fr"), file_name="fr.srt", blob_key="subtitles/ttl_x/2"
)


@pytest.fixture
async def work(data: Path) -> AsyncIterator[Work]:
    work = DbosWork(work_url(data), notices=notices_of(data))
    yield work
    await work.close()


async def test_what_waits_is_seen_by_nobody_until_its_partner_says(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await publishing.receive(master(publish_at_ms=None))
    workers.start()
    job = await until_job(publishing, is_in(JobState.READY))
    catalog = FlipLog(data)
    assert catalog.flips() == []
    assert not job.playable
    assert "first version" not in [step.name for step in job.steps]
    assert catalog.title().artwork != Artwork(), "its pictures are there to be looked at"
    assert await publishing.publish_due() == 0
    live = await publishing.schedule(PARTNER, JOB, 0)
    assert (live.state, live.playable) == (JobState.LIVE, True)
    assert [flip.id for flip in catalog.flips()] == ["ast_one"]
    with pytest.raises(JobNotRunning):
        await publishing.schedule(PARTNER, JOB, None)


async def test_a_date_is_kept_by_any_process_and_published_once_it_has_come(
    publishing: DurablePublishing, workers: Workers, rows: Rows, data: Path, work: Work
) -> None:
    at_ms = round(time.time() * 1000) + HOUR_MS
    await publishing.receive(master(publish_at_ms=at_ms))
    workers.start()
    await until_job(publishing, is_in(JobState.READY))
    assert await publishing.publish_due() == 0
    others = []
    for late_ms in (-1, 0, 0):
        clock = HeldClock(at_ms + late_ms)
        others.append(durable_of(rows, work, data, clock))
    assert await others[0].publish_due() == 0
    assert FlipLog(data).flips() == []
    await asyncio.gather(*(other.publish_due() for other in others[1:]))
    assert (await publishing.job(PARTNER, JOB)).state is JobState.LIVE
    assert {flip.version for flip in FlipLog(data).flips()} == {
        (await FlipLog(data).prepared(FILM)).version  # type: ignore[union-attr]
    }


async def test_a_date_may_be_changed_while_the_job_is_at_work(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await publishing.receive(master(publish_at_ms=None))
    await publishing.schedule(PARTNER, JOB, 1)
    workers.start()
    job = await until_job(publishing, is_in(JobState.LIVE))
    assert job.publish_at_ms == 1
    assert FlipLog(data).flips()


async def test_what_is_live_is_replaced_only_by_who_says_so(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    workers.start()
    await publishing.receive(master())
    await until_job(publishing, is_in(JobState.LIVE))
    await publishing.receive(master("two", replaces=False))
    job = await until_job(publishing, is_in(JobState.READY), JobId("job_two"))
    assert "Another version went live" in job.reason
    assert {flip.id for flip in FlipLog(data).flips()} == {"ast_one"}
    for at_ms in (0, 5):
        with pytest.raises(AlreadyLive):
            await publishing.schedule(PARTNER, job.id, at_ms)
    live = await publishing.schedule(PARTNER, job.id, 0, replace=True)
    assert live.state is JobState.LIVE
    assert FlipLog(data).flips()[-1].id == "ast_two"


async def test_subtitles_go_into_the_version_that_waits(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await publishing.receive(master(publish_at_ms=None))
    workers.start()
    await until_job(publishing, is_in(JobState.READY))
    before = await FlipLog(data).prepared(FILM)
    given = SubtitlesChanged(
        partner_id=PARTNER,
        title_id=TitleId("ttl_x"),
        content_id=FILM,
        language=Language("fr"),
        subtitles=(FRENCH,),
    )
    await publishing.receive_subtitles(given, "evt")
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_evt"))
    after = await FlipLog(data).prepared(FILM)
    assert before is not None
    assert after is not None
    assert after.version != before.version
    assert FlipLog(data).flips() == []
    with pytest.raises(NotScheduled):
        await publishing.schedule(PARTNER, JobId("job_evt"), None)


async def test_what_waits_can_be_discarded_and_taken_up_again(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await publishing.receive(master(publish_at_ms=None))
    workers.start()
    await until_job(publishing, is_in(JobState.READY))
    gone = await publishing.cancel(PARTNER, JOB, "Not this cut")
    assert gone.state is JobState.CANCELLED
    back = await publishing.retry(PARTNER, JOB, "This cut after all")
    assert (back.state, back.publish_at_ms) == (JobState.READY, None)
    assert FlipLog(data).flips() == []


async def test_a_later_delivery_takes_the_place_of_one_that_waits(
    publishing: DurablePublishing, workers: Workers
) -> None:
    workers.start()
    for name in ("one", "two"):
        await publishing.receive(master(name, publish_at_ms=None))
        await until_job(publishing, is_in(JobState.READY), JobId(f"job_{name}"))
    first = await publishing.job(PARTNER, JOB)
    assert (first.state, "later delivery" in first.reason) == (JobState.CANCELLED, True)


async def test_what_is_under_way_for_a_deleted_title_is_cancelled(
    publishing: DurablePublishing, workers: Workers
) -> None:
    await publishing.receive(master(publish_at_ms=None))
    workers.start()
    await until_job(publishing, is_in(JobState.READY))
    await publishing.receive(master("two"))
    await publishing.forget_title(TitleId("ttl_x"))
    states = {job.state for job in (await publishing.jobs(PARTNER)).jobs}
    assert states == {JobState.CANCELLED}
