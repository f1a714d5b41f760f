"""Workers are killed twenty times while a real film is published. (I2)

Killed are worker processes with the real pipeline, encoder, tools, queue and ledger, two of them,
from their first step to their last; the catalog and the keys are stand-ins, so that two runs have
the same keys and whole packages can be compared. `test_service_kills.py` kills the service too.
"""

import asyncio
import hashlib
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.publishing import storm as storms
from tests.publishing.house import FlipBook, durable_of, notices_of, open_rows, work_url
from tests.publishing.storm import KEEP, Moment, Storm, Workers, moments
from tests.publishing.test_pipeline import JOB, PARTNER, master
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.work.dbos import DbosWork
from vitascope.publishing import Job, JobState

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
FILM = ROOT / "tests/media/bbb_480p24_6s.mp4"
KILLS = 20
# From the first steps to the last; the others fall anywhere.
SURELY = ("inspect", "trial", "encode", KEEP, "assess", "package", "verify", "publish")


class Outcome:
    """What a job left: the hash of the whole package, and the storm that it went through."""

    def __init__(self, data: Path, storm: Storm) -> None:
        whole = FlipBook(data).flips()[-1]
        assert not whole.partial
        self.storm = storm
        self.chunks = {one.key for one in storm.encodes}
        self.files = whole.files
        self.hash = hashlib.sha256(repr(sorted(whole.files.items())).encode()).hexdigest()
        for name, digest in whole.files.items():
            kept = (data / "blobs" / whole.prefix / name).read_bytes()
            assert hashlib.sha256(kept).hexdigest() == digest


async def published(data: Path, storm: Storm, faults: str = "") -> Outcome:
    data.mkdir(parents=True)
    await DiskBlobs(root=data / "blobs").put_file(master().blob_key, FILM)
    rows = await open_rows(data)
    work = DbosWork(work_url(data), notices=notices_of(data))
    desk = durable_of(rows, work, data)
    await desk.receive(master())

    def start(told: int) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.publishing.real_house", str(data)]
        environment = {**os.environ, "TOLD_FD": str(told), "TOLD_FAULTS": faults}
        with (data / "stderr").open("ab") as errors:
            return subprocess.Popen(
                command, cwd=ROOT, stderr=errors, env=environment, pass_fds=(told,)
            )

    workers = await asyncio.to_thread(Workers, start, storm)
    try:
        deadline = time.monotonic() + 500
        while (job := await desk.job(PARTNER, JOB)).state is not JobState.LIVE:
            assert job.state is not JobState.FAILED, job.reason
            assert time.monotonic() < deadline, told(job)
            await asyncio.sleep(0.05)
        await asyncio.to_thread(workers.until_over)
    finally:
        await asyncio.to_thread(workers.__exit__)
        await work.close()
        await rows.close()
    return await asyncio.to_thread(Outcome, data, storm)


def told(job: Job) -> str:
    return f"{job.state} " + " ".join(f"{s.name}:{s.state}:{s.done}" for s in job.steps)


def it_is_the_same_package(one: Outcome, other: Outcome) -> None:
    assert one.files == other.files
    assert one.hash == other.hash


def it_has_the_same_chunks(one: Outcome, other: Outcome) -> None:
    assert one.chunks == other.chunks


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The same film, left in peace."""
    return asyncio.run(published(tmp_path_factory.mktemp("calm") / "data", Storm()))


def test_twenty_kills_give_the_same_package_and_encode_no_finished_chunk_twice(
    calm: Outcome, tmp_path: Path
) -> None:
    began = time.monotonic()
    plan = moments(calm.storm.begun, SURELY, KILLS)
    stormy = asyncio.run(published(tmp_path / "data", Storm(plan)))
    storms.all_kills_were_made(stormy.storm, Counter(worker=KILLS))
    it_is_the_same_package(stormy, calm)
    it_has_the_same_chunks(stormy, calm)
    storms.nothing_finished_was_encoded_again(stormy.storm)
    storms.a_kill_costs_one_chunk_at_most(stormy.storm)
    storms.nobody_is_left(tmp_path)
    again = len(stormy.storm.encodes) - len(stormy.chunks)
    print(  # noqa: T201
        f"{KILLS} kills in {time.monotonic() - began:.0f} s, in "
        f"{', '.join(one.step for one in stormy.storm.killed)}; {len(stormy.chunks)} chunks, "
        f"{again} of them were in flight and begun again; package {stormy.hash[:16]}"
    )


def test_every_fault_that_kills_could_bring_out_is_seen(calm: Outcome, tmp_path: Path) -> None:
    """A store that forgets, work done twice, output that depends on the time: each is planted."""
    kept = moments(calm.storm.begun, [KEEP], 1)
    never = Moment(step="a step that is never begun", nth=1, wait_s=0)
    storm = Storm([*kept, never])
    faulty = asyncio.run(published(tmp_path / "data", storm, faults="forgets twice clock"))
    with pytest.raises(AssertionError):
        storms.all_kills_were_made(storm, Counter(worker=2))
    with pytest.raises(AssertionError):
        it_is_the_same_package(faulty, calm)
    with pytest.raises(AssertionError):
        storms.nothing_finished_was_encoded_again(storm)
    with pytest.raises(AssertionError):
        storms.a_kill_costs_one_chunk_at_most(storm)


def test_a_tool_that_outlives_its_worker_is_seen(tmp_path: Path) -> None:
    waiting = [sys.executable, "-c", "input()", str(tmp_path)]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE) as tool:
        storms.until(lambda: len(storms.processes_of(tmp_path)) == 1, "it is not seen")
        tool.kill()
    storms.nobody_is_left(tmp_path)
