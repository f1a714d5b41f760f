"""Workers are killed while they take pictures from a real film. (I2, I11)"""

import asyncio
import socket
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.forked import ALARM_S, Forked
from tests.publishing.random_kills import Moment, RandomKills, Worker, Workers
from tests.publishing.real_worker import reporting_worker
from tests.publishing.test_pipeline import JOB, PARTNER, master
from tests.publishing.worker import FlipLog, bury, durable_of, notices_of, open_rows, work_url
from vitascope.catalog import Artwork
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.work.dbos import DbosWork
from vitascope.kernel.ids import ContentId, TitleId
from vitascope.publishing import Job, JobState, OfferedStill
from vitascope.publishing.durable import DurablePublishing

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
TITLE, CONTENT = TitleId("ttl_x"), ContentId("ttl_x")
FILM = ROOT / "tests/media/bbb_480p24_6s.mp4"


class Interrupted(RandomKills):
    """The worker dies whenever it has made the next of these pictures, before it can say so."""

    def __init__(self, pictures: Sequence[str]) -> None:
        super().__init__()
        self.left = list(pictures)

    def hear(self, line: str, worker: Worker) -> bytes:
        kind, _, picture = line.partition(" ")
        if kind == "drawn":
            worker.die()
            return b""
        if kind != "draw":
            return super().hear(line, worker)
        if not self.left or self.left[0] not in picture:
            return b"."
        worker.doom = Moment(step=self.left.pop(0), nth=1, wait_s=0)
        return b"!"


async def illustrated(
    data: Path, moments: Sequence[str] = ()
) -> tuple[Artwork, dict[str, bytes], list[tuple[OfferedStill, bytes, bytes]]]:
    """What a job has hung, and what it offers, by the time its pictures are done."""
    data.mkdir()
    book = FlipLog(data)
    book.own(PARTNER)
    await DiskBlobs(root=data / "blobs").put_file(master().blob_key, FILM)
    rows, work = await open_rows(data), DbosWork(work_url(data), notices=notices_of(data))
    publishing = durable_of(rows, work, data)
    await publishing.receive(master())

    def start(told: socket.socket) -> Forked:
        return Forked(reporting_worker, data, told, log=data / "stderr")

    kills = Interrupted(moments)
    workers = await asyncio.to_thread(Workers, start, kills, partial(bury, data), size=1)
    try:
        deadline = time.monotonic() + ALARM_S
        while not _has_pictures(job := await publishing.job(PARTNER, JOB)):
            assert job.state is not JobState.FAILED, job.reason
            assert time.monotonic() < deadline, job.steps
            await asyncio.sleep(0.05)
        offered = [
            (one, await still_of(publishing, one), await still_of(publishing, one, small=True))
            for one in await publishing.stills(PARTNER, TITLE, CONTENT)
        ]
    finally:
        await asyncio.to_thread(workers.__exit__)
        await work.close()
        await rows.close()
    assert kills.kills()["worker"] == len(moments)
    return book.title().artwork, book.pictures(), offered


async def still_of(
    publishing: DurablePublishing, still: OfferedStill, *, small: bool = False
) -> bytes:
    return await publishing.still(PARTNER, TITLE, CONTENT, still.name, small=small)


def _has_pictures(job: Job) -> bool:
    return any(step.name == "artwork" and step.state == "done" for step in job.steps)


async def test_a_worker_killed_at_its_easel_leaves_the_same_pictures(tmp_path: Path) -> None:
    baseline = await illustrated(tmp_path / "baseline")
    artwork, pictures, offered = baseline
    shown = {artwork.poster, artwork.landscape, artwork.billboard, artwork.preview}
    assert shown == pictures.keys()
    assert all(pictures.values())
    assert offered
    assert all(len(whole) > len(small) > 0 for _, whole, small in offered)
    assert (
        await illustrated(tmp_path / "killed", ("look-", "still-", "still-", "look-")) == baseline
    )
