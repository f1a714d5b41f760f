"""How often an idle worker looks: counted, not timed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from vitascope.engines.notices.sockets import SocketNotices
from vitascope.engines.work import Queue, Steps, Task
from vitascope.engines.work.dbos import DbosWork
from vitascope.engines.work.dbos_queues import WakeableStop
from vitascope.engines.work.dbos_worker import DbosWorker

RING = Task("ring", str, str, queue="queue 0")


def pauses(stop: WakeableStop, count: int) -> list[float]:
    return [stop.next_pause_s() for _ in range(count)]


def test_an_idle_worker_looks_less_and_less_often_and_a_busy_one_at_its_pace() -> None:
    busy = False
    stop = WakeableStop(busy=lambda: busy, poll_s=0.25, idle_s=10.0)
    assert pauses(stop, 8) == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
    busy = True
    assert pauses(stop, 3) == [0.25, 0.25, 0.25]
    busy = False  # what ended may have made room for more: look soon, then less and less
    assert pauses(stop, 3) == [0.5, 1.0, 2.0]


def test_a_rung_bell_ends_the_pause_and_begins_again_with_short_ones() -> None:
    stop = WakeableStop(busy=lambda: False, poll_s=0.25, idle_s=3600.0)
    pauses(stop, 20)
    stop.wake()
    assert not stop.wait()  # at once, or this takes an hour
    assert pauses(stop, 2) == [0.25, 0.5]


def test_a_stopped_bell_ends_every_wait() -> None:
    stop = WakeableStop(busy=lambda: False, poll_s=3600.0, idle_s=3600.0)
    stop.set()
    assert stop.wait()
    assert stop.wait()


class Looks:
    """Statements that each thread of a worker gave to the database."""

    def __init__(self, worker: DbosWorker) -> None:
        self.by_kind: Counter[str] = Counter()
        event.listen(worker._database.engine(), "before_cursor_execute", self._count)

    def _count(self, _c: Connection, _cursor: object, statement: str, *_: object) -> None:
        self.by_kind["beats" if "work_heartbeats" in statement else "looks"] += 1


@pytest.fixture(autouse=True)
def nothing_blocks_the_loop() -> None:
    """DBOS reads files of its own when it is launched, which it must be on the loop."""


@pytest.fixture
async def notices(tmp_path: Path) -> AsyncIterator[SocketNotices]:
    notices = SocketNotices(folder=tmp_path / "notices")
    yield notices
    await notices.close()


@pytest.mark.long
async def test_an_idle_worker_leaves_the_database_alone_until_a_notice_comes(
    tmp_path: Path, notices: SocketNotices
) -> None:
    """A slow machine makes fewer looks, never more: the bound holds however busy it is."""
    url = f"sqlite:///{tmp_path}/work.db"
    work = DbosWork(url, notices=notices)
    queues = [Queue(name=f"queue {n}") for n in range(5)]
    worker = DbosWorker(
        url, name="idle", queues=queues, notices=notices, poll_s=0.05, idle_s=3600.0,
        beat_s=900.0, dead_after_s=7200.0,
    )  # fmt: skip
    ran = asyncio.Event()

    async def run(_steps: Steps, _given: str) -> str:
        ran.set()
        return "done"

    worker.on(RING, run)
    task = asyncio.create_task(worker.run())
    looks = await asyncio.to_thread(Looks, worker)
    try:
        await work.start(RING, "first", id="w1")
        await ran.wait()
        # 0.05 s, doubled each time: within 60 s each of the five queues is looked at 11 times
        while worker._busy():
            await asyncio.sleep(0.01)
        looks.by_kind.clear()
        await asyncio.sleep(5)
        assert looks.by_kind["looks"] <= 5 * 8 * 4  # queues, pauses up to 6.4 s, statements of one
        ran.clear()
        await work.start(RING, "second", id="w2", queue="queue 4")
        await ran.wait()  # without the notice that takes longer than the test may
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await work.close()
