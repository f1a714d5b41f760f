"""What an earlier version began is done by this one: gone on with, or begun anew where its steps
were others."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from tests.forked import Forked
from tests.publishing.older_worker import older_worker
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
from vitascope.encoding import RenditionRef
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.work import WorkState
from vitascope.kernel.ids import JobId
from vitascope.kernel.media import H264_SDR
from vitascope.publishing import JobState
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.plans import EncodingPlans

__all__ = ["publishing", "rows", "workers"]  # fixtures

# as they were written by 0.1.0
PLAN = b"""{"source": {"master_key": "masters/mas_x/bytes", "sha256": "5a", "size": 1,
            "format": "mov", "duration_ms": 4000, "video_index": 0, "width": 426, "height": 240,
            "frame_rate": "25", "frames": 100},
            "shots": {"chunks": [], "frame_rate": "25", "picture_key": "masters/mas_x/bytes"},
            "rungs": [{"name": "v240", "width": 426, "height": 240, "crfs": [30.0],
            "bitrate_kbps": 1.0}]}"""
RENDITION = b"""{"key": "k", "sha256": "s", "frames": 1, "keyframes": [0], "size": 1,
                 "rung": {"name": "v240", "width": 426, "height": 240, "codec": "h264",
                 "bitrate_kbps": 1, "peak_kbps": 1, "vmaf": 0.0, "vmaf_model": ""}}"""


async def left_by_an_older_one(
    publishing: DurablePublishing, workers: Workers, data: Path, ending: str
) -> None:
    """Its job is under way, or was taken up again after it had failed or had been cancelled."""
    (data / ("broken" if ending == "failed" else "slow")).touch()
    await publishing.receive(master())
    older = Forked(older_worker, data, log=data / "stderr")
    workers.processes.append(older)
    await until_job(publishing, lambda _: (data / "begun").exists())
    if ending == "failed":
        await until_job(publishing, is_in(JobState.FAILED))
        while (status := await publishing._work.status(JOB)) and status.state is WorkState.RUNNING:
            await asyncio.sleep(0.05)  # the job is told failed a moment before its work is over
    if ending == "cancelled":
        await publishing.cancel(PARTNER, JOB, "not yet")
    await asyncio.to_thread(workers.kill, older)
    for fault in ("broken", "slow"):
        (data / fault).unlink(missing_ok=True)
    if ending != "under way":
        await publishing.retry(PARTNER, JOB, "once more")


@pytest.mark.long
@pytest.mark.parametrize("ending", ["under way", "failed", "cancelled"])
async def test_a_job_of_a_version_with_other_steps_is_begun_anew(
    publishing: DurablePublishing, workers: Workers, data: Path, ending: str
) -> None:
    await left_by_an_older_one(publishing, workers, data, ending)
    workers.start()
    while (status := await publishing._work.status(JOB)) is None or not status.has_other_steps:
        assert status is None or status.state is not WorkState.DONE
        await asyncio.sleep(0.05)
    job = await publishing.job(PARTNER, JOB)
    assert job.state not in (JobState.FAILED, JobState.LIVE)
    assert [step.name for step in job.steps] == ["inspect", "encode v240"]
    assert await publishing.reconcile() == 0
    job = await until_job(publishing, is_in(JobState.LIVE))
    assert job.attempt == (1 if ending == "under way" else 2)
    names = [step.name for step in job.steps]
    assert names[:2] == ["inspect", "quality"]
    assert "encode v240" not in names
    assert {step.state for step in job.steps} == {"done"}
    assert len(workers.log("end chunk")) == len(set(workers.log("end chunk"))) == 9
    assert await publishing.reconcile() == 0
    await publishing.receive(master("two"))  # no place is held by what nobody does any more
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_two"))


@pytest.mark.long
async def test_a_job_that_was_cancelled_meanwhile_is_not_begun_anew(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await left_by_an_older_one(publishing, workers, data, "under way")
    await publishing.cancel(PARTNER, JOB, "no need")
    assert await publishing.reconcile() == 0
    assert (await publishing.job(PARTNER, JOB)).state is JobState.CANCELLED
    status = await publishing._work.status(JOB)
    assert status is not None
    assert status.state is WorkState.CANCELLED


async def test_a_job_that_has_not_ended_well_keeps_its_master(tmp_path: Path) -> None:
    blobs = DiskBlobs(root=tmp_path / "blobs")
    await blobs.put("jobs/job_x/encode.json", PLAN)
    plans = EncodingPlans(blobs)
    assert await plans.masters() == {"5a"}
    await plans.forget(JobId("job_x"))
    assert await plans.masters() == set()


def test_a_rendition_of_before_has_a_format_and_no_quality_that_nobody_measured() -> None:
    rung = msgspec.json.decode(RENDITION, type=RenditionRef).rung
    assert rung.format == H264_SDR
    assert rung.vmaf is None
    assert msgspec.to_builtins(rung)["vmaf"] is None, "nor is one told"
