"""Parts of objects that a worker has fetched, kept for the steps to come.

Six rungs read the same second of a film, and neighbouring chunks the same keyframe: what was
fetched once is on this machine. Each object is one sparse file, in which its bytes stand where they
belong. When all of them together are too large, those that no step is reading go, and are fetched
again when they are wanted.
"""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from vitascope.engines.blobs import BlobNotFound, Blobs, LocalBlobs

Spans = tuple[tuple[int, int], ...]
"""Byte ranges, from and until (exclusive), ascending; none at all for the whole object."""


class _Held:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.users = 0
        self.spans: list[tuple[int, int]] = []
        self.turn = asyncio.Lock()

    @property
    def size(self) -> int:
        return sum(end - begin for begin, end in self.spans)


class Ranges:
    """`folder` is this process's own: what an earlier one left there is removed."""

    def __init__(self, *, blobs: Blobs, folder: Path, most_bytes: int) -> None:
        self._blobs = blobs
        self._folder = folder
        self._most_bytes = most_bytes
        self._held: dict[str, _Held] = {}
        self._generation = 0

    @asynccontextmanager
    async def holding(self, key: str, spans: Spans = ()) -> AsyncIterator[Path]:
        """Returns a local file in which at least `spans` of the object are what they should be;
        without any, all of it is. Read only. Raises `BlobNotFound`."""
        if isinstance(self._blobs, LocalBlobs):
            yield await self._blobs.fetch(key, self._folder / "unused")
            return
        held = await self._of(key)
        held.users += 1
        try:
            async with held.turn:
                await self._bring(held, key, spans)
            yield held.path
        finally:
            held.users -= 1
            await self._make_room()

    async def _of(self, key: str) -> _Held:
        if not self._held and not self._generation:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        if key not in self._held:
            self._generation += 1
            digest = hashlib.sha256(key.encode()).hexdigest()[:16]
            self._held[key] = _Held(self._folder / f"{digest}-{self._generation}")
        return self._held[key]

    async def _bring(self, held: _Held, key: str, spans: Spans) -> None:
        for begin, end in missing(spans or await self._whole(key), held.spans):
            await self._blobs.fetch(key, held.path, range(begin, end))
            held.spans = joined([*held.spans, (begin, end)])

    async def _whole(self, key: str) -> Spans:
        info = await self._blobs.info(key)
        if info is None:
            raise BlobNotFound(f"There is no object {key}.")
        return ((0, info.size),)

    async def _make_room(self) -> None:
        for key, held in list(self._held.items()):  # the oldest first
            if sum(each.size for each in self._held.values()) <= self._most_bytes:
                return
            if held.users == 0:
                del self._held[key]
                await asyncio.to_thread(held.path.unlink, missing_ok=True)


def joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if kept and begin <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(kept[-1][1], end))
        else:
            kept.append((begin, end))
    return kept


def missing(wanted: Spans, there: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Returns what of `wanted` is not `there`; both ascend."""
    left: list[tuple[int, int]] = []
    for begin, end in wanted:
        for from_, until in there:
            if until <= begin or from_ >= end:
                continue
            if from_ > begin:
                left.append((begin, from_))
            begin = max(begin, until)
        if begin < end:
            left.append((begin, end))
    return left
