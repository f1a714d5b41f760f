"""Taking in one request's bytes: written, hashed and made durable in step with their arrival."""

import asyncio
import errno
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from vitascope.ingest.contract import CHECKSUMS, ChecksumMismatch, DiskFull, UploadTooLarge
from vitascope.ingest.parts import OpenPart, RunningHash
from vitascope.kernel.errors import DeadlineExceeded, Invalid

_MIB = 1 << 20

Reached = Callable[[int], Awaitable[None]]  # told after the bytes before the offset are on disk


class Silence(DeadlineExceeded):
    code = "upload-silent"


class Receiving:
    """One request to add to an upload, from `offset` on."""

    def __init__(
        self,
        part: OpenPart,
        running: RunningHash,
        reached: Reached,
        *,
        offset: int,
        size: int,
        sync_mib: float,
        silence_s: float,
    ) -> None:
        self._part = part
        self._running = running
        self._reached = reached
        self._size = size
        self._sync_bytes = round(sync_mib * _MIB)
        self._silence_s = silence_s
        self.offset = offset
        self._durable = offset
        self.heard_at = time.monotonic()

    async def take(self, chunks: AsyncIterator[bytes]) -> None:
        """Without a checksum: whatever ends the arrival, what came is kept."""
        try:
            async for chunk in self._heard(chunks):
                self._refuse_excess(self.offset + len(chunk))
                await _to_the_end(self._write, chunk)
                if self.offset - self._durable >= self._sync_bytes:
                    await self._settle()
        finally:
            await asyncio.shield(self._settle())

    async def take_checked(
        self, chunks: AsyncIterator[bytes], algorithm: str, digest: bytes
    ) -> None:
        """With a checksum: all of it counts, or nothing."""
        if algorithm not in CHECKSUMS:
            known = ", ".join(CHECKSUMS)
            raise Invalid(f"The checksum algorithm {algorithm} is not known here; use {known}.")
        check = hashlib.new(algorithm, usedforsecurity=False)
        at = self.offset
        async for chunk in self._heard(chunks):
            self._refuse_excess(at + len(chunk))
            await _to_the_end(_write_checked, self._part, check, at, chunk)
            at += len(chunk)
        if check.digest() != digest:
            raise ChecksumMismatch(
                f"The {algorithm} of the bytes that arrived is not the one announced. "
                "They were dropped: send them again.",
                offset=self.offset,
            )
        self.offset = at
        await self._settle()

    async def _heard(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        while True:
            try:
                async with asyncio.timeout(self._silence_s):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise Silence(
                    f"Nothing arrived for {self._silence_s:g} seconds. What came before is kept: "
                    "ask for the offset and go on from there."
                ) from None
            self.heard_at = time.monotonic()
            yield chunk

    def _write(self, data: bytes) -> None:
        self._part.write(self.offset, data)
        self._running.feed(self.offset, data)
        self.offset += len(data)
        self._part.mark(self.offset)

    async def _settle(self) -> None:
        if self.offset > self._durable:
            at = self.offset
            await _to_the_end(self._part.sync)
            await self._reached(at)
            self._durable = at

    def _refuse_excess(self, end: int) -> None:
        if end > self._size:
            raise UploadTooLarge(
                f"This upload was declared with {self._size} bytes, and more were sent. "
                "Start a new one with the right size.",
                size=self._size,
            )


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
            "The service's disk is full. What came before is kept: go on from there later."
        ) from error


def _write_checked(part: OpenPart, check: Any, offset: int, data: bytes) -> None:
    check.update(data)
    part.write(offset, data)
