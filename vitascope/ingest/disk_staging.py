"""Uploads in a folder of this machine, each a sparse file that is written in place."""

import asyncio
import errno
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from vitascope.engines.blobs import Blobs
from vitascope.ingest.contract import DiskFull, Upload
from vitascope.ingest.hashing import RunningHash
from vitascope.ingest.part_file import OpenPart, PartFile, names_before
from vitascope.ingest.staging import Reached, UnderWay
from vitascope.kernel.ids import UploadId


class DiskStaging:
    """`Staging`. `folder` is best on the same disk as the blobs: the end is a hard link then."""

    def __init__(
        self,
        folder: Path,
        blobs: Blobs,
        reached: Reached,
        under_way: UnderWay,
        *,
        sync_bytes: int,
    ) -> None:
        self._folder = folder
        self._blobs = blobs
        self._reached = reached
        self._under_way = under_way
        self._sync_bytes = sync_bytes

    async def make(self, upload: Upload) -> None:
        await asyncio.to_thread(self._part(upload.id).make, upload.draft.size)

    async def reached(self, upload: Upload) -> int:
        part = self._part(upload.id)
        return await asyncio.to_thread(part.reached, upload.offset, upload.draft.size)

    async def open(self, upload: Upload, running: RunningHash) -> "DiskWriter | None":
        part = await asyncio.to_thread(self._part(upload.id).open)
        if part is None:
            return None
        return DiskWriter(upload, part, running, self._reached, self._sync_bytes)

    async def read_again(self, upload: Upload, running: RunningHash) -> None:
        with suppress(OSError):  # whatever goes wrong here shows when it is needed
            await asyncio.to_thread(running.catch_up, self._part(upload.id).path, upload.offset)

    async def become(self, upload: Upload, key: str, running: RunningHash) -> str:
        path = self._part(upload.id).path
        sha256 = await asyncio.to_thread(running.digest, path, upload.draft.size)
        await self._blobs.put_file(key, path, overwrite=True)
        return sha256

    async def remove(self, upload_id: UploadId) -> None:
        await asyncio.to_thread(self._part(upload_id).remove)

    async def tidy(self, older_than_ms: int) -> None:
        """Delete what a killed process left in the folder of uploads that are over, or were never
        acknowledged."""
        left = await asyncio.to_thread(names_before, self._folder, older_than_ms)
        for upload_id in left - await self._under_way() if left else ():
            await self.remove(upload_id)

    def _part(self, upload_id: UploadId) -> PartFile:
        return PartFile(self._folder, upload_id)


class DiskWriter:
    """`Writer`."""

    def __init__(
        self,
        upload: Upload,
        part: OpenPart,
        running: RunningHash,
        reached: Reached,
        sync_bytes: int,
    ) -> None:
        self.offset = upload.offset
        self._upload_id = upload.id
        self._part = part
        self._running = running
        self._reached = reached
        self._sync_bytes = sync_bytes
        self._durable = upload.offset
        self._held_to = upload.offset

    async def write(self, data: bytes) -> None:
        await _to_the_end(self._write, data)
        if self.offset - self._durable >= self._sync_bytes:
            await self.settle()

    async def hold(self, data: bytes) -> None:
        await _to_the_end(self._part.write, self._held_to, data)
        self._held_to += len(data)

    async def settle(self) -> None:
        self.offset = max(self.offset, self._held_to)
        if self.offset > self._durable:
            at = self.offset
            await _to_the_end(self._part.sync)
            await self._reached(self._upload_id, at)
            self._durable = at

    async def close(self) -> None:
        await asyncio.to_thread(self._part.close)

    def _write(self, data: bytes) -> None:
        self._part.write(self.offset, data)
        self._running.feed(self.offset, data)
        self.offset += len(data)
        self._part.mark(self.offset)


async def _to_the_end(work: Callable[..., None], *given: Any) -> None:
    """In a thread, waited for even when cancelled: the file must not be closed under it."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *given))
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(
            "The service's disk is full. What was sent before is kept; continue from there later."
        ) from error
