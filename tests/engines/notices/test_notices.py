"""The port `notices`, over every adapter, within a process and between two."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.engines.work.work_process import notices_for
from vitascope.engines.notices import Notices
from vitascope.engines.notices.sockets import SocketNotices

ROOT = Path(__file__).parents[3]

TELLER = """
import asyncio, sys
from tests.engines.work.work_process import notices_for

async def main():
    notices = notices_for(sys.argv[1])
    notices.tell(sys.argv[2])
    await notices.close()

asyncio.run(main())
"""

LISTENER = """
import sys, threading
from tests.engines.work.work_process import notices_for

woken = threading.Event()
notices_for(sys.argv[1]).listen("work", woken.set)
woken.wait()
print("listens", flush=True)
threading.Event().wait()
"""

Open = Callable[[], Notices]


class Woken:
    """Counts the times it was woken, and waits for the next. A first waking says that the
    listener is ready: notices may have been lost before."""

    def __init__(self) -> None:
        self._news = threading.Semaphore(0)

    def __call__(self) -> None:
        self._news.release()

    async def once(self) -> None:
        assert await asyncio.to_thread(self._news.acquire, timeout=120), "nobody woke us"

    @property
    def again(self) -> bool:
        return self._news.acquire(blocking=False)


def started_since(others: set[threading.Thread]) -> list[str]:
    """The names of living threads of notices that are not among `others`."""
    since = set(threading.enumerate()) - others
    return [each.name for each in since if each.name.startswith("notices")]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/work.db"
    made: str = request.getfixturevalue("postgres_url")
    return made


@pytest.fixture
async def open_(url: str) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        def opened() -> Notices:
            notices = notices_for(url)
            stack.push_async_callback(notices.close)
            return notices

        yield opened


async def test_a_notice_wakes_its_own_topic_in_every_process_that_listens(open_: Open) -> None:
    here, there, teller = open_(), open_(), open_()
    woken = [Woken(), Woken(), Woken()]
    here.listen("work", woken[0])
    there.listen("work", woken[1])
    there.listen("bus", woken[2])
    for each in woken:
        await each.once()
    await asyncio.to_thread(teller.tell, "work")
    await woken[0].once()
    await woken[1].once()
    await asyncio.to_thread(teller.tell, "bus")  # behind the other
    await woken[2].once()
    assert not any(each.again for each in woken)


async def test_a_notice_comes_from_another_process(open_: Open, url: str) -> None:
    woken = Woken()
    open_().listen("work", woken)
    await woken.once()
    told = [sys.executable, "-c", TELLER, url, "work"]
    await asyncio.to_thread(subprocess.run, told, check=True, cwd=ROOT, timeout=120)
    await woken.once()


async def test_who_tells_himself_hears_it_too(open_: Open) -> None:
    notices, woken = open_(), Woken()
    notices.listen("work", woken)
    await woken.once()
    await asyncio.to_thread(notices.tell, "work")
    await woken.once()


async def test_closing_ends_the_threads(open_: Open) -> None:
    others = set(threading.enumerate())
    notices, woken = open_(), Woken()
    notices.listen("work", woken)
    await woken.once()
    await asyncio.to_thread(notices.tell, "work")
    await woken.once()
    await notices.close()
    assert not started_since(others)


def test_a_socket_that_is_about_to_be_bound_is_left_alone(tmp_path: Path) -> None:
    """Its file is there a moment before it can be reached."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as born:
        born.bind(str(tmp_path / f"{os.getpid()}-born.sock"))
    left = tmp_path / "4194305-left.sock"  # no process has so high an id
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as killed:
        killed.bind(str(left))
    SocketNotices(folder=tmp_path).tell("work")
    assert [file.name for file in tmp_path.iterdir()] == [f"{os.getpid()}-born.sock"]


async def test_closing_at_once_ends_the_thread_that_has_only_begun_to_listen(open_: Open) -> None:
    others = set(threading.enumerate())
    notices = open_()
    notices.listen("work", Woken())
    await notices.close()
    assert not started_since(others)


async def test_who_listens_after_closing_hears_nothing_and_leaves_no_thread(open_: Open) -> None:
    others = set(threading.enumerate())
    notices, woken = open_(), Woken()
    await notices.close()
    notices.listen("work", woken)
    await notices.close()
    assert not started_since(others)
    assert not woken.again


async def test_a_socket_whose_process_was_killed_is_removed_and_hinders_nobody(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/work.db"
    folder = tmp_path / "notices"
    dead = subprocess.Popen(
        [sys.executable, "-c", LISTENER, url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with dead:
        assert dead.stdout is not None
        assert await asyncio.to_thread(dead.stdout.readline) == "listens\n"
        dead.kill()
    (left,) = folder.iterdir()
    notices, woken = SocketNotices(folder=folder), Woken()
    notices.listen("work", woken)
    await woken.once()
    await asyncio.to_thread(notices.tell, "work")
    await woken.once()
    assert not left.exists()
    await notices.close()
    assert list(folder.iterdir()) == []


async def test_a_folder_deeper_than_a_socket_can_name_will_do(tmp_path: Path) -> None:
    notices, woken = SocketNotices(folder=tmp_path / ("deep/" * 30) / "notices"), Woken()
    notices.listen("work", woken)
    await woken.once()
    await asyncio.to_thread(notices.tell, "work")
    await woken.once()
    await notices.close()


async def test_where_no_socket_can_be_made_telling_and_listening_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "notices").write_text("a file in its place")
    notices, woken = SocketNotices(folder=tmp_path / "notices"), Woken()
    notices.listen("work", woken)
    await asyncio.to_thread(notices.tell, "work")
    await notices.close()
    assert not woken.again
