"""Files that are sent in pieces, several at once, and put together here: what tus calls
concatenation.

A piece is an upload whose bytes become an object of their own, announced to nobody. What is joined
from pieces is an upload like any other, but its bytes are read from these objects: it goes on
where it stood after a kill, and the bytes of a piece are dropped when they are durable in it.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial

import msgspec

from vitascope.engines.blobs import Blobs
from vitascope.engines.rows import Rows
from vitascope.ingest import store
from vitascope.ingest.contract import (
    MOST_PIECES,
    NoSuchUpload,
    NotYourUpload,
    PieceMissing,
    Upload,
    UploadDraft,
    UploadState,
)
from vitascope.ingest.staging import piece_key
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AccountId, UploadId

_log = logging.getLogger("vitascope.ingest")

Add = Callable[[Upload, AsyncIterator[bytes]], Awaitable[Upload]]
"""Adds bytes to an upload where it stands, as `Ingest.append` does."""


class Joining:
    def __init__(self, rows: Rows, blobs: Blobs, add: Add) -> None:
        self._rows = rows
        self._blobs = blobs
        self._add = add
        self._running: dict[UploadId, asyncio.Task[None]] = {}

    async def sized(self, partner_id: AccountId, draft: UploadDraft) -> UploadDraft:
        """Returns the draft with its size, the sum of its pieces. Raises `PieceMissing`,
        `NoSuchUpload`, `NotYourUpload`, `Invalid`."""
        named = draft.joined_from
        if len(named) > MOST_PIECES or len(set(named)) < len(named):
            raise Invalid(f"A file is joined from at most {MOST_PIECES} pieces, each named once.")
        size = 0
        for piece_id in named:
            piece = await self._piece(piece_id)
            if piece is None:
                raise NoSuchUpload(f"There is no upload {piece_id}. Send this piece again.")
            if piece.partner_id != partner_id:
                raise NotYourUpload(f"The upload {piece_id} belongs to another partner.")
            if not piece.draft.piece or piece.state is not UploadState.RECEIVED:
                raise not_waiting([piece_id])
            size += piece.draft.size
        return msgspec.structs.replace(draft, size=size)

    def start(self, upload: Upload) -> None:
        """Put `upload` together, in the background; harmless while it is done."""
        if upload.id not in self._running:
            task = self._running[upload.id] = asyncio.create_task(self._join(upload))
            task.add_done_callback(lambda ended: self._ended(upload.id, ended))

    async def stop(self, upload_id: UploadId) -> None:
        """Stop putting it together, and wait for the end of that."""
        if task := self._running.get(upload_id):
            task.cancel()
            await asyncio.wait({task})

    @property
    def running(self) -> set[asyncio.Task[None]]:
        """Returns what is being put together now."""
        return set(self._running.values())

    async def settle(self) -> None:
        """Go on with what a death interrupted, and drop pieces whose upload is over."""
        unfinished = await self._rows.read(store.being_joined)
        for upload in unfinished:
            self.start(upload)
        needed = {piece for upload in unfinished for piece in upload.draft.joined_from}
        for piece_id in await self._rows.read(store.joined) - needed:
            await self.drop_object(piece_id)
            await self._rows.write(partial(store.drop, upload_id=piece_id))

    async def drop_object(self, piece_id: UploadId) -> None:
        """Drop the bytes of a piece."""
        await self._blobs.delete(piece_key(piece_id))

    async def _join(self, upload: Upload) -> None:
        begins = 0
        for piece_id in upload.draft.joined_from:
            piece = await self._piece(piece_id)
            if piece is None:
                return  # another process was at it, and is through
            ends = begins + piece.draft.size
            if upload.offset < ends:
                rest = self._blobs.stream(piece_key(piece_id), upload.offset - begins)
                upload = await self._add(upload, rest)
            await self.drop_object(piece_id)
            begins = ends
        for piece_id in upload.draft.joined_from:
            await self._rows.write(partial(store.drop, upload_id=piece_id))

    def _ended(self, upload_id: UploadId, task: asyncio.Task[None]) -> None:
        """What stopped it passes, such as a full disk, a store that is away, or another process
        that is at it: the next `settle` goes on."""
        self._running.pop(upload_id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("%s is not put together yet: %s", upload_id, error)

    async def _piece(self, piece_id: UploadId) -> Upload | None:
        return await self._rows.read(lambda c: store.find(c, piece_id))


def not_waiting(piece_ids: Sequence[UploadId]) -> PieceMissing:
    return PieceMissing(
        f"{', '.join(piece_ids)} cannot be joined: it is no partial upload, has not arrived whole, "
        "or is part of another file already. Send it as a partial upload first."
    )
