"""Uploads of masters: rights and quota, the bytes, the announcement.

The last byte makes a master (or a sound track for what is published): what was staged becomes an
object without a copy, and one transaction marks the upload received and announces it. If the
process dies between the two, `settle` does it again with the same name.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import msgspec

from vitascope.catalog import TitleRecords
from vitascope.engines.blobs import Blobs, MultipartBlobs
from vitascope.engines.bus import Outbox
from vitascope.engines.rows import Connection, Rows
from vitascope.ingest import store
from vitascope.ingest.admission import Admission, refuse_too_many
from vitascope.ingest.announced import announcement
from vitascope.ingest.contract import (
    JoinedByService,
    NoSuchUpload,
    NotYourUpload,
    OffsetConflict,
    Quota,
    SubtitleDraft,
    SubtitleKind,
    Subtitles,
    Upload,
    UploadDraft,
    UploadExpired,
    UploadState,
)
from vitascope.ingest.disk_staging import DiskStaging
from vitascope.ingest.hashing import RunningHash
from vitascope.ingest.joining import Joining, not_waiting
from vitascope.ingest.part_staging import PartStaging
from vitascope.ingest.receive import Receiving
from vitascope.ingest.senders import Senders
from vitascope.ingest.settings import IngestSettings
from vitascope.ingest.staging import Staging, Writer, key_of, master_id_of
from vitascope.ingest.subtitles import RowsSubtitles
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Conflict
from vitascope.kernel.ids import AccountId, ContentId, TitleId, UploadId, new_id
from vitascope.kernel.media import Language

_log = logging.getLogger("vitascope.ingest")
_TO_END_S = 2.0
_HASHES_KEPT = 512  # beyond, the longest unused is forgotten and read from disk again


class RowsIngest:
    """`Ingest`. Uploads under way are staged as parts where the blobs take parts, else in
    `folder`, best on the same disk as the blobs."""

    def __init__(
        self,
        *,
        rows: Rows,
        outbox: Outbox,
        blobs: Blobs,
        catalog: TitleRecords,
        folder: Path,
        clock: Clock,
        settings: IngestSettings,
    ) -> None:
        self._rows = rows
        self._outbox = outbox
        self._clock = clock
        self._settings = settings
        self._staging = self._staging_for(blobs, folder)
        on_disk = folder if isinstance(self._staging, DiskStaging) else None
        self._admission = Admission(catalog, on_disk, settings)
        self._subtitles = RowsSubtitles(
            rows=rows, outbox=outbox, blobs=blobs, admission=self._admission
        )
        self._senders = Senders(self._staging, clock, settings.takeover_s)
        self._hashes: OrderedDict[UploadId, RunningHash] = OrderedDict()
        self._reading: set[asyncio.Task[None]] = set()
        self._finishing: dict[UploadId, asyncio.Task[Upload]] = {}
        self._joining = Joining(rows, blobs, self._add)

    async def create(self, partner_id: AccountId, draft: UploadDraft) -> Upload:
        if draft.joined_from:
            draft = await self._joining.sized(partner_id, draft)
        draft = await self._admission.check(partner_id, draft)
        now_ms = self._clock.now_ms()
        upload = Upload(
            id=UploadId(new_id("upl")),
            partner_id=partner_id,
            draft=draft,
            offset=0,
            state=UploadState.UPLOADING,
            created_at_ms=now_ms,
            expires_at_ms=self._expiry(),
        )

        def work(connection: Connection) -> None:
            if not store.join(connection, draft.joined_from):
                raise not_waiting(draft.joined_from)
            refuse_too_many(store.count_under_way(connection, partner_id))
            used = store.used_bytes(connection, partner_id)
            self._admission.refuse_beyond_quota(partner_id, draft, used)
            store.add(connection, upload)

        await self._staging.make(upload)
        try:
            await self._rows.write(work)
        except BaseException:
            await self._staging.remove(upload.id)
            raise
        if draft.joined_from:
            self._joining.start(upload)
        return upload

    async def upload(self, partner_id: AccountId, upload_id: UploadId) -> Upload:
        upload = await self._rows.read(lambda c: store.find(c, upload_id))
        if upload is None or upload.state is UploadState.TERMINATED:
            raise NoSuchUpload(f"There is no upload {upload_id}. Start a new one.")
        if upload.partner_id != partner_id:
            raise NotYourUpload("This upload belongs to another partner.")
        if upload.state is UploadState.EXPIRED or self._is_late(upload):
            raise UploadExpired("This upload has expired and was removed. Start a new one.")
        if upload.state is UploadState.UPLOADING and upload_id not in self._senders:
            return await self._caught_up(upload)
        return upload

    async def append(
        self,
        partner_id: AccountId,
        upload_id: UploadId,
        offset: int,
        chunks: AsyncIterator[bytes],
        *,
        checksum: tuple[str, bytes] | None = None,
    ) -> Upload:
        await self._senders.take_over_from_the_silent(upload_id)
        upload = await self.upload(partner_id, upload_id)
        if upload.draft.joined_from:
            raise JoinedByService("The service joins this upload from its pieces: send nothing.")
        if upload.state is not UploadState.UPLOADING or offset != upload.offset:
            raise OffsetConflict(
                f"This upload is at byte {upload.offset}, not {offset}. Continue from there.",
                offset=upload.offset,
            )
        return await self._add(upload, chunks, checksum)

    async def _add(
        self,
        upload: Upload,
        chunks: AsyncIterator[bytes],
        checksum: tuple[str, bytes] | None = None,
    ) -> Upload:
        """Add at `upload.offset`, and finish it with the last byte."""
        running = self._hash(upload)
        writer = await self._senders.claim(upload, running)
        try:
            # somebody else may have been at it between the look and the claim
            upload = await self._still_at(upload, upload.offset)
            await self._receive(upload, writer, running, chunks, checksum)
        finally:
            await asyncio.shield(writer.close())
        upload = await self.upload(upload.partner_id, upload.id)
        whole = upload.state is UploadState.UPLOADING and upload.offset == upload.draft.size
        return await self._finish(upload) if whole else upload

    async def terminate(self, partner_id: AccountId, upload_id: UploadId) -> None:
        upload = await self.upload(partner_id, upload_id)
        waits = upload.draft.piece and upload.state is UploadState.RECEIVED
        over = upload.state is not UploadState.UPLOADING or upload_id in self._finishing
        if over and not waits:
            raise Conflict("This upload is complete and can't be cancelled.")
        await self._joining.stop(upload_id)
        await self._senders.stop(upload_id)
        await self._end(upload, UploadState.TERMINATED)

    async def uploads(
        self, partner_id: AccountId, state: UploadState | None = None
    ) -> Sequence[Upload]:
        states = (set(UploadState) - {UploadState.TERMINATED}) if state is None else {state}
        return await self._rows.read(lambda c: store.of_partner(c, partner_id, states))

    async def put_subtitles(
        self, partner_id: AccountId, draft: SubtitleDraft, content: bytes
    ) -> Sequence[Subtitles]:
        return await self._subtitles.put(partner_id, draft, content)

    async def drop_subtitles(
        self,
        partner_id: AccountId,
        title_id: TitleId,
        content_id: ContentId,
        language: Language,
        kind: SubtitleKind = "full",
    ) -> Sequence[Subtitles]:
        gone = SubtitleDraft(
            title_id=title_id, content_id=content_id, language=language, file_name="", kind=kind
        )
        return await self._subtitles.drop(partner_id, gone)

    async def move_subtitles(
        self, partner_id: AccountId, draft: SubtitleDraft
    ) -> Sequence[Subtitles]:
        return await self._subtitles.move(partner_id, draft)

    async def subtitles(
        self, partner_id: AccountId, title_id: TitleId, content_id: ContentId
    ) -> Sequence[Subtitles]:
        return await self._subtitles.of(partner_id, title_id, content_id)

    async def quota(self, partner_id: AccountId) -> Quota:
        used = await self._rows.read(lambda c: store.used_bytes(c, partner_id))
        return Quota(limit_bytes=self._admission.limit_bytes(partner_id), used_bytes=used)

    async def expire(self) -> int:
        late = await self._rows.read(lambda c: store.expired(c, self._clock.now_ms()))
        gone = [one for one in late if one.id not in self._senders]
        for upload in gone:
            await self._end(upload, UploadState.EXPIRED)
        await self._staging.tidy(2 * self._clock.now_ms() - self._expiry())
        return len(gone)

    async def settle(self) -> int:
        """Announce what arrived whole but was not announced, because we died; the count."""
        whole = await self._rows.read(store.whole)
        finishing = [self._finishing_of(upload) for upload in whole]
        await asyncio.gather(*finishing, return_exceptions=True)  # each tells of its own trouble
        await self._joining.settle()
        return len(whole)

    async def close(self) -> None:
        """Give what is done in the background a moment to end, and leave the rest to the next
        start. To be called while rows and blobs are open."""
        tasks = {*self._finishing.values(), *self._reading, *self._joining.running}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_TO_END_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    # -- what a sender adds

    async def _still_at(self, upload: Upload, offset: int) -> Upload:
        now = await self._rows.read(lambda c: store.find(c, upload.id))
        if now is None or now.state is not UploadState.UPLOADING or now.offset > offset:
            at = upload.offset if now is None else now.offset
            raise OffsetConflict(f"This upload is at byte {at}. Continue from there.", offset=at)
        return upload

    async def _receive(
        self,
        upload: Upload,
        writer: Writer,
        running: RunningHash,
        chunks: AsyncIterator[bytes],
        checksum: tuple[str, bytes] | None,
    ) -> None:
        receiving = Receiving(
            writer,
            size=upload.draft.size,
            silence_s=self._settings.silence_s,
            clock=self._clock,
        )
        taking = receiving.take_checked(chunks, *checksum) if checksum else receiving.take(chunks)

        async def failed() -> None:
            now = await self._rows.read(lambda c: store.find(c, upload.id))
            if now is None or running.position > now.offset:
                # more was hashed than is acknowledged: hash what is kept, once more
                self._hashes.pop(upload.id, None)

        await self._senders.send(upload.id, receiving, taking, failed=failed)

    # -- offsets and hashes

    async def _caught_up(self, upload: Upload) -> Upload:
        """With the bytes that a killed process wrote and could not acknowledge any more."""
        size = upload.draft.size
        reached = await self._staging.reached(upload)
        if reached > upload.offset:
            await self._move(upload.id, reached)
            upload = msgspec.structs.replace(upload, offset=reached)
        if reached == size:
            self._finishing_of(upload)
        return upload

    async def _move(self, upload_id: UploadId, offset: int) -> None:
        expires_at_ms = self._expiry()
        await self._rows.write(lambda c: store.move(c, upload_id, offset, expires_at_ms))

    def _hash(self, upload: Upload) -> RunningHash:
        running = self._hashes.get(upload.id)
        if running is None:
            running = self._hashes[upload.id] = RunningHash()
            task = asyncio.create_task(self._staging.read_again(upload, running))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)
        self._hashes.move_to_end(upload.id)
        while len(self._hashes) > _HASHES_KEPT:
            self._hashes.popitem(last=False)
        return running

    # -- the end of an upload

    async def _finish(self, upload: Upload) -> Upload:
        """Once at a time, and to the end even if the one who sent the last byte has gone. The
        answer does not wait long: after a restart, hashing a large master again takes its time."""
        task = self._finishing_of(upload)
        done, _ = await asyncio.wait({task}, timeout=self._settings.answer_s)
        return task.result() if done else upload

    def _finishing_of(self, upload: Upload) -> asyncio.Task[Upload]:
        task = self._finishing.get(upload.id)
        if task is None:
            ending = self._become_piece if upload.draft.piece else self._become_master
            task = self._finishing[upload.id] = asyncio.create_task(ending(upload))
            task.add_done_callback(lambda ended: self._finished(upload.id, ended))
        return task

    def _finished(self, upload_id: UploadId, task: asyncio.Task[Upload]) -> None:
        self._finishing.pop(upload_id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("%s arrived whole but is not announced yet: %s", upload_id, error)

    async def _become_master(self, upload: Upload) -> Upload:
        key, master_id = key_of(upload), master_id_of(upload.id)
        sha256 = await self._staging.become(upload, key, self._hash(upload))

        def work(connection: Connection) -> None:
            received = UploadState.RECEIVED
            if store.end(connection, upload.id, received, sha256=sha256, master_id=master_id):
                given = store.subtitles_of(connection, upload.draft.content_id)
                announced = announcement(upload, master_id, sha256, key, given)
                self._outbox.put(connection, announced)

        await self._rows.write(work)
        await self._forget(upload.id)
        _log.info("received %s: %s bytes, sha256 %s", key, upload.draft.size, sha256)
        return msgspec.structs.replace(
            upload, state=UploadState.RECEIVED, sha256=sha256, master_id=master_id
        )

    async def _become_piece(self, upload: Upload) -> Upload:
        sha256 = await self._staging.become(upload, key_of(upload), self._hash(upload))
        received = UploadState.RECEIVED
        await self._rows.write(lambda c: store.end(c, upload.id, received, sha256=sha256))
        await self._forget(upload.id)
        return msgspec.structs.replace(upload, state=received, sha256=sha256)

    async def _end(self, upload: Upload, state: UploadState) -> None:
        if await self._rows.write(lambda c: store.end(c, upload.id, state)):
            await self._forget(upload.id)
            if upload.draft.piece:
                await self._joining.drop_object(upload.id)

    async def _forget(self, upload_id: UploadId) -> None:
        self._hashes.pop(upload_id, None)
        await self._staging.remove(upload_id)

    def _staging_for(self, blobs: Blobs, folder: Path) -> Staging:
        settings = self._settings
        if isinstance(blobs, MultipartBlobs):
            return PartStaging(
                blobs=blobs,
                multiparts=blobs,
                rows=self._rows,
                clock=self._clock,
                takeover_s=settings.takeover_s,
                expire_h=settings.expire_h,
            )
        sync_bytes = round(settings.sync_mib * (1 << 20))
        needed = partial(self._rows.read, store.under_way)
        return DiskStaging(folder, blobs, self._move, needed, sync_bytes=sync_bytes)

    def _expiry(self) -> int:
        return self._clock.now_ms() + round(self._settings.expire_h * 3_600_000)

    def _is_late(self, upload: Upload) -> bool:
        under_way = upload.state is UploadState.UPLOADING and upload.offset < upload.draft.size
        over = upload.expires_at_ms <= self._clock.now_ms()
        return under_way and over and upload.id not in self._senders
