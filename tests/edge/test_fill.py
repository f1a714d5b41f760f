"""C1: what a fill has opened is closed and taken away, whenever it is stopped."""

import asyncio
import hashlib
import os
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vitascope.edge.contract import CorruptOrigin
from vitascope.edge.fill import _WRITE_BYTES, _pull
from vitascope.kernel.packages import PackageFile

CONTENT = bytes(_WRITE_BYTES)  # written at once


async def test_a_fill_stopped_while_it_closes_its_file_leaves_none_open(tmp_path: Path) -> None:
    """The only thread is busy when the file is to be closed, and then the fill is cancelled."""
    loop, busy, ended = asyncio.get_running_loop(), threading.Event(), asyncio.Event()
    loop.set_default_executor(ThreadPoolExecutor(1))
    part = tmp_path / "film.part"

    async def content() -> AsyncIterator[bytes]:
        yield CONTENT
        loop.run_in_executor(None, busy.wait)
        ended.set()

    expected = PackageFile(size=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())
    pulling = asyncio.create_task(_pull(content(), part, expected))
    await ended.wait()
    await asyncio.sleep(0.01)
    pulling.cancel()
    with pytest.raises(asyncio.CancelledError) as cancelled:  # holds what the fill held
        await pulling
    busy.set()
    await asyncio.to_thread(lambda: None)  # after what is still in the queue
    assert part not in _open_files(), cancelled


def _open_files() -> set[Path]:
    """Of this process, as Linux tells them."""
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            found.add(Path(os.readlink(descriptor)))
        except FileNotFoundError:  # the listing's own
            continue
    return found


@pytest.mark.parametrize("sent", [CONTENT[:-1], CONTENT + b"x", b"", CONTENT[:-1] + b"x"])
async def test_only_exactly_the_bytes_of_the_package_are_right(sent: bytes, tmp_path: Path) -> None:
    async def content() -> AsyncIterator[bytes]:
        yield sent[:1000]
        yield sent[1000:]

    expected = PackageFile(size=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())
    with pytest.raises(CorruptOrigin):
        await _pull(content(), tmp_path / "film.part", expected)


async def test_what_is_longer_than_the_package_says_is_not_read_to_its_end(tmp_path: Path) -> None:
    """An origin gone mad must not fill the disk."""
    taken = 0

    async def content() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield CONTENT

    expected = PackageFile(size=len(CONTENT), sha256=hashlib.sha256(CONTENT).hexdigest())
    with pytest.raises(CorruptOrigin):
        await _pull(content(), tmp_path / "film.part", expected)
    assert taken <= 3
    assert (tmp_path / "film.part").stat().st_size <= len(CONTENT)
