"""Filling by pull: a file that was missed once is fetched whole, hashed, and only then kept.

While a file is on its way the viewers who want it are served by ranged reads that pass through;
nobody waits for the whole. One fill per file runs at a time, and only so many in all: a burst of
misses must not take the line from the viewers who are being passed through.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import IO

import structlog

from vitascope.edge.contract import CorruptOrigin, Origin
from vitascope.edge.file_cache import FileCache
from vitascope.edge.settings import EdgeSettings
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.packages import PackageFile

log = structlog.get_logger(__name__)

_WRITE_BYTES = 1 << 20


class Filler:
    """Safe to share between tasks of one event loop."""

    def __init__(
        self, cache: FileCache, origin: Origin, settings: EdgeSettings, clock: Clock
    ) -> None:
        self._cache = cache
        self._origin = origin
        self._settings = settings
        self._clock = clock
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._failed: dict[tuple[str, str], tuple[float, bool]] = {}  # until when; was it corrupt

    def __len__(self) -> int:
        return len(self._running)

    def want(self, prefix: str, name: str, expected: PackageFile) -> None:
        """Begin to fill the file, unless that is under way, was just tried, or there is no room."""
        if len(self) < self._settings.fills:
            self._begin(prefix, name, expected)

    async def fill(self, prefix: str, name: str, expected: PackageFile) -> None:
        """Return when the file is here, or cannot be for now. Waits while viewers' misses are
        filled."""
        while len(self) >= self._settings.fills:
            await asyncio.wait(list(self._running.values()), return_when=asyncio.FIRST_COMPLETED)
        self._begin(prefix, name, expected)
        if task := self._running.get((prefix, name)):
            await asyncio.wait([task])

    def _begin(self, prefix: str, name: str, expected: PackageFile) -> None:
        key = (prefix, name)
        if key in self._running or self._resting(key) or not self._cache.reserve(expected.size):
            return
        task = asyncio.create_task(self._fill(prefix, name, expected), name=f"fill {prefix}/{name}")
        self._running[key] = task
        task.add_done_callback(lambda _: self._running.pop(key, None))

    def refuse_corrupt(self, prefix: str, name: str) -> None:
        """Raises `CorruptOrigin` while what the origin sends for this file is known to be wrong."""
        if self._resting((prefix, name)) and self._failed[prefix, name][1]:
            raise CorruptOrigin("The origin's copy of this file is damaged; try another edge.")

    async def settle(self) -> None:
        """Return when no fill is under way."""
        while self._running:
            await asyncio.wait(list(self._running.values()))

    async def close(self) -> None:
        for task in self._running.values():
            task.cancel()
        await self.settle()

    def _resting(self, key: tuple[str, str]) -> bool:
        until, _ = self._failed.get(key, (0.0, False))
        if until > self._clock.monotonic():
            return True
        self._failed.pop(key, None)
        return False

    async def _fill(self, prefix: str, name: str, expected: PackageFile) -> None:
        part = self._cache.folder / ".filling" / f"{os.urandom(8).hex()}.part"
        try:
            await _pull(self._origin.read(prefix, name), part, expected)
            await self._cache.keep(prefix, name, expected, part)
            log.info("edge.filled", prefix=prefix, file=name, bytes=expected.size)
        except asyncio.CancelledError:
            self._cache.release(expected.size)
            raise
        except (VitascopeError, OSError) as error:
            self._cache.release(expected.size)
            rest = self._clock.monotonic() + self._settings.retry_fill_s
            self._failed[prefix, name] = (rest, isinstance(error, CorruptOrigin))
            log.warning("edge.fill_failed", prefix=prefix, file=name, why=str(error))
        finally:
            await _to_its_end(lambda: part.unlink(missing_ok=True))


async def _pull(content: AsyncIterator[bytes], part: Path, expected: PackageFile) -> None:
    """Raises `CorruptOrigin` unless exactly the expected bytes arrived."""
    digest, size = hashlib.sha256(), 0
    file = await _opened(part)
    try:
        async for block in _blocks(content):
            size += len(block)
            if size > expected.size:
                break
            await asyncio.to_thread(_write, file, digest, block)
    finally:
        await _to_its_end(file.close)
    if size != expected.size or digest.hexdigest() != expected.sha256:
        raise CorruptOrigin(f"The origin sent {size} bytes of a file of {expected.size}.")


async def _opened(part: Path) -> IO[bytes]:
    """Open in a thread; cancelled meanwhile, what the thread opened is closed again."""
    opening = asyncio.ensure_future(asyncio.to_thread(part.open, "wb"))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        (await opening).close()
        raise


async def _to_its_end(tidy: Callable[[], None]) -> None:
    """In a thread, and done also when the caller is cancelled before the thread has begun."""
    await asyncio.shield(asyncio.ensure_future(asyncio.to_thread(tidy)))


def _write(file: IO[bytes], digest: "hashlib._Hash", block: bytes) -> None:
    file.write(block)
    digest.update(block)


async def _blocks(content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yields the same bytes in blocks worth a thread's while."""
    held = bytearray()
    async for chunk in content:
        held += chunk
        if len(held) >= _WRITE_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
