"""A worker waits for a service that is starting again, and has not failed a job by then. (I2)"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from tests.ports import free_ports
from vitascope import settings
from vitascope.assembly.process import Process
from vitascope.catalog import TitleRecords
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.ids import ContentId

LEAST_S = 5  # whatever the chances of the backoff; the mean is about a minute


async def test_a_worker_that_has_just_started_is_as_patient_as_any(
    clock: HeldClock, data: Path
) -> None:
    async with AsyncExitStack() as stack:
        nobody = f"http://127.0.0.1:{free_ports(1)}"
        chosen = settings.load(None, {"VITASCOPE_WIRE__API": nobody}, data=str(data))
        process = Process(chosen, {"worker"}, stack, name="worker-1", clock=clock)
        catalog = await process.dialled(TitleRecords, caller="worker")
        # two jobs at once, as a worker leads by default
        asking = [
            asyncio.create_task(catalog.asset(ContentId(f"ttl_{number}"))) for number in range(2)
        ]
        for _ in range(LEAST_S * 10):
            clock.advance(0.1)
            await asyncio.wait(asking, timeout=0.02)  # connections are refused in real time
        assert not any(one.done() for one in asking)
        for one in asking:
            one.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
