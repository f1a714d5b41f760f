"""I1, section 2: what a peak took goes back to the system."""

import asyncio
import gc
import subprocess
import sys
import weakref
from pathlib import Path
from types import SimpleNamespace

import pytest

from vitascope.engines import memory
from vitascope.kernel.clock import SystemClock

ROOT = Path(__file__).parents[2]
MIB = 1 << 20
PEAK = (sys.executable, "-m", "tests.engines.peak_process")

needs_gnu = pytest.mark.skipif(memory.thrifty() is None, reason="the GNU C library is not here")


async def a_peak(way: str) -> tuple[int, int, int]:
    """Returns what lay in memory before, at the peak and after, in bytes."""
    process = await asyncio.create_subprocess_exec(
        *PEAK, way, cwd=ROOT, stdout=subprocess.PIPE, stderr=None
    )
    told, _ = await process.communicate()
    assert process.returncode == 0
    before, highest, after = map(int, told.split())
    return before, highest, after


@needs_gnu
async def test_what_a_peak_took_goes_back() -> None:
    """The same peak in a process that does nothing about it keeps nearly all: 317 MB of 321 where
    this one keeps 38 of 233, both from 24."""
    before, highest, after = await a_peak("thrifty")
    assert highest > 4 * before, "it was a peak"
    assert after < 2 * before
    left_before, _, left = await a_peak("plain")
    assert left - left_before > 4 * (after - before)


@needs_gnu
@pytest.mark.parametrize(
    ("own", "set_"), [({}, {-8: 2, -1: 131072}), ({"MALLOC_ARENA_MAX": "7"}, {-1: 131072})]
)
def test_what_the_operator_says_of_memory_holds(
    monkeypatch: pytest.MonkeyPatch, own: dict[str, str], set_: dict[int, int]
) -> None:
    for name in ("MALLOC_ARENA_MAX", "MALLOC_TRIM_THRESHOLD_"):
        monkeypatch.delenv(name, raising=False)
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    allocator, told = memory.GnuAllocator(), dict[int, int]()
    monkeypatch.setattr(allocator, "_library", SimpleNamespace(mallopt=told.__setitem__))
    allocator.be_thrifty()
    assert told == set_


class Allocator:
    """Tells what it is told to tell; a trim leaves 50 MiB."""

    def __init__(self, *told: int) -> None:
        self._told = [mib * MIB for mib in told]
        self.trims: list[int] = []

    def resident(self) -> int:
        if not self._told:
            raise EOFError
        return self._told.pop(0)

    def trim(self) -> None:
        self.trims.append(len(self._told))
        self._told.insert(0, 50 * MIB)


class NoTime(SystemClock):
    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("told", "trims"),
    [
        ((50, 55, 60, 58, 60), []),  # too little to be worth it
        ((50, 200, 300, 400), []),  # the peak goes on
        ((50, 400, 400, 50, 50), [2]),
        ((50, 400, 300, 49, 50), [2]),
        ((50, 400, 400, 300, 300, 50), [3, 1]),  # and again after the next
        ((90, 40, 90, 90, 50), [1]),  # what was less before is what counts
    ],
)
async def test_a_process_trims_when_a_peak_is_over(told: tuple[int, ...], trims: list[int]) -> None:
    allocator = Allocator(*told)
    with pytest.raises(EOFError):
        await memory.give_back(allocator, NoTime())
    assert allocator.trims == trims


async def test_a_look_costs_next_to_nothing_while_nothing_happens() -> None:
    allocator = Allocator(*[50] * 1000)
    with pytest.raises(EOFError):
        await memory.give_back(allocator, NoTime())
    assert allocator.trims == []


def test_what_a_long_look_of_the_collector_left_is_not_looked_through_again() -> None:
    with memory.short_looks(long_s=0):
        loaded = gc.get_freeze_count()
        kept = [[n] for n in range(50_000)]
        assert gc.get_freeze_count() == loaded, "nobody has looked"
        gc.collect(1)
        assert gc.get_freeze_count() == loaded, "it was no full look"
        gc.collect()
        assert gc.get_freeze_count() >= loaded + len(kept)
        assert len(gc.get_objects()) < len(kept)
    assert gc.get_freeze_count() == 0
    with memory.short_looks(long_s=3600):
        loaded = gc.get_freeze_count()
        more = [[n] for n in range(50_000)]
        gc.collect()
        assert gc.get_freeze_count() == loaded, "the look was short"
    assert len(more) == len(kept)


def test_what_is_left_alone_goes_when_nobody_refers_to_it() -> None:
    class Held:
        pass

    with memory.short_looks(long_s=0):
        held = Held()
        gone = weakref.ref(held)
        gc.collect()
        del held
        assert gone() is None
