"""Uploads as parts in an object store: a master is never on the disk of this machine, and never
copied.

All parts of an upload have one size but the last, so its offset tells which are there. What is
short of a part at the end of a request is put as an object of its own, named by the offset
(`uploads/upl_.../12345`), before the row moves; the next request begins with it. The tag of each
part is noted in the transaction that moves the row, and the object is made of these tags: a part
that somebody else has put since is noticed.

One sender at a time is a claim in the row, prolonged while the sender lives, so it also holds
between machines. After a kill it lapses within `takeover_s`.
"""

import asyncio
import math
import secrets
from contextlib import suppress

from vitascope.engines.blobs import MAX_PARTS, Blobs, BlobsUnavailable, MultipartBlobs, PartsGone
from vitascope.engines.rows import Connection, Rows
from vitascope.ingest import store
from vitascope.ingest.contract import Upload, UploadBusy, UploadExpired
from vitascope.ingest.hashing import RunningHash
from vitascope.ingest.staging import key_of
from vitascope.ingest.store import StoredMultipart
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.ids import UploadId

_MIB = 1 << 20


class PartStaging:
    """`Staging`."""

    def __init__(
        self,
        *,
        blobs: Blobs,
        multiparts: MultipartBlobs,
        rows: Rows,
        clock: Clock,
        takeover_s: float,
        expire_h: float,
    ) -> None:
        self.blobs = blobs
        self.multiparts = multiparts
        self.rows = rows
        self.clock = clock
        self.claim_ms = round(takeover_s * 1000)
        self.expire_ms = round(expire_h * 3_600_000)

    async def make(self, upload: Upload) -> None:
        kept = StoredMultipart(
            multipart=await self.multiparts.begin(key_of(upload)),
            part_bytes=part_bytes(upload.draft.size, self.multiparts.part_bytes),
        )
        await self.rows.write(lambda c: store.add_multipart(c, upload.id, kept))

    async def reached(self, upload: Upload) -> int:
        return upload.offset

    async def open(self, upload: Upload, running: RunningHash) -> "PartWriter | None":
        kept = await self.rows.read(lambda c: store.find_multipart(c, upload.id))
        if kept is None:
            raise UploadExpired("This upload was begun on another store. Start a new one.")
        writer = PartWriter(self, upload, kept, running)
        return writer if await writer.claim() else None

    async def read_again(self, upload: Upload, running: RunningHash) -> None:
        """Do nothing: parts can be read only when they have become an object."""

    async def become(self, upload: Upload, key: str, running: RunningHash) -> str:
        size = upload.draft.size
        await self._complete(upload)
        position = running.position
        async for piece in self.blobs.stream(key, position):
            await asyncio.to_thread(running.feed, position, piece)
            position += len(piece)
        if running.position != size:
            raise PartsGone(f"{key} has {running.position} bytes in place of {size}.")
        return running.hexdigest()

    async def remove(self, upload_id: UploadId) -> None:
        kept = await self.rows.read(lambda c: store.find_multipart(c, upload_id))
        if kept is not None:
            await self.multiparts.abandon(kept.multipart)
            await self.blobs.delete_prefix(f"uploads/{upload_id}/")
            await self.rows.write(lambda c: store.drop_multipart(c, upload_id))

    async def tidy(self, older_than_ms: int) -> None:
        """Drop the parts of every object that a killed process left unfinished, and what it left of
        uploads that are over."""
        for upload_id in await self.rows.read(store.ended_with_parts):
            await self.remove(upload_id)
        known = await self.rows.read(store.multipart_ids)
        for multipart in await self.multiparts.under_way(""):
            if multipart.id not in known and multipart.begun_at_ms < older_than_ms:
                await self.multiparts.abandon(multipart)

    async def _complete(self, upload: Upload) -> None:
        kept = await self.rows.read(lambda c: store.find_multipart(c, upload.id))
        tags = await self.rows.read(lambda c: store.tags(c, upload.id))
        if kept is None:
            return  # completed and forgotten before
        try:
            await self.multiparts.complete(kept.multipart, tags, overwrite=True)
        except PartsGone:
            made = await self.blobs.info(kept.multipart.key)
            if made is None or made.size != upload.draft.size:
                raise


class PartWriter:
    """`Writer`. Holds what is short of a part in memory."""

    def __init__(
        self, staging: PartStaging, upload: Upload, kept: StoredMultipart, running: RunningHash
    ) -> None:
        self.offset = upload.offset
        self._staging = staging
        self._upload_id = upload.id
        self._size = upload.draft.size
        self._kept = kept
        self._running = running
        self._held: RunningHash | None = None  # of bytes that do not count yet
        self._sender = secrets.token_hex(8)
        self._rest = bytearray()  # taken, and short of a part
        self._rest_kept_to = upload.offset
        self._tags: dict[int, str] = {}  # of parts that are put and not noted yet
        self._prolonging: asyncio.Task[None] | None = None

    async def claim(self) -> bool:
        """Return True if this is the one sender now, with the rest of the last request."""
        offset = await self._claimed()
        if offset is None:
            return False
        self.offset = self._rest_kept_to = offset
        short = offset % self._kept.part_bytes if offset < self._size else 0
        if short:
            self._rest += await self._staging.blobs.get(self._rest_key(offset))
        self._prolonging = asyncio.create_task(self._prolong())
        return True

    async def write(self, data: bytes) -> None:
        await asyncio.to_thread(self._running.feed, self.offset, data)
        await self._take(data)
        if self._tags:
            await self._note(self.offset - len(self._rest))

    async def hold(self, data: bytes) -> None:
        if self._held is None:
            self._held = self._running.copy()
        await asyncio.to_thread(self._held.feed, self.offset, data)
        await self._take(data)

    async def settle(self) -> None:
        if self._held is not None:
            self._running.become(self._held)
            self._held = None
        await self._take(b"")  # a part that could not be put before
        if self._rest and self.offset == self._size:
            await self._put_part(bytes(self._rest))
            self._rest.clear()
        if self.offset > self._rest_kept_to:
            if self._rest:
                key = self._rest_key(self.offset)
                await self._staging.blobs.put(key, bytes(self._rest), overwrite=True)
            await self._note(self.offset)

    async def close(self) -> None:
        if self._prolonging is not None:
            self._prolonging.cancel()
            await asyncio.wait({self._prolonging})
        upload_id, sender = self._upload_id, self._sender
        await self._staging.rows.write(lambda c: store.release(c, upload_id, sender))

    async def _take(self, data: bytes) -> None:
        self._rest += data
        self.offset += len(data)
        wanted = self._kept.part_bytes
        while len(self._rest) >= wanted:
            await self._put_part(bytes(self._rest[:wanted]))
            del self._rest[:wanted]

    async def _put_part(self, content: bytes) -> None:
        begins = self.offset - len(self._rest)
        number = begins // self._kept.part_bytes + 1
        tag = await self._staging.multiparts.put_part(self._kept.multipart, number, content)
        self._tags[number] = tag

    async def _note(self, offset: int) -> None:
        """Move the row, and note the parts before it, if this is still the sender."""
        tags, before, sender = dict(self._tags), self._rest_kept_to, self._sender
        expires_at_ms = self._staging.clock.now_ms() + self._staging.expire_ms

        def work(connection: Connection) -> bool:
            if not store.is_sender(connection, self._upload_id, sender):
                return False
            store.put_tags(connection, self._upload_id, tags)
            store.move(connection, self._upload_id, offset, expires_at_ms)
            return True

        if not await self._staging.rows.write(work):
            raise UploadBusy("Another request took over this upload.")
        self._tags.clear()
        self._rest_kept_to = offset
        if before % self._kept.part_bytes:
            with suppress(BlobsUnavailable):  # what stays goes with the upload
                await self._staging.blobs.delete(self._rest_key(before))

    async def _claimed(self) -> int | None:
        now_ms = self._staging.clock.now_ms()
        until_ms = now_ms + self._staging.claim_ms
        return await self._staging.rows.write(
            lambda c: store.claim(c, self._upload_id, self._sender, now_ms, until_ms)
        )

    async def _prolong(self) -> None:
        """Keep the claim while this process lives and the request lasts."""
        while True:
            await self._staging.clock.sleep(self._staging.claim_ms / 4000)
            with suppress(VitascopeError):  # rows that cannot be reached stop the sender soon
                await self._claimed()

    def _rest_key(self, offset: int) -> str:
        return f"uploads/{self._upload_id}/{offset}"


def part_bytes(size: int, preferred: int) -> int:
    """Returns the size of the parts of an upload, in whole MiB: as many as `preferred`, and so
    large that nine tenths of the most that a store takes are enough."""
    least = math.ceil(size / (MAX_PARTS * 9 // 10) / _MIB) * _MIB
    return max(preferred, least)
