"""What a peak took goes back to the system, and the garbage collector's looks are short.

The C library gives every thread an arena of its own, raises its threshold for trimming as it goes,
and gives back the end of an arena alone: what lies below something that is still used stays. So a
process has two arenas, a threshold that stays, and trims all of them when a peak is over. Where the
C library is not GNU's, none of this is done.

A full look of the garbage collector goes through all that lives and holds the event loop meanwhile.
What was there when one took long is left alone from then on (`gc.freeze`): it was just looked
through and is in use, and goes like everything else when nobody refers to it any more. Only a cycle
that is still used then and thrown away later stays.
"""

import asyncio
import ctypes
import gc
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from vitascope.kernel.clock import Clock

_STATM = Path("/proc/self/statm")
# M_ARENA_MAX and M_TRIM_THRESHOLD of malloc.h, by the variable in which an operator may set them
_OPTIONS = {"MALLOC_ARENA_MAX": (-8, 2), "MALLOC_TRIM_THRESHOLD_": (-1, 128 * 1024)}
_LOOK_S = 10.0
_GROWN = 1.2  # times what was left after the last peak: less is not worth a trim
_LEAST = 16 << 20  # bytes
_LONG_LOOK_S = 0.003  # of processor time
_YOUNG = 2_000  # objects made, less those gone, before the collector looks at the youngest
_MIDDLE = 5  # such looks before it looks at the next older as well


class Allocator(Protocol):
    """What of the C library is used."""

    def resident(self) -> int:
        """Returns the bytes of this process that lie in memory."""
        ...

    def trim(self) -> None:
        """Give back all that is free. Some milliseconds; call it in a thread."""
        ...


class GnuAllocator:
    """Raises `OSError` where there is no such C library."""

    def __init__(self) -> None:
        try:
            self._library = ctypes.CDLL("libc.so.6")
            self._library.mallopt.argtypes = (ctypes.c_int, ctypes.c_int)
            self._library.malloc_trim.argtypes = (ctypes.c_size_t,)
        except AttributeError as error:
            raise OSError("not the GNU C library") from error
        self._page = os.sysconf("SC_PAGE_SIZE")

    def be_thrifty(self) -> None:
        """To be called before there are many threads. What the operator set stays."""
        for name, (option, value) in _OPTIONS.items():
            if name not in os.environ:
                self._library.mallopt(option, value)

    def resident(self) -> int:
        return int(_STATM.read_text("ascii").split()[1]) * self._page

    def trim(self) -> None:
        self._library.malloc_trim(0)


def thrifty() -> GnuAllocator | None:
    """Make this process thrifty. Returns None where it cannot be done."""
    try:
        allocator = GnuAllocator()
        allocator.resident()
    except (OSError, ValueError):
        return None
    allocator.be_thrifty()
    return allocator


async def give_back(allocator: Allocator, clock: Clock) -> None:
    """Trim when a peak is over, until cancelled: when there is more than after the last one, and
    not more than a moment ago."""
    kept = before = await asyncio.to_thread(allocator.resident)
    while True:
        await clock.sleep(_LOOK_S)
        now = await asyncio.to_thread(allocator.resident)
        if now > max(kept * _GROWN, kept + _LEAST) and now <= before:
            await asyncio.to_thread(allocator.trim)
            kept = now = await asyncio.to_thread(allocator.resident)
        before, kept = now, min(kept, now)


@contextmanager
def short_looks(long_s: float = _LONG_LOOK_S) -> Iterator[None]:
    """Keep the collector's full looks short: to be entered when all is loaded. Modules, settings
    and what else lives as long as the process are left alone at once, and after a look of more than
    `long_s` of processor time so is what it left."""
    began = 0.0

    def looked(phase: str, info: dict[str, Any]) -> None:
        nonlocal began
        if info["generation"] < 2:
            return
        if phase == "start":
            began = time.thread_time()
        elif time.thread_time() - began > long_s:
            gc.freeze()

    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, before[2])
    gc.callbacks.append(looked)
    try:
        yield
    finally:
        gc.callbacks.remove(looked)
        gc.set_threshold(*before)
        gc.unfreeze()
