"""A process that has a peak: `python -m tests.engines.peak_process WAY`.

Twelve threads read large documents at once, as a busy service reads bodies, and of each something
small is kept. Writes what lay in memory before, at the peak, and when it is over: by itself
(`plain`), or as a service's process does it (`thrifty`).
"""

import asyncio
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from vitascope.engines import memory
from vitascope.kernel.clock import SystemClock

_THREADS, _ROUNDS = 12, 4


def read(document: bytes) -> tuple[list[bytes], bytes]:
    """Returns the pieces in which a body comes, and what stays of it."""
    pieces = [bytes(document[at : at + 40_000]) for at in range(0, len(document), 40_000)]
    found = msgspec.json.decode(b"".join(pieces), type=list[dict[str, str]])
    return pieces, found[-1]["name"].encode() * 3


def peak(resident: Callable[[], int]) -> tuple[int, list[list[bytes]]]:
    items = [{"name": f"title {n} " + "x" * (n % 1000), "id": str(n)} for n in range(6000)]
    document = msgspec.json.encode(items)
    highest, kept = 0, []
    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in range(_ROUNDS):
            read_now = list(pool.map(read, [document] * _THREADS * 2))
            highest = max(highest, resident())
            kept.append([stays for _, stays in read_now])
    return highest, kept


class AfterThePeak(SystemClock):
    """Time passes when the peak is over, and then at once."""

    def __init__(self) -> None:
        super().__init__()
        self.over = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        await self.over.wait()
        await asyncio.sleep(0)


class Watched(memory.GnuAllocator):
    """Says when it trimmed."""

    def __init__(self) -> None:
        super().__init__()
        self.trimmed = threading.Event()

    def trim(self) -> None:
        super().trim()
        self.trimmed.set()


async def main(way: str) -> None:
    allocator, clock = Watched(), AfterThePeak()
    if way == "thrifty":
        allocator.be_thrifty()
        giving = asyncio.create_task(memory.give_back(allocator, clock))
        await asyncio.sleep(0)
    before = allocator.resident()
    highest, kept = await asyncio.to_thread(peak, allocator.resident)
    clock.over.set()
    if way == "thrifty":
        await asyncio.to_thread(allocator.trimmed.wait)
        giving.cancel()
    assert kept
    sys.stdout.write(f"{before} {highest} {allocator.resident()}\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
