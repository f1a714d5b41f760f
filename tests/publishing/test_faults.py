"""Faults of a machine and of a film, as a job meets them: no room on the disk, a place that cannot
be encoded, one that ends its workers."""

import asyncio
from pathlib import Path

import msgspec
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
from vitascope.ingest import MasterReceived
from vitascope.kernel.ids import AccountId, ContentId, JobId, TitleId
from vitascope.publishing import Job, JobState
from vitascope.publishing.durable import DurablePublishing

__all__ = ["publishing", "rows", "workers"]  # fixtures

pytestmark = pytest.mark.long

OTHER = JobId("job_other")


def other() -> MasterReceived:
    """Of another film."""
    return msgspec.structs.replace(
        master("other"), title_id=TitleId("ttl_y"), content_id=ContentId("ttl_y")
    )


def has_encoded(job: Job) -> bool:
    return any(step.name == "encode" and step.done for step in job.steps)


async def test_without_room_a_job_says_so_and_goes_on_by_itself(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    (data / "hold").write_text("chunk v360 50-100")
    await publishing.receive(master())
    workers.start()
    await until_job(publishing, has_encoded)
    (data / "full").touch()
    (data / "hold").unlink()
    job = await until_job(publishing, is_in(JobState.NO_ROOM))
    assert job.reason.startswith("The disk that holds /data is full.")
    assert "goes on by itself" in job.reason
    assert job.left_ms is None, "nobody knows when there will be room"
    assert FlipLog(data).flips()[-1].partial, "the first version stays to be seen"
    (data / "full").unlink()
    job = await until_job(publishing, is_in(JobState.LIVE))
    assert (job.attempt, job.reason) == (1, "")
    chunks = workers.log("end chunk")
    assert len(chunks) == len(set(chunks)), "something was encoded twice"


async def test_a_master_that_comes_when_there_is_no_room_waits_and_is_not_refused(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    (data / "full").touch()
    workers.start()
    await publishing.receive(master())
    await until_job(publishing, is_in(JobState.NO_ROOM))
    (data / "full").unlink()
    await until_job(publishing, is_in(JobState.LIVE))


async def test_a_job_that_waits_for_room_can_be_cancelled(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    (data / "full").touch()
    workers.start(jobs_at_once=1)
    await publishing.receive(master())
    await until_job(publishing, is_in(JobState.NO_ROOM))
    await publishing.cancel(PARTNER, JOB, "not now")
    (data / "full").unlink()
    await publishing.receive(other())
    await until_job(publishing, is_in(JobState.LIVE), OTHER)
    assert (await publishing.job(PARTNER, JOB)).state is JobState.CANCELLED


async def test_a_place_that_cannot_be_encoded_is_told_at_once_and_ends_its_own_job_alone(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """Its other parts go on: tried again, they are found."""
    (data / "poison").write_text("fails 50-100")
    (data / "hold").write_text("chunk v360 100-150")
    await publishing.receive(master())
    workers.start()
    told = "The picture from 0:02 to 0:04 can't be encoded."
    job = await until_job(publishing, lambda job: any(told in step.detail for step in job.steps))
    assert job.state is JobState.ENCODING
    (data / "hold").unlink()
    job = await until_job(publishing, is_in(JobState.FAILED))
    assert told in job.reason
    assert len(workers.log("poison")) == 1, "what was tried smaller already was tried again"
    assert workers.processes[0].lives, "the worker ended"
    (data / "poison").unlink()
    await publishing.receive(other())
    await publishing.retry(PARTNER, JOB, "The encoder is mended.")
    for job_id in (JOB, OTHER):
        job = await until_job(publishing, is_in(JobState.LIVE), job_id)
        assert not any(step.detail for step in job.steps), "it still says what is over"


async def test_a_place_that_ends_its_workers_is_given_up_and_told(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """As where the kernel ends a whole container for want of memory: nobody is left to tell."""
    (data / "poison").write_text("kills 50-100")
    await publishing.receive(master())
    for _ in range(5):
        worker = await asyncio.to_thread(workers.start, jobs_at_once=4)
        await asyncio.to_thread(worker.wait)
        await asyncio.to_thread(workers.kill, worker)
    assert (await publishing.job(PARTNER, JOB)).state is JobState.ENCODING
    last = workers.start(jobs_at_once=4)
    job = await until_job(publishing, is_in(JobState.FAILED))
    assert "The picture from 0:00:02 to 0:00:04 ended every worker" in job.reason
    assert last.lives
    assert workers.log("poison") == ["poison whole", *["poison small"] * 4], (
        "it was not done with less at once after the first death"
    )
    await publishing.receive(other())
    (data / "poison").unlink()
    await until_job(publishing, is_in(JobState.LIVE), OTHER)
    await publishing.retry(PARTNER, JOB, "The workers have more memory.")
    await until_job(publishing, is_in(JobState.LIVE))


async def test_a_partner_whose_files_take_for_ever_keeps_nobody_elses_waiting(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """More bad files than the only worker has places, and all are there first."""
    (data / "hold").write_text("inspect bad.mov")
    bad = [JobId(f"job_bad{n}") for n in range(6)]
    for n in range(len(bad)):
        await publishing.receive(master(f"bad{n}", file_name="bad.mov"))
    workers.start(jobs_at_once=2)
    await until_job(publishing, is_in(JobState.INSPECTING), bad[1])
    good = msgspec.structs.replace(other(), partner_id=AccountId("acc_other"))
    await publishing.receive(good)
    while (job := await publishing.job(good.partner_id, OTHER)).state is not JobState.LIVE:
        assert job.state is not JobState.FAILED
        await asyncio.sleep(0.05)
    states = {(await publishing.job(PARTNER, job_id)).state for job_id in bad}
    assert states <= {JobState.INSPECTING, JobState.QUEUED}
    (data / "hold").unlink()


async def test_a_partner_who_sends_a_hundred_films_shares_with_who_sends_one(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    many = 12
    for n in range(many):
        await publishing.receive(master(f"many{n}", file_name=f"{n}.mov"))
    one = msgspec.structs.replace(other(), partner_id=AccountId("acc_other"))
    await publishing.receive(one)
    workers.start(jobs_at_once=1)
    while (job := await publishing.job(one.partner_id, OTHER)).state is not JobState.LIVE:
        assert job.state is not JobState.FAILED
        await asyncio.sleep(0.02)
    done = [await publishing.job(PARTNER, JobId(f"job_many{n}")) for n in range(many)]
    ended = sum(job.state in (JobState.LIVE, JobState.CANCELLED) for job in done)
    assert ended <= many / 3, f"{ended} of {many} films went before it"
