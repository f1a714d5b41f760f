"""Two masters of one film are published at the same time: the later delivery wins, and each version
is whole. (I1)"""

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
from tests.publishing.worker import FlipLog
from vitascope.kernel.errors import Conflict
from vitascope.kernel.ids import JobId
from vitascope.publishing import Job, JobState
from vitascope.publishing.durable import DurablePublishing

__all__ = ["publishing", "rows", "workers"]  # fixtures

pytestmark = pytest.mark.long

LATER = JobId("job_two")


def has_ended(job: Job) -> bool:
    return job.state in (JobState.LIVE, JobState.CANCELLED)


def hold(data: Path, name: str) -> Path:
    """Let what has these words in its name wait until the file is gone."""
    file = data / "hold"
    file.write_text(name)
    return file


@pytest.mark.parametrize("replaces", [True, False])
async def test_the_later_of_two_masters_is_live_whichever_is_done_first(
    publishing: DurablePublishing, workers: Workers, data: Path, replaces: bool
) -> None:
    """The older one's package waits until the newer one is live."""
    held = hold(data, "package ast_one")
    for name in ("one", "two"):
        await publishing.receive(master(name, replaces=replaces))
    workers.start(jobs_at_once=4)
    await until_job(publishing, is_in(JobState.LIVE), LATER)
    held.unlink()
    older = await until_job(publishing, has_ended)
    assert (older.state, older.reason) == (
        JobState.CANCELLED,
        "A later delivery of this title is live.",
    )
    assert {flip.id for flip in FlipLog(data).flips()} == {"ast_two"}
    assert FlipLog(data).flips()[-1].partial is False
    back = await publishing.retry(PARTNER, JOB, "The first cut after all")
    assert back.state is JobState.READY, "it was lost"
    live = await publishing.schedule(PARTNER, JOB, 0, replace=True)
    assert live.state is JobState.LIVE
    assert FlipLog(data).flips()[-1].id == "ast_one"


async def test_the_later_master_takes_the_place_of_the_earlier_one_without_being_asked(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """Nothing was live when the two were delivered."""
    held = hold(data, "package ast_two")
    for name in ("one", "two"):
        await publishing.receive(master(name, replaces=False))
    workers.start(jobs_at_once=4)
    await until_job(publishing, is_in(JobState.LIVE))
    held.unlink()
    await until_job(publishing, is_in(JobState.LIVE), LATER)
    flips = FlipLog(data).flips()
    assert [flip.id for flip in flips if not flip.partial] == ["ast_one", "ast_two"]
    for flip in flips:
        assert flip.prefix == f"assets/{flip.id}/{flip.version}", "versions are mixed"


async def test_a_later_version_that_waits_is_not_pushed_out_by_an_earlier_one(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    held = hold(data, "package ast_one")
    for name in ("one", "two"):
        await publishing.receive(master(name, publish_at_ms=None))
    workers.start(jobs_at_once=4)
    await until_job(publishing, is_in(JobState.READY), LATER)
    held.unlink()
    await until_job(publishing, is_in(JobState.CANCELLED))
    assert (await publishing.job(PARTNER, LATER)).state is JobState.READY
    waiting = await FlipLog(data).prepared(master().content_id)
    assert waiting is not None
    assert waiting.id == "ast_two"
    with pytest.raises(Conflict, match="Deliver this master again"):
        await publishing.retry(PARTNER, JOB, "This one after all")


async def test_of_many_masters_that_end_together_the_last_is_live(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    held = hold(data, "package")
    names = ["one", "two", "three", "four"]
    for name in names:
        await publishing.receive(master(name))
    for _ in range(2):
        workers.start(jobs_at_once=2)
    for name in names:
        job_id = JobId(f"job_{name}")
        await until_job(publishing, lambda job: job.state is JobState.PACKAGING, job_id)
    held.unlink()
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_four"))
    for name in names[:-1]:
        await until_job(publishing, has_ended, JobId(f"job_{name}"))
    order = [names.index(flip.id.removeprefix("ast_")) for flip in FlipLog(data).flips()]
    assert order == sorted(order), "an earlier master took the place of a later one"
    assert order[-1] == 3
