"""Taking in one request's bytes: written, hashed and made durable in step with their arrival."""

import asyncio
import hashlib
from collections.abc import AsyncIterator

from vitascope.ingest.contract import CHECKSUMS, ChecksumMismatch, UploadTooLarge
from vitascope.ingest.staging import Writer
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import DeadlineExceeded, Invalid


class Silence(DeadlineExceeded):
    code = "upload-silent"


class Receiving:
    """One request to add to an upload, where `writer` stands."""

    def __init__(self, writer: Writer, *, size: int, silence_s: float, clock: Clock) -> None:
        self._writer = writer
        self._size = size
        self._silence_s = silence_s
        self._clock = clock
        self.heard_at = clock.monotonic()

    async def take(self, chunks: AsyncIterator[bytes]) -> None:
        """Take bytes without a checksum: whatever ends the arrival, what came is kept."""
        try:
            async for chunk in self._heard(chunks):
                self._refuse_excess(self._writer.offset + len(chunk))
                await self._writer.write(chunk)
        finally:
            await asyncio.shield(self._writer.settle())

    async def take_checked(
        self, chunks: AsyncIterator[bytes], algorithm: str, digest: bytes
    ) -> None:
        """Take bytes with a checksum: all of them count, or none."""
        if algorithm not in CHECKSUMS:
            known = ", ".join(CHECKSUMS)
            raise Invalid(f"The checksum algorithm {algorithm} is not supported; use {known}.")
        check = hashlib.new(algorithm, usedforsecurity=False)
        begins = at = self._writer.offset
        async for chunk in self._heard(chunks):
            at += len(chunk)
            self._refuse_excess(at)
            await asyncio.to_thread(check.update, chunk)
            await self._writer.hold(chunk)
        if check.digest() != digest:
            raise ChecksumMismatch(
                f"The bytes that arrived don't have the {algorithm} that was announced. "
                "They were discarded; send them again.",
                offset=begins,
            )
        await self._writer.settle()

    async def _heard(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        while True:
            try:
                async with asyncio.timeout(self._silence_s):
                    chunk = await anext(chunks)
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise Silence(
                    f"Nothing arrived for {self._silence_s:g} seconds. What was sent before is "
                    "kept: ask for the offset and continue from there."
                ) from None
            self.heard_at = self._clock.monotonic()
            yield chunk

    def _refuse_excess(self, end: int) -> None:
        if end > self._size:
            raise UploadTooLarge(
                f"This upload was announced with {self._size} bytes, and more were sent. "
                "Start a new one with the right size.",
                size=self._size,
            )
