"""One edge in a process of its own, as `vitascope run edge` would have it, for tests that kill it.

python -m tests.edge.edge_process EDGE_ID HOST PORT FOLDER API_URL
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.contracts.here_and_apart import SECRET
from tests.edge.real_servers import RING, all_of, at
from vitascope.edge.appliance import Appliance
from vitascope.edge.origin import HttpOrigin
from vitascope.edge.settings import EdgeSettings
from vitascope.engines.wire import dial
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.country import Country
from vitascope.kernel.ids import EdgeId
from vitascope.playback import EndedSessions
from vitascope.steering import Steering

ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def edge_process(
    name: str, port: int, folder: Path, api: str, *, host: str = "127.0.0.1"
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Killed at the end, whatever became of it. `host` is what players are told."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, name, host, str(port), str(folder), api),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def main(edge_id: str, host: str, port: int, folder: Path, api: str) -> None:
    clock = SystemClock()
    steering = dial(Steering, api, SECRET)
    ended_sessions = dial(EndedSessions, api, SECRET)
    appliance = Appliance(
        edge_id=EdgeId(edge_id),
        base_url=f"http://{host}:{port}",
        country=Country("FR"),
        folder=folder,
        ring=RING,
        origin=HttpOrigin(at(api), RING, clock, timeout_s=60.0),
        steering=all_of([steering]),
        playback=ended_sessions,
        clock=clock,
        settings=EdgeSettings(report_s=0.3),
    )
    await appliance.run("127.0.0.1", port)


if __name__ == "__main__":
    name, named, number, where, url = sys.argv[1:]
    asyncio.run(main(name, named, int(number), Path(where), url))
