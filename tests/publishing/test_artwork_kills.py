"""Workers are killed while they take pictures from a real film. (I2, I11)"""

import asyncio
import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.publishing.test_pipeline import JOB, PARTNER, master
from tests.publishing.worker import FlipLog, durable_of, notices_of, open_rows, work_url
from vitascope.catalog import Artwork
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.work.dbos import DbosWork
from vitascope.publishing import Job, JobState

pytestmark = [pytest.mark.long, pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[2]
FILM = ROOT / "tests/media/bbb_480p24_6s.mp4"


def worker(data: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "tests.publishing.real_worker", str(data)]
    with (data / "stderr").open("ab") as stderr:
        return subprocess.Popen(command, cwd=ROOT, stderr=stderr)


async def illustrated(data: Path, moments: Sequence[str] = ()) -> tuple[Artwork, dict[str, bytes]]:
    """What a job has hung by the time its pictures are done. The worker is killed whenever a file
    of the next of these names is being written."""
    data.mkdir()
    await DiskBlobs(root=data / "blobs").put_file(master().blob_key, FILM)
    rows, work = await open_rows(data), DbosWork(work_url(data), notices=notices_of(data))
    publishing = durable_of(rows, work, data)
    await publishing.receive(master())
    process, left = worker(data), list(moments)
    try:
        deadline = time.monotonic() + 300
        while not _has_pictures(job := await publishing.job(PARTNER, JOB)):
            assert job.state is not JobState.FAILED, job.reason
            assert time.monotonic() < deadline, job.steps
            if left and _is_written(data / "work", left[0]):
                process.kill()
                process.wait()
                shutil.rmtree(data / "work")
                left.pop(0)
                process = worker(data)
            await asyncio.sleep(0.005)
    finally:
        process.kill()
        process.wait()
        await work.close()
        await rows.close()
    assert not left, f"the pictures were done before it was killed at {left}"
    book = FlipLog(data)
    return book.title().artwork, book.pictures()


def _is_written(work: Path, name: str) -> bool:
    """Folders of steps come and go while one looks."""
    with contextlib.suppress(FileNotFoundError):
        return any(work.glob(f"step-*/{name}*"))
    return False


def _has_pictures(job: Job) -> bool:
    return any(step.name == "artwork" and step.state == "done" for step in job.steps)


async def test_a_worker_killed_at_its_easel_leaves_the_same_pictures(tmp_path: Path) -> None:
    baseline = await illustrated(tmp_path / "baseline")
    artwork, pictures = baseline
    shown = {artwork.poster, artwork.landscape, artwork.billboard, artwork.preview}
    assert shown == pictures.keys()
    assert all(pictures.values())
    assert await illustrated(tmp_path / "killed", ("look-", "still-", "look-")) == baseline
