"""What is told of a job before it begins is what it then takes, on a machine that has done others.

The machine may be busy with anything: what is compared is processor time.
"""

import asyncio
import logging
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.forked import Forked
from tests.publishing.test_pipeline import is_in, master, until_job
from tests.publishing.worker import durable_of, notices_of, open_rows, settings_of, work, work_url
from vitascope.encoding import Effort
from vitascope.encoding.local import LocalEncoding
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.engines.work.dbos import DbosWork
from vitascope.kernel.ids import JobId
from vitascope.publishing import Job, JobState
from vitascope.publishing.forecast import spent_on

pytestmark = pytest.mark.long
_log = logging.getLogger(__name__)

MEDIA = Path(__file__).parents[1] / "media"
SETTINGS = EncodingSettings(heights=(144, 240, 360), quick_heights=(240,), max_samples=3)


def real_worker(data: Path) -> None:
    encoding = LocalEncoding(
        blobs=DiskBlobs(root=data / "blobs"),
        media=SandboxedMedia(sandbox="limits"),  # bubblewrap hides from `resource` what tools took
        folder=data / "work",
        settings=SETTINGS,
    )

    async def main() -> None:
        try:
            await work(data, encoding, settings_of(tidy=False), settled=SETTINGS)
        finally:
            used = [
                resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
            ]
            taken = sum(each.ru_utime + each.ru_stime for each in used)
            await asyncio.to_thread((data / "taken").write_text, str(taken))

    asyncio.run(main())


@pytest.fixture
def worker(data: Path) -> Iterator[Forked]:
    process = Forked(real_worker, data, log=data / "stderr")
    yield process
    process.kill()
    process.wait()


async def published(data: Path, efforts: tuple[Effort, ...], clips: tuple[str, ...]) -> list[Job]:
    """Jobs of these clips, one after another."""
    rows, queue = await open_rows(data), DbosWork(work_url(data), notices=notices_of(data))
    ended: list[Job] = []
    for n, (effort, clip) in enumerate(zip(efforts, clips, strict=True)):
        publishing = durable_of(rows, queue, data, effort=effort)
        blobs = DiskBlobs(root=data / "blobs")
        await blobs.put_file(f"masters/mas_{n}/bytes", MEDIA / clip)
        await publishing.receive(master(str(n), clip))
        ended.append(await until_job(publishing, is_in(JobState.LIVE), JobId(f"job_{n}")))
    await queue.close()
    await rows.close()
    return ended


async def test_a_job_takes_what_was_told_within_a_third_part_after_one_other(
    data: Path, worker: Forked
) -> None:
    clips = ("bbb_480p24_6s.mp4", "bbb_1080p24_4s_aac51.mp4")
    first, second = await published(data, ("balanced", "balanced"), clips)
    assert first.estimate and second.estimate
    assert not first.estimate.learned and second.estimate.learned
    ratio = second.cpu_s / second.estimate.cpu_s
    took = f"{second.cpu_s} of {second.estimate.cpu_s} CPU-s, {spent_on(second.steps)}"
    _log.info("took %s, %.2f x what was told", took, ratio)
    assert 0.7 <= ratio <= 1.3, took
    worker.terminate()
    worker.wait()
    taken = float((data / "taken").read_text())
    told = first.cpu_s + second.cpu_s
    _log.info("both were told as %.1f of %.1f CPU-s", told, taken)
    assert 0.75 * taken <= told <= 1.05 * taken
