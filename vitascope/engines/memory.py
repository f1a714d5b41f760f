"""What a peak took goes back to the system.

The C library gives every thread an arena of its own, raises its threshold for trimming as it goes,
and gives back the end of an arena alone: what lies below something that is still used stays. So a
process has two arenas, a threshold that stays, and trims all of them when a peak is over. Where the
C library is not GNU's, none of this is done.
"""

import asyncio
import ctypes
import os
from pathlib import Path
from typing import Protocol

from vitascope.kernel.clock import Clock

_STATM = Path("/proc/self/statm")
# M_ARENA_MAX and M_TRIM_THRESHOLD of malloc.h, by the variable in which an operator may set them
_OPTIONS = {"MALLOC_ARENA_MAX": (-8, 2), "MALLOC_TRIM_THRESHOLD_": (-1, 128 * 1024)}
_LOOK_S = 10.0
_GROWN = 1.2  # times what was left after the last peak: less is not worth a trim
_LEAST = 16 << 20  # bytes


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
