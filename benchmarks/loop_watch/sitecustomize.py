"""Read by every Python that has this folder on its path: writes the long steps of its event loop.

A step is what runs between two looks of the loop at its sockets. Those of more than `LEAST_MS` of
processor time of the loop's thread become lines of the file that `VITASCOPE_LOOP_STEPS` names: when
it was, how long it took (processor and wall), and what ran. So do the garbage collector's looks, in
whichever thread: they hold all others.
"""

import asyncio.events
import gc
import os
import time
from typing import Any

LEAST_MS = 3.0
_FILE = os.environ.get("VITASCOPE_LOOP_STEPS")


def watch(file: str) -> None:
    run = asyncio.events.Handle._run
    out = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    look = (0.0, 0.0)

    def tell(cpu: float, wall: float, what: str) -> None:
        cpu_ms, wall_ms = (time.thread_time() - cpu) * 1000, (time.monotonic() - wall) * 1000
        if cpu_ms > LEAST_MS:
            line = f"{time.time():.3f}\t{os.getpid()}\t{cpu_ms:.1f}\t{wall_ms:.1f}\t{what}\n"
            os.write(out, line.encode())

    def timed(self: asyncio.events.Handle) -> None:
        cpu, wall = time.thread_time(), time.monotonic()
        run(self)
        tell(cpu, wall, repr(self).replace("\n", " "))

    def looked(phase: str, info: dict[str, Any]) -> None:
        nonlocal look
        if phase == "start":
            look = time.thread_time(), time.monotonic()
        else:
            tell(*look, f"garbage collection of generation {info['generation']}")

    asyncio.events.Handle._run = timed  # type: ignore[method-assign]
    gc.callbacks.append(looked)


if _FILE:
    watch(_FILE)
