"""A worker of a version with other steps: after inspecting it filed a plan, and each rung was done
by a task that there is not any more.

Its rungs wait while the file `slow` is there, and fail while `broken` is.
"""

import asyncio
import os
import signal
from pathlib import Path

import msgspec

from tests.publishing.fake_encoding import FakeEncoding
from tests.publishing.worker import (
    ledger_of,
    notices_of,
    open_rows,
    settings_of,
    work_url,
    worker_name,
)
from vitascope.encoding import Inspect, Inspection
from vitascope.engines.work import StepFailed, Steps, Task
from vitascope.engines.work.dbos_worker import DbosWorker
from vitascope.publishing import JobState
from vitascope.publishing.tasks import PUBLISH, JobOrder, queue_of_parts, queues, sandboxed


class RungOrder(msgspec.Struct, frozen=True, kw_only=True):
    rung: str


RUNG = Task("rung", RungOrder, str, queue=sandboxed(queue_of_parts(first=True)))


async def work(data: Path) -> None:
    settings = settings_of()
    rows, encoding = await open_rows(data), FakeEncoding(data)
    ledger = ledger_of(rows, notices_of(data))

    async def lead(steps: Steps, order: JobOrder) -> None:
        async def inspect() -> Inspection:
            await ledger.begin(order.job_id, "inspect", state=JobState.INSPECTING)
            asked = Inspect(master_key=order.master_key, file_name=order.file_name)
            return await encoding.run(asked)

        async def file() -> None:
            await ledger.expect(order.job_id, "encode v240", 3)

        await steps.step("inspect", inspect, Inspection)
        await steps.step("file encode", file, type(None))
        try:
            rungs = {name: RungOrder(rung=name) for name in ("v240", "v360")}
            await steps.fan_out(RUNG, rungs)
        except StepFailed as failure:
            await ledger.move(order.job_id, JobState.FAILED, failure.detail)
            raise

    async def rung(steps: Steps, order: RungOrder) -> str:
        async def encode() -> str:
            (data / "begun").touch()
            while (data / "slow").exists():
                await asyncio.sleep(0.02)
            if (data / "broken").exists():
                raise OSError("the encoder is broken")
            return order.rung

        return await steps.step("encode", encode, str)

    worker = DbosWorker(
        work_url(data),
        name=worker_name(os.getpid()),
        queues=queues(settings, sandbox=True),
        notices=notices_of(data),
        poll_s=settings.poll_s,
        dead_after_s=settings.dead_after_s,
    )
    worker.on(PUBLISH, lead)
    worker.on(RUNG, rung)
    task = asyncio.create_task(worker.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        await rows.close()


def older_worker(data: Path) -> None:
    asyncio.run(work(data))
