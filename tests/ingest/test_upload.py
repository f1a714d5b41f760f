"""Handing in a master: in place, hashed on arrival, never lost. (I1)"""

import asyncio
import errno
import hashlib
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection

from tests.conftest import OpenRows
from tests.ingest.server import OTHER, PARTNER, TITLE, ingest_of, outbox_of
from vitascope.catalog import NoSuchTitle
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.bus.outbox import RowsOutbox
from vitascope.engines.rows import Rows
from vitascope.engines.rows.migrate import drift
from vitascope.ingest import (
    ChecksumMismatch,
    DiskFull,
    MasterReceived,
    NoSuchUpload,
    NotYourTitle,
    NotYourUpload,
    OffsetConflict,
    QuotaExceeded,
    UploadBusy,
    UploadDraft,
    UploadExpired,
    UploadState,
    UploadTooLarge,
)
from vitascope.ingest.hashing import RunningHash
from vitascope.ingest.jobs import keep_tidy
from vitascope.ingest.part_file import OpenPart, PartFile, boot_id
from vitascope.ingest.receive import Silence
from vitascope.ingest.settings import IngestSettings
from vitascope.ingest.store import metadata
from vitascope.ingest.upload import RowsIngest
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import Conflict, Invalid, Unavailable
from vitascope.kernel.ids import ContentId, TitleId

MIB = 1 << 20


def draft(size: int, **changes: object) -> UploadDraft:
    plain = UploadDraft(
        file_name="film.mov", size=size, title_id=TITLE, content_id=ContentId(TITLE)
    )
    return msgspec.structs.replace(plain, **changes)


async def arriving(*chunks: bytes, then: Exception | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if then is not None:
        raise then


def write_and_die(data: Path, upload_id: str, offset: int, written: bytes) -> None:
    """What a process leaves that is killed before it can acknowledge."""
    part = PartFile(data / "uploads", upload_id).open()
    assert part is not None
    part.write(offset, written)
    part.mark(offset + len(written))
    part.close()


def cut_the_power(data: Path, upload_id: str) -> str:
    """The machine starts anew; what the mark said before."""
    mark = data / "uploads" / f"{upload_id}.mark"
    kept = mark.read_text()
    mark.write_text(kept.replace(boot_id(), "another-boot"))
    return kept


class Slow:
    """A sender that waits between its bytes until told; `heard` when the first are written."""

    def __init__(self) -> None:
        self.heard = asyncio.Event()
        self.go = asyncio.Event()

    async def chunks(self, first: bytes, second: bytes) -> AsyncIterator[bytes]:
        yield first
        self.heard.set()
        await self.go.wait()
        yield second


@pytest.fixture
async def rows(open_rows: OpenRows) -> Rows:
    return await open_rows("ingest")


@pytest.fixture
def ingest(rows: Rows, data: Path, clock: HeldClock) -> RowsIngest:
    return ingest_of(rows, data, clock)


async def announced(rows: Rows, clock: HeldClock) -> list[MasterReceived]:
    waiting = await outbox_of(rows, clock).waiting(100)
    return [msgspec.json.decode(envelope.body, type=MasterReceived) for _, envelope in waiting]


async def test_the_migrations_make_the_tables(rows: Rows) -> None:
    def compare(connection: Connection) -> list[object]:
        return drift(connection, metadata)

    assert await rows.read(compare) == []


async def test_the_last_byte_makes_a_master_and_announces_it(
    ingest: RowsIngest, rows: Rows, clock: HeldClock, data: Path
) -> None:
    film = os.urandom(3 * MIB + 17)
    upload = await ingest.create(PARTNER, draft(len(film), priority="new-release"))
    upload = await ingest.append(PARTNER, upload.id, 0, arriving(film[: 2 * MIB]))
    assert (upload.offset, upload.state) == (2 * MIB, UploadState.UPLOADING)
    assert await announced(rows, clock) == []
    upload = await ingest.append(PARTNER, upload.id, 2 * MIB, arriving(film[2 * MIB :]))
    assert upload.state is UploadState.RECEIVED
    assert upload.sha256 == hashlib.sha256(film).hexdigest()
    (event,) = await announced(rows, clock)
    assert (event.sha256, event.size, event.priority) == (upload.sha256, len(film), "new-release")
    assert await DiskBlobs(root=data / "blobs").get(event.blob_key) == film
    assert list((data / "uploads").iterdir()) == []
    assert await ingest.upload(PARTNER, upload.id) == upload
    assert await ingest.settle() == 0


async def test_what_arrived_before_the_connection_broke_is_kept(ingest: RowsIngest) -> None:
    upload = await ingest.create(PARTNER, draft(100))
    with pytest.raises(ConnectionError):
        await ingest.append(PARTNER, upload.id, 0, arriving(b"x" * 40, then=ConnectionError()))
    assert (await ingest.upload(PARTNER, upload.id)).offset == 40
    upload = await ingest.append(PARTNER, upload.id, 40, arriving(b"y" * 60))
    assert upload.sha256 == hashlib.sha256(b"x" * 40 + b"y" * 60).hexdigest()


async def test_a_part_with_a_checksum_counts_as_a_whole_or_not_at_all(ingest: RowsIngest) -> None:
    upload = await ingest.create(PARTNER, draft(80))
    good = ("sha1", hashlib.sha1(b"a" * 40).digest())
    with pytest.raises(ChecksumMismatch):
        await ingest.append(PARTNER, upload.id, 0, arriving(b"b" * 40), checksum=good)
    with pytest.raises(ConnectionError):
        broken = arriving(b"a" * 20, then=ConnectionError())
        await ingest.append(PARTNER, upload.id, 0, broken, checksum=good)
    assert (await ingest.upload(PARTNER, upload.id)).offset == 0
    upload = await ingest.append(PARTNER, upload.id, 0, arriving(b"a" * 40), checksum=good)
    assert upload.offset == 40
    last = ("sha256", hashlib.sha256(b"c" * 40).digest())
    upload = await ingest.append(PARTNER, upload.id, 40, arriving(b"c" * 40), checksum=last)
    assert upload.sha256 == hashlib.sha256(b"a" * 40 + b"c" * 40).hexdigest()


async def test_a_wrong_offset_is_told_the_right_one(ingest: RowsIngest) -> None:
    upload = await ingest.create(PARTNER, draft(100))
    await ingest.append(PARTNER, upload.id, 0, arriving(b"x" * 10))
    for wrong in (0, 9, 11):
        with pytest.raises(OffsetConflict) as refusal:
            await ingest.append(PARTNER, upload.id, wrong, arriving(b"y"))
        assert refusal.value.extra["offset"] == 10


async def test_more_than_declared_is_refused_and_what_fits_is_kept(ingest: RowsIngest) -> None:
    upload = await ingest.create(PARTNER, draft(MIB + 5))
    with pytest.raises(UploadTooLarge):
        await ingest.append(PARTNER, upload.id, 0, arriving(b"x" * MIB, b"y" * 6))
    assert (await ingest.upload(PARTNER, upload.id)).offset == MIB


async def test_of_two_senders_at_once_one_is_told_to_wait(ingest: RowsIngest) -> None:
    upload = await ingest.create(PARTNER, draft(20))
    slow = Slow()
    first = asyncio.create_task(
        ingest.append(PARTNER, upload.id, 0, slow.chunks(b"a" * 10, b"b" * 10))
    )
    await slow.heard.wait()
    with pytest.raises(UploadBusy) as refusal:
        await ingest.append(PARTNER, upload.id, 0, arriving(b"c" * 20))
    assert refusal.value.extra["retry_after_s"] > 0
    slow.go.set()
    assert (await first).sha256 == hashlib.sha256(b"a" * 10 + b"b" * 10).hexdigest()


async def test_many_senders_at_the_same_offset_write_once(ingest: RowsIngest) -> None:
    upload = await ingest.create(PARTNER, draft(8 * 1000))
    parts = [bytes([n]) * 1000 for n in range(8)]
    answers = await asyncio.gather(
        *(ingest.append(PARTNER, upload.id, 0, arriving(part)) for part in parts),
        return_exceptions=True,
    )
    won = [n for n, answer in enumerate(answers) if not isinstance(answer, Exception)]
    assert len(won) == 1
    lost = [answer for answer in answers if isinstance(answer, Exception)]
    assert all(isinstance(answer, UploadBusy | OffsetConflict) for answer in lost)
    rest = b"".join(parts[:7])
    upload = await ingest.append(PARTNER, upload.id, 1000, arriving(rest))
    assert upload.sha256 == hashlib.sha256(parts[won[0]] + rest).hexdigest()


async def test_a_new_request_takes_over_from_a_silent_one(
    ingest: RowsIngest, clock: HeldClock
) -> None:
    upload = await ingest.create(PARTNER, draft(20))
    silent = Slow()
    dead = asyncio.create_task(
        ingest.append(PARTNER, upload.id, 0, silent.chunks(b"a" * 10, b"never"))
    )
    await silent.heard.wait()
    clock.advance(IngestSettings().takeover_s)
    with pytest.raises(OffsetConflict) as refusal:
        await ingest.append(PARTNER, upload.id, 0, arriving(b"c" * 20))
    assert refusal.value.extra["offset"] == 10
    with pytest.raises(UploadBusy):
        await dead
    upload = await ingest.append(PARTNER, upload.id, 10, arriving(b"d" * 10))
    assert upload.sha256 == hashlib.sha256(b"a" * 10 + b"d" * 10).hexdigest()


async def test_a_connection_that_says_nothing_is_given_up(
    rows: Rows, data: Path, clock: HeldClock
) -> None:
    ingest = ingest_of(rows, data, clock, IngestSettings(silence_s=0.1, keep_free_gib=0))
    upload = await ingest.create(PARTNER, draft(20))
    with pytest.raises(Silence):
        await ingest.append(PARTNER, upload.id, 0, Slow().chunks(b"a" * 10, b"never"))
    assert (await ingest.upload(PARTNER, upload.id)).offset == 10


async def test_declared_sizes_count_at_once_under_a_race(
    rows: Rows, data: Path, clock: HeldClock
) -> None:
    quota: dict[str, float] = {PARTNER: 10 * MIB / 2**30}
    ingest = ingest_of(rows, data, clock, IngestSettings(quotas_gib=quota, keep_free_gib=0))
    answers = await asyncio.gather(
        *(ingest.create(PARTNER, draft(3 * MIB)) for _ in range(8)), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, QuotaExceeded)]
    assert len(refused) == 5
    assert refused[0].extra == {"limit_bytes": 10 * MIB, "used_bytes": 9 * MIB}
    told = await ingest.quota(PARTNER)
    assert (told.limit_bytes, told.used_bytes) == (10 * MIB, 9 * MIB)
    mine = await ingest.uploads(PARTNER)
    assert len(mine) == 3
    assert len(list((data / "uploads").iterdir())) == 3
    await ingest.terminate(PARTNER, mine[0].id)
    assert await ingest.uploads(PARTNER) == mine[1:]
    await ingest.create(PARTNER, draft(3 * MIB))


async def test_partners_send_for_their_own_titles_and_see_their_own_uploads(
    ingest: RowsIngest,
) -> None:
    with pytest.raises(NotYourTitle):
        await ingest.create(OTHER, draft(10))
    with pytest.raises(NotYourTitle):
        await ingest.create(PARTNER, draft(10, content_id=ContentId("epi_else")))
    with pytest.raises(NoSuchTitle):
        await ingest.create(PARTNER, draft(10, title_id=TitleId("ttl_none")))
    upload = await ingest.create(PARTNER, draft(10))
    with pytest.raises(NotYourUpload):
        await ingest.append(OTHER, upload.id, 0, arriving(b"x"))
    with pytest.raises(NotYourUpload):
        await ingest.terminate(OTHER, upload.id)
    assert await ingest.uploads(OTHER) == []


async def test_drafts_that_cannot_be_are_refused(
    ingest: RowsIngest, rows: Rows, data: Path, clock: HeldClock
) -> None:
    for nonsense in (draft(0), draft(5, file_name="")):
        with pytest.raises(Invalid):
            await ingest.create(PARTNER, nonsense)
    with pytest.raises(UploadTooLarge):
        await ingest.create(PARTNER, draft(501 * 2**30))
    full = ingest_of(rows, data, clock, IngestSettings(keep_free_gib=10**6))
    with pytest.raises(DiskFull):
        await full.create(PARTNER, draft(5))


async def test_an_upload_nobody_adds_to_expires(
    ingest: RowsIngest, data: Path, clock: HeldClock
) -> None:
    upload = await ingest.create(PARTNER, draft(100))
    clock.advance(100 * 3600)
    await ingest.append(PARTNER, upload.id, 0, arriving(b"x"))
    clock.advance(100 * 3600)
    assert await ingest.expire() == 0
    clock.advance(100 * 3600)
    with pytest.raises(UploadExpired):
        await ingest.append(PARTNER, upload.id, 1, arriving(b"x"))
    assert await ingest.expire() == 1
    assert list((data / "uploads").iterdir()) == []
    assert (await ingest.quota(PARTNER)).used_bytes == 0
    with pytest.raises(UploadExpired):
        await ingest.upload(PARTNER, upload.id)


async def test_a_terminated_upload_is_gone_and_a_received_one_stays(ingest: RowsIngest) -> None:
    upload = await ingest.create(PARTNER, draft(4))
    await ingest.terminate(PARTNER, upload.id)
    with pytest.raises(NoSuchUpload):
        await ingest.upload(PARTNER, upload.id)
    whole = await ingest.create(PARTNER, draft(4))
    await ingest.append(PARTNER, whole.id, 0, arriving(b"film"))
    with pytest.raises(Conflict):
        await ingest.terminate(PARTNER, whole.id)
    assert (await ingest.quota(PARTNER)).used_bytes == 4


async def test_after_a_kill_the_bytes_written_count_and_after_a_power_cut_those_forced_to_disk(
    ingest: RowsIngest, rows: Rows, data: Path, clock: HeldClock
) -> None:
    upload = await ingest.create(PARTNER, draft(3000))
    await ingest.append(PARTNER, upload.id, 0, arriving(b"a" * 1000))
    await asyncio.to_thread(write_and_die, data, upload.id, 1000, b"b" * 500)
    kept = cut_the_power(data, upload.id)
    assert (await ingest_of(rows, data, clock).upload(PARTNER, upload.id)).offset == 1000
    (data / "uploads" / f"{upload.id}.mark").write_text(kept)
    after = ingest_of(rows, data, clock)
    assert (await after.upload(PARTNER, upload.id)).offset == 1500
    done = await after.append(PARTNER, upload.id, 1500, arriving(b"c" * 1500))
    wanted = hashlib.sha256(b"a" * 1000 + b"b" * 500 + b"c" * 1500).hexdigest()
    assert done.sha256 == wanted


async def test_what_a_power_cut_may_take_is_not_acknowledged(
    ingest: RowsIngest, rows: Rows, data: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync(_: OpenPart) -> None:
        raise OSError(errno.EIO, "the disk does not answer")

    upload = await ingest.create(PARTNER, draft(1000))
    monkeypatch.setattr(OpenPart, "sync", sync)
    with pytest.raises(OSError, match="does not answer"):
        await ingest.append(PARTNER, upload.id, 0, arriving(b"a" * 500))
    cut_the_power(data, upload.id)
    assert (await ingest_of(rows, data, clock).upload(PARTNER, upload.id)).offset == 0


async def test_a_disk_that_fills_up_keeps_what_fitted(
    ingest: RowsIngest, rows: Rows, data: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = OpenPart.write

    def write(part: OpenPart, offset: int, written: bytes) -> None:
        if offset >= 500:
            raise OSError(errno.ENOSPC, "No space left on device")
        honest(part, offset, written)

    upload = await ingest.create(PARTNER, draft(1000))
    monkeypatch.setattr(OpenPart, "write", write)
    with pytest.raises(DiskFull):
        await ingest.append(PARTNER, upload.id, 0, arriving(b"a" * 500, b"b" * 500))
    monkeypatch.undo()
    after = ingest_of(rows, data, clock)
    assert (await after.upload(PARTNER, upload.id)).offset == 500
    done = await after.append(PARTNER, upload.id, 500, arriving(b"b" * 500))
    assert done.sha256 == hashlib.sha256(b"a" * 500 + b"b" * 500).hexdigest()


async def test_the_hash_is_of_what_arrived(ingest: RowsIngest, data: Path) -> None:
    """What a disk makes of it afterwards is seen, and a large master is not read once more."""
    upload = await ingest.create(PARTNER, draft(1000))
    await ingest.append(PARTNER, upload.id, 0, arriving(b"a" * 500))
    (data / "uploads" / f"{upload.id}.part").write_bytes(bytes(1000))
    done = await ingest.append(PARTNER, upload.id, 500, arriving(b"b" * 500))
    assert done.sha256 == hashlib.sha256(b"a" * 500 + b"b" * 500).hexdigest()


async def test_the_last_byte_is_answered_before_all_is_hashed(
    rows: Rows, data: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = threading.Event()
    honest = RunningHash.digest

    def digest(running: RunningHash, path: Path, size: int) -> str:
        hashed.wait(300)
        return honest(running, path, size)

    monkeypatch.setattr(RunningHash, "digest", digest)
    ingest = ingest_of(rows, data, clock, IngestSettings(answer_s=0.01, keep_free_gib=0))
    upload = await ingest.create(PARTNER, draft(4))
    answered = await ingest.append(PARTNER, upload.id, 0, arriving(b"film"))
    assert (answered.offset, answered.state) == (4, UploadState.UPLOADING)
    hashed.set()
    await ingest.settle()
    assert (await ingest.upload(PARTNER, upload.id)).state is UploadState.RECEIVED
    assert len(await announced(rows, clock)) == 1


async def test_a_master_is_received_and_announced_at_once_or_not_at_all(
    rows: Rows, data: Path, clock: HeldClock
) -> None:
    class Closed(RowsOutbox):
        def put(self, *_: object) -> None:
            raise Unavailable("no event can be put down")

    closed = Closed(rows=rows, clock=clock, announced=lambda: None)
    ingest = ingest_of(rows, data, clock, outbox=closed)
    upload = await ingest.create(PARTNER, draft(4))
    with pytest.raises(Unavailable):
        await ingest.append(PARTNER, upload.id, 0, arriving(b"film"))
    assert (await ingest.upload(PARTNER, upload.id)).state is UploadState.UPLOADING
    tidying = asyncio.create_task(keep_tidy(ingest_of(rows, data, clock), clock))
    async with asyncio.timeout(120):
        while not await announced(rows, clock):
            await asyncio.sleep(0.01)
    tidying.cancel()
    assert (await ingest.upload(PARTNER, upload.id)).state is UploadState.RECEIVED


async def test_an_upload_whole_but_unannounced_is_announced_after_a_restart(
    ingest: RowsIngest, rows: Rows, data: Path, clock: HeldClock
) -> None:
    upload = await ingest.create(PARTNER, draft(1000))
    await asyncio.to_thread(write_and_die, data, upload.id, 0, b"z" * 1000)
    after = ingest_of(rows, data, clock)
    assert (await after.upload(PARTNER, upload.id)).offset == 1000
    async with asyncio.timeout(120):
        while (await after.upload(PARTNER, upload.id)).state is not UploadState.RECEIVED:
            await asyncio.sleep(0.01)
    (event,) = await announced(rows, clock)
    assert event.sha256 == hashlib.sha256(b"z" * 1000).hexdigest()
