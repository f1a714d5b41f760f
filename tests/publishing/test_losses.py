"""A worker that is lost without notice, and a film that is very long, on pretend encoders. (I2)"""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.forked import Forked
from tests.publishing.fake_encoding import FakeEncoding
from tests.publishing.test_pipeline import (
    JOB,
    Workers,
    is_in,
    master,
    publishing,
    rows,
    until_job,
    workers,
)
from tests.publishing.worker import FlipLog, work, work_url
from vitascope.publishing import JobState
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.settings import PublishingSettings

__all__ = ["publishing", "rows", "workers"]  # fixtures

pytestmark = pytest.mark.long

SOON_S = 30.0  # on a machine with other work; by itself it is between four and six
CHUNKS = 900  # three hours in chunks of twelve seconds
MOST_AT_ONCE = 200
MOST_MIB = 300


def spot_worker(data: Path, name: str) -> None:
    """With the settings that operators have, as a group of processes of its own."""
    os.setsid()
    encoding = FakeEncoding(data)

    async def say(line: str) -> None:
        with (data / "log").open("a") as log:
            log.write(f"{line} {name}\n")

    encoding._say = say  # type: ignore[method-assign]
    asyncio.run(work(data, encoding, PublishingSettings()))


async def until_log(workers: Workers, beginning: str, ending: str) -> None:
    deadline = time.monotonic() + SOON_S
    while not any(line.endswith(ending) for line in workers.log(beginning)):
        assert time.monotonic() < deadline, f"no {beginning} by {ending}"
        await asyncio.sleep(0.02)


async def test_what_a_lost_worker_had_is_taken_over_by_another_within_seconds(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """Nobody says goodbye, and it never comes back; the other one finds out by its silence."""
    (data / "hold").write_text("chunk v360 50-100")
    lost = Forked(spot_worker, data, "lost", log=data / "stderr")
    workers.processes.append(lost)
    await publishing.receive(master())
    await asyncio.to_thread(until_line, workers, "begin chunk v360 50-100", "lost")
    workers.processes.append(Forked(spot_worker, data, "other", log=data / "stderr"))
    await asyncio.sleep(1.0)  # it has begun to look after the others
    os.killpg(lost.pid, signal.SIGKILL)
    began = time.monotonic()
    await until_log(workers, "begin chunk v360 50-100", "other")
    took_s = time.monotonic() - began
    (data / "hold").unlink()
    job = await until_job(publishing, is_in(JobState.LIVE))
    assert job.attempt == 1
    assert not FlipLog(data).flips()[-1].partial
    ended = [line.rpartition(" ")[0] for line in workers.log("end chunk")]
    assert len(ended) == len(set(ended)), "what the lost one had finished was done again"
    print(f"taken over after {took_s:.1f} s")  # noqa: T201


def until_line(workers: Workers, beginning: str, ending: str) -> None:
    asyncio.run(until_log(workers, beginning, ending))


async def test_a_film_of_three_hours_is_led_in_bounded_memory_and_with_bounded_fan_out(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    (data / "long").write_text(str(CHUNKS))
    await publishing.receive(master())
    for _ in range(2):
        await asyncio.to_thread(workers.start)
    most, began = 0, time.monotonic()
    engine = sa.create_engine(work_url(data))
    waiting = "SELECT count(*) FROM workflow_status WHERE status IN ('ENQUEUED', 'PENDING')"
    state = JobState.QUEUED
    while state is not JobState.LIVE:
        await asyncio.sleep(0.2)
        job = await publishing.job(master().partner_id, JOB)
        state = job.state
        assert state is not JobState.FAILED, job.reason
        most = max(most, await asyncio.to_thread(count, engine, waiting))
    engine.dispose()
    peaks = [peak_mib(worker.pid) for worker in workers.processes]
    assert most <= MOST_AT_ONCE + 1, "more parts at once than are planned"
    assert most > MOST_AT_ONCE / 2, "nothing was seen"
    assert max(peaks) < MOST_MIB
    assert len(workers.log("end chunk v240")) > CHUNKS
    took_s = time.monotonic() - began
    print(f"{CHUNKS} chunks in {took_s:.0f} s, {most} parts at once, {peaks} MiB")  # noqa: T201


def count(engine: sa.Engine, query: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(sa.text(query)).scalar_one())


def peak_mib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) // 1024
    raise AssertionError(f"no memory is told of {pid}")
