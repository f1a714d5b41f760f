"""Kill -9 while events are announced, relayed and heard: none is lost, none is out of order."""

import asyncio
import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tests.conftest import OpenRows
from tests.engines.bus.announcer import hearing_bus
from tests.engines.bus.conftest import Moved
from vitascope.engines.rows import Rows

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[3]


async def make_steps(rows: Rows) -> None:
    def work(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE steps (who TEXT, step BIGINT)"))

    await rows.write(work)


async def committed(rows: Rows) -> dict[str, list[int]]:
    def work(connection: Connection) -> dict[str, list[int]]:
        steps: dict[str, list[int]] = defaultdict(list)
        for who, step in connection.execute(text("SELECT who, step FROM steps")):
            steps[who].append(step)
        return {who: sorted(found) for who, found in steps.items()}

    return await rows.read(work)


def first_hearings(file: Path) -> dict[str, list[int]]:
    """What was heard, in order, without repetitions."""
    heard: dict[str, dict[int, None]] = defaultdict(dict)
    for line in file.read_text().splitlines():
        who, step = line.split()
        heard[who].setdefault(int(step))
    return {who: list(steps) for who, steps in heard.items()}


def announce_until_killed(url: str, folder: Path) -> int:
    command = [sys.executable, "-m", "tests.engines.bus.announcer", url, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) as announcer:
        assert announcer.stdout
        for _ in range(random.randint(40, 200)):
            announcer.stdout.readline()
        announcer.kill()
        return announcer.stdout.read().count("\n")


async def test_g4_kill_9_of_the_announcing_and_hearing_process_loses_no_event(
    open_rows: OpenRows, rows_url: str, data: Path
) -> None:
    place = await open_rows("place")
    await make_steps(place)
    for _ in range(3):
        await asyncio.to_thread(announce_until_killed, rows_url, data)
    async with hearing_bus(rows_url, data) as (bus, rows), asyncio.timeout(120):
        bus.outbox("place", rows)
        await bus.drain()
    steps = await committed(place)
    assert sum(map(len, steps.values())) >= 120
    assert first_hearings(data / "heard") == steps


async def test_g4_when_the_delivering_process_is_killed_another_takes_over_in_seconds(
    open_rows: OpenRows, rows_url: str, data: Path
) -> None:
    place = await open_rows("place")
    await make_steps(place)
    async with hearing_bus(rows_url, data) as (bus, rows), asyncio.timeout(120):
        outbox = bus.outbox("place", rows)
        await asyncio.to_thread(announce_until_killed, rows_url, data)  # it held the group
        running = asyncio.create_task(bus.run())

        def late(connection: Connection) -> None:
            outbox.put(connection, Moved(who="late", step=0))

        await rows.write(late)
        while "late 0" not in await asyncio.to_thread((data / "heard").read_text):
            await asyncio.sleep(0.05)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
