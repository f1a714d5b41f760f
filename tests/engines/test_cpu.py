"""Processor time, by what it was spent for."""

import asyncio
import time

import pytest

from tests.needed import missing
from vitascope.engines.cpu import metered, spent
from vitascope.engines.media import Tool
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.errors import VitascopeError


def busy(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_what_this_process_takes_is_counted() -> None:
    with metered() as meter:
        busy(0.1)
    assert meter.seconds == pytest.approx(0.1, abs=0.05)
    told = meter.seconds
    busy(0.05)
    assert meter.seconds == told


async def test_two_at_once_share_it_and_what_each_started_is_its_own() -> None:
    async def work(tool_s: float) -> float:
        with metered() as meter:
            await asyncio.sleep(0)
            busy(0.05)
            await asyncio.create_task(note(tool_s))
            await asyncio.sleep(0)
        return meter.seconds

    async def note(seconds: float) -> None:
        spent(seconds)

    one, two = await asyncio.gather(work(10.0), work(20.0))
    assert one + two == pytest.approx(30.1, abs=0.08)
    assert one == pytest.approx(10.05, abs=0.06)


async def test_outside_of_any_meter_nothing_is_kept() -> None:
    spent(5.0)
    with metered() as meter:
        pass
    assert meter.seconds < 1.0


@pytest.mark.long
@pytest.mark.parametrize("sandbox", ["limits", "bubblewrap", "landlock"])
async def test_what_a_tool_takes_is_seen_in_every_sandbox(sandbox: str) -> None:
    tools = SandboxedMedia(sandbox=sandbox)
    try:
        await tools.version(Tool.FFMPEG)
    except VitascopeError as error:
        missing(f"The sandbox {sandbox} is needed: {error}")
    args = ["-f", "lavfi", "-i", "testsrc2=s=640x360:d=12", "-c:v", "libx264", "-benchmark"]
    with metered() as meter:
        done = await tools.run(Tool.FFMPEG, [*args, "-f", "null", "-"], inputs={})
    told = done.stderr.partition("bench: utime=")[2].split()
    by_itself = float(told[0].rstrip("s")) + float(told[1].removeprefix("stime=").rstrip("s"))
    assert meter.seconds == pytest.approx(by_itself, rel=0.25, abs=0.4)
