"""Workers are killed twenty times while a real film is published. (I2)

Killed are worker processes with the real pipeline, encoder, tools, queue and ledger, two of them,
from their first step to their last; the catalog and the keys are stand-ins, so that two runs have
the same keys and whole packages can be compared. `test_service_kills.py` kills the service too.
"""

import asyncio
import hashlib
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from tests.forked import Forked
from tests.publishing import random_kills
from tests.publishing.random_kills import KEEP, Moment, RandomKills, Workers, moments
from tests.publishing.real_worker import reporting_worker
from tests.publishing.test_pipeline import JOB, PARTNER, master
from tests.publishing.worker import FlipLog, bury, durable_of, notices_of, open_rows, work_url
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.work.dbos import DbosWork
from vitascope.kernel.ids import JobId
from vitascope.kernel.media import Codec
from vitascope.publishing import Change, Job, JobState
from vitascope.publishing.durable import DurablePublishing

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
FILM = ROOT / "tests/media/bbb_480p24_6s.mp4"
KILLS = 20
# From the first steps to the last; the others fall anywhere.
SURELY = (
    *("inspect", "trial", "encode", KEEP, "compare with the plan", "join"),
    *("package", "verify", "publish"),
)


FORMATS = Change(formats=("hevc", "av1", "vp9"))
OF_FORMATS = (
    *("look", "open", "inspect", "quality", "shots", "samples", "ladder", KEEP),
    *(f"{part} {codec}" for part in ("trial", "encode", "join") for codec in FORMATS.formats),
    *("package", "verify", "publish"),
)


class Outcome:
    """What a job left: the hash of the whole package, and the kills that it went through."""

    def __init__(self, data: Path, kills: RandomKills) -> None:
        self.data = data
        whole = FlipLog(data).flips()[-1]
        assert not whole.partial
        self.kills = kills
        self.chunks = random_kills.chunks(kills)
        self.codecs = {rung.codec for rung in whole.ladder}
        self.files = whole.files
        self.hash = hashlib.sha256(repr(sorted(whole.files.items())).encode()).hexdigest()
        for name, digest in whole.files.items():
            kept = (data / "blobs" / whole.prefix / name).read_bytes()
            assert hashlib.sha256(kept).hexdigest() == digest


async def published(data: Path, kills: RandomKills, faults: str = "") -> Outcome:
    data.mkdir(parents=True)
    await DiskBlobs(root=data / "blobs").put_file(master().blob_key, FILM)

    async def receive(publishing: DurablePublishing) -> JobId:
        await publishing.receive(master())
        return JOB

    return await done(data, kills, receive, faults)


async def with_formats(live: Path, data: Path, kills: RandomKills) -> Outcome:
    """What is live, in a copy of its data, gets formats."""
    shutil.copytree(live, data, ignore=shutil.ignore_patterns("notices", "work"))
    FlipLog(data).own(PARTNER)

    async def order(publishing: DurablePublishing) -> JobId:
        given = master()
        return (await publishing.republish(PARTNER, given.title_id, given.content_id, FORMATS)).id

    return await done(data, kills, order)


async def done(
    data: Path,
    kills: RandomKills,
    begin: Callable[[DurablePublishing], Awaitable[JobId]],
    faults: str = "",
) -> Outcome:
    rows = await open_rows(data)
    work = DbosWork(work_url(data), notices=notices_of(data))
    publishing = durable_of(rows, work, data)
    job_id = await begin(publishing)

    def start(told: socket.socket) -> Forked:
        return Forked(reporting_worker, data, told, faults, log=data / "stderr")

    workers = await asyncio.to_thread(Workers, start, kills, partial(bury, data))
    try:
        deadline = time.monotonic() + random_kills.PATIENCE_S
        while (job := await publishing.job(PARTNER, job_id)).state is not JobState.LIVE:
            assert job.state is not JobState.FAILED, job.reason
            assert time.monotonic() < deadline, told(job)
            await asyncio.sleep(0.05)
        await asyncio.to_thread(workers.until_over)
    finally:
        await asyncio.to_thread(workers.__exit__)
        await work.close()
        await rows.close()
    return await asyncio.to_thread(Outcome, data, kills)


def told(job: Job) -> str:
    return f"{job.state} " + " ".join(f"{s.name}:{s.state}:{s.done}" for s in job.steps)


def it_is_the_same_package(one: Outcome, other: Outcome) -> None:
    assert one.files == other.files
    assert one.hash == other.hash


def it_has_the_same_chunks(one: Outcome, other: Outcome) -> None:
    assert one.chunks == other.chunks


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The same film, left in peace."""
    return asyncio.run(published(tmp_path_factory.mktemp("baseline") / "data", RandomKills()))


def test_twenty_kills_give_the_same_package_and_encode_no_finished_chunk_twice(
    baseline: Outcome, tmp_path: Path
) -> None:
    began = time.monotonic()
    plan = moments(baseline.kills.begun, SURELY, KILLS)
    killed = asyncio.run(published(tmp_path / "data", RandomKills(plan)))
    random_kills.all_kills_were_made(killed.kills, Counter(worker=KILLS))
    it_is_the_same_package(killed, baseline)
    it_has_the_same_chunks(killed, baseline)
    random_kills.nothing_finished_was_encoded_again(killed.kills)
    random_kills.a_kill_costs_one_chunk_at_most(killed.kills)
    random_kills.nobody_is_left(tmp_path)
    again = len(random_kills.begun_again(killed.kills))
    print(  # noqa: T201
        f"{KILLS} kills in {time.monotonic() - began:.0f} s, in "
        f"{', '.join(one.step for one in killed.kills.killed)}; {len(killed.chunks)} chunks, "
        f"{again} of them were in flight and begun again; package {killed.hash[:16]}"
    )


def test_workers_killed_in_every_step_of_every_format_give_the_same_package(
    baseline: Outcome, tmp_path: Path
) -> None:
    """Formats are added to what is live: all steps of their own, in each of them."""
    began = time.monotonic()
    expected = asyncio.run(with_formats(baseline.data, tmp_path / "expected", RandomKills()))
    plan = moments(expected.kills.begun, OF_FORMATS, len(OF_FORMATS))
    killed = asyncio.run(with_formats(baseline.data, tmp_path / "killed", RandomKills(plan)))
    random_kills.all_kills_were_made(killed.kills, Counter(worker=len(OF_FORMATS)))
    assert {one.step for one in killed.kills.killed} == set(OF_FORMATS)
    it_is_the_same_package(killed, expected)
    it_has_the_same_chunks(killed, expected)
    assert killed.codecs == {Codec.H264, Codec.HEVC, Codec.AV1, Codec.VP9}
    assert not killed.chunks & baseline.chunks, "what was live was encoded again"
    random_kills.nothing_finished_was_encoded_again(killed.kills)
    random_kills.a_kill_costs_one_chunk_at_most(killed.kills)
    random_kills.nobody_is_left(tmp_path)
    took_s = time.monotonic() - began
    print(f"{len(OF_FORMATS)} kills in {took_s:.0f} s; {len(killed.chunks)} chunks")  # noqa: T201


def test_every_fault_that_kills_could_bring_out_is_seen(baseline: Outcome, tmp_path: Path) -> None:
    """A store that forgets, work done twice, output that depends on the time: each is planted."""
    kept = moments(baseline.kills.begun, [KEEP], 1)
    never = Moment(step="a step that is never begun", nth=1, wait_s=0)
    kills = RandomKills([*kept, never])
    faulty = asyncio.run(published(tmp_path / "data", kills, faults="forgets twice clock"))
    with pytest.raises(AssertionError):
        random_kills.all_kills_were_made(kills, Counter(worker=2))
    with pytest.raises(AssertionError):
        it_is_the_same_package(faulty, baseline)
    with pytest.raises(AssertionError):
        random_kills.nothing_finished_was_encoded_again(kills)
    with pytest.raises(AssertionError):
        random_kills.a_kill_costs_one_chunk_at_most(kills)


def test_a_tool_that_outlives_its_worker_is_seen(tmp_path: Path) -> None:
    waiting = [sys.executable, "-c", "input()", str(tmp_path)]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE) as tool:
        random_kills.until(lambda: len(random_kills.processes_of(tmp_path)) == 1, "it is not seen")
        tool.kill()
    random_kills.nobody_is_left(tmp_path)
