"""Workers are killed at random while a real film is published. (I2)"""

import asyncio
import hashlib
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.publishing.house import FlipBook, ledger_of, open_rows, work_url
from tests.publishing.test_pipeline import JOB, PARTNER, master
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.work.dbos import DbosWork
from vitascope.publishing import Job, JobState
from vitascope.publishing.desk import ReleaseDesk

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

ROOT = Path(__file__).parents[2]
FILM = ROOT / "tests/media/bbb_480p24_6s.mp4"
KILLS = 20


class Workers:
    """Two worker processes; who is killed is replaced."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.stderr = (data / "stderr").open("ab")
        self.processes = [self._start(), self._start()]

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "tests.publishing.real_house", self.data]
        return subprocess.Popen(command, cwd=ROOT, stderr=self.stderr)

    def ready(self) -> list[int]:
        """Which of them have begun to look for work."""
        said = set(self.log("ready"))
        return [n for n, one in enumerate(self.processes) if f"ready {one.pid}" in said]

    def kill_one_that_works(self) -> bool:
        """At a random moment of its work; False while all of them are still starting."""
        ready = self.ready()
        if not ready:
            return False
        n = random.choice(ready)
        self.processes[n].kill()
        self.processes[n].wait()
        self.processes[n] = self._start()
        return True

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.stderr.close()

    def log(self, beginning: str) -> list[str]:
        file = self.data / "log"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line for line in lines if line.startswith(beginning)]


class Outcome:
    """What a job left: the hash of the whole package, and the log."""

    def __init__(self, data: Path, workers: Workers, kills: int, seconds: float) -> None:
        whole = FlipBook(data).flips()[-1]
        assert not whole.partial
        self.files = whole.files
        self.hash = hashlib.sha256(repr(sorted(whole.files.items())).encode()).hexdigest()
        for name, digest in whole.files.items():
            kept = (data / "blobs" / whole.prefix / name).read_bytes()
            assert hashlib.sha256(kept).hexdigest() == digest
        self.encodes = Counter(workers.log("encode"))
        self.kept = Counter(workers.log("kept"))
        self.kills = kills
        self.seconds = seconds


async def published(data: Path, kills: int, pace_s: float = 0.0) -> Outcome:
    """`pace_s`: a kill comes up to this long after something was seen to move."""
    began = time.monotonic()
    data.mkdir(parents=True)
    key = master().blob_key
    await DiskBlobs(root=data / "blobs").put_file(key, FILM)
    rows = await open_rows(data)
    work = DbosWork(work_url(data))
    desk = ReleaseDesk(rows=rows, ledger=ledger_of(rows), work=work)
    await desk.receive(master())
    workers = await asyncio.to_thread(Workers, data)
    killed, change = 0, 0
    try:
        deadline = began + 500
        while (job := await desk.job(PARTNER, JOB)).state is not JobState.LIVE:
            assert job.state is not JobState.FAILED, job.reason
            assert time.monotonic() < deadline, told(job)
            await asyncio.sleep(0.05)
            if killed < kills and job.change > change:
                await asyncio.sleep(random.uniform(0, pace_s))
                killed += await asyncio.to_thread(workers.kill_one_that_works)
                change = (await desk.job(PARTNER, JOB)).change
    finally:
        workers.stop()
        await work.close()
        await rows.close()
    return Outcome(data, workers, killed, time.monotonic() - began)


def told(job: Job) -> str:
    return f"{job.state} " + " ".join(f"{s.name}:{s.state}:{s.done}" for s in job.steps)


def processes_of(folder: Path) -> list[str]:
    """Command lines that name the folder: tools that outlived their worker."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if entry.name.isdigit() and int(entry.name) != os.getpid() and str(folder) in words:
            found.append(words)
    return found


async def test_kills_at_random_moments_give_the_same_package_and_encode_no_finished_chunk_twice(
    tmp_path: Path,
) -> None:
    calm = await published(tmp_path / "calm", kills=0)
    # the moments of death are spread as widely as the work is, and close enough for all of them
    stormy = await published(tmp_path / "stormy", kills=KILLS, pace_s=calm.seconds / 20)
    assert stormy.kills >= 0.75 * KILLS, "the job was over before it was killed often enough"
    assert stormy.files == calm.files
    assert stormy.hash == calm.hash
    # a chunk is finished when it is kept; each was kept once, and so never made again afterwards
    assert set(stormy.kept.values()) == {1}
    assert stormy.kept.keys() == calm.kept.keys()
    again = sum(stormy.encodes.values()) - len(stormy.encodes)
    print(  # noqa: T201
        f"{stormy.kills} kills, {len(stormy.kept)} chunks, {again} of them were in flight "
        f"and begun again; package {stormy.hash[:16]}"
    )
    assert stormy.encodes.keys() == calm.encodes.keys()
    assert again <= stormy.kills
    await asyncio.sleep(0.5)
    assert processes_of(tmp_path / "stormy") == []
