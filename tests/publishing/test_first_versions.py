"""Every film can be played early and gets better later: first versions wait for no ladder."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.forked import ALARM_S
from tests.publishing.test_pipeline import (
    DONE,
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
from tests.publishing.worker import notices_of, work_url
from vitascope.engines.work.dbos import DbosWork
from vitascope.kernel.ids import JobId
from vitascope.publishing import JobState
from vitascope.publishing.durable import DurablePublishing

__all__ = ["publishing", "rows", "workers"]  # fixtures

pytestmark = pytest.mark.long

TWO = JobId("job_two")


async def until_encoded(workers: Workers, beginning: str) -> None:
    deadline = time.monotonic() + ALARM_S
    while not workers.log(beginning):
        assert time.monotonic() < deadline, workers.log()
        await asyncio.sleep(0.05)


async def test_a_film_s_first_version_waits_for_no_place_behind_a_ladder(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """One worker that leads one film at a time has a new release, which is in its trials; an old
    film is begun all the same, and its parts go before those of the release."""
    (data / "hold").write_text("trial")
    await publishing.receive(master(priority="new-release"))
    workers.start(jobs_at_once=1)
    await until_encoded(workers, "begin trial")
    await publishing.receive(master("two", priority="back-catalog"))
    await until_job(publishing, is_in(JobState.ENCODING), TWO)
    work = DbosWork(work_url(data), notices=notices_of(data))
    try:
        queues = {one.id: one.queue for one in await work.list()}
    finally:
        await work.close()
    assert queues[JOB] == "ladders-new-release-sandboxed"
    assert queues[TWO] == "jobs-back-catalog-sandboxed"
    parts = {f"{JOB}.first-{name}" for name in ("00000", "v240")}
    assert {queues[part] for part in parts} == {"encodes-first-sandboxed"}
    assert queues[f"{JOB}.trials-000"] == "encodes-sandboxed"
    (data / "hold").unlink()
    for job in (JOB, TWO):
        done = await until_job(publishing, is_in(*DONE), job)
        assert done.playable


async def test_parts_of_a_partner_s_film_go_to_workers_with_a_sandbox_alone(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    (data / "hold").write_text("chunk v360")
    walled = workers.start()
    await publishing.receive(master())
    await until_encoded(workers, "begin chunk v360")
    bare = workers.start(sandbox="limits")  # joins while the film is encoded, and is idle
    await publishing.receive(master("two", by_operator=True))
    (data / "hold").unlink()
    await until_job(publishing, is_in(*DONE))
    await asyncio.to_thread(workers.kill, walled)
    await until_job(publishing, is_in(JobState.LIVE), TWO)
    await publishing.receive(master("three"))
    await publishing.receive(master("four", by_operator=True))
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_four"))
    work = DbosWork(work_url(data), notices=notices_of(data))
    try:
        known = await work.list(limit=1000)
    finally:
        await work.close()
    by = {one.id: one.worker or "" for one in known}
    waited = {one.queue for one in known if one.id.startswith(JOB)}
    assert waited and all(queue.endswith("-sandboxed") for queue in waited if queue), waited
    of_partner = {who.rpartition("-")[0] for id, who in by.items() if id.startswith(JOB)}
    assert of_partner == {f"test-{walled.pid}"}
    assert by["job_four"].startswith(f"test-{bare.pid}-")
    assert (await publishing.job(PARTNER, JobId("job_three"))).state is JobState.QUEUED
    assert by["job_three"] == ""
