"""Handing in a master: in place, hashed on arrival, never lost. (I1)"""

import asyncio
import hashlib
import os
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.conftest import OpenRows
from tests.ingest.sending import MIB, announced, arriving, draft
from tests.ingest.server import OTHER, PARTNER, TITLE, ingest_of
from vitascope.catalog import NoSuchTitle
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.rows import Rows
from vitascope.engines.rows.migrate import drift
from vitascope.ingest import (
    ChecksumMismatch,
    DiskFull,
    NoSuchUpload,
    NotYourTitle,
    NotYourUpload,
    OffsetConflict,
    QuotaExceeded,
    UploadExpired,
    UploadState,
    UploadTooLarge,
    admission,
)
from vitascope.ingest import upload as upload_module
from vitascope.ingest.hashing import RunningHash
from vitascope.ingest.settings import IngestSettings
from vitascope.ingest.store import metadata
from vitascope.ingest.upload import RowsIngest
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import Conflict, Invalid
from vitascope.kernel.ids import ContentId, TitleId


@pytest.fixture
async def rows(open_rows: OpenRows) -> Rows:
    return await open_rows("ingest")


@pytest.fixture
def ingest(rows: Rows, data: Path, clock: HeldClock) -> RowsIngest:
    return ingest_of(rows, data, clock)


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


async def test_uploads_under_way_are_counted_however_small(
    rows: Rows, data: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert admission.MOST_UNDER_WAY == 1000
    monkeypatch.setattr(admission, "MOST_UNDER_WAY", 3)
    ingest = ingest_of(rows, data, clock)
    begun = [await ingest.create(PARTNER, draft(1, piece=n == 0)) for n in range(3)]
    with pytest.raises(QuotaExceeded, match="3 uploads under way"):
        await ingest.create(PARTNER, draft(1))
    await ingest.terminate(PARTNER, begun[1].id)
    await ingest.create(PARTNER, draft(1))


async def test_partners_send_for_their_own_titles_and_see_their_own_uploads(
    ingest: RowsIngest,
) -> None:
    with pytest.raises(NoSuchTitle) as theirs:
        await ingest.create(OTHER, draft(10))
    with pytest.raises(NoSuchTitle) as nobodys:
        await ingest.create(OTHER, draft(10, title_id=TitleId("ttl_none")))
    told = theirs.value.detail.replace(TITLE, "ttl_none")
    assert told == nobodys.value.detail, "it tells that there is such a title"
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


@pytest.mark.parametrize("name", ["", " ", "a\x00b", "a\x1b[2J", "film\u202e4pm.exe", "x" * 256])
async def test_a_file_name_that_no_file_has(ingest: RowsIngest, name: str) -> None:
    """However it comes: by the headers of tus, which are looked through before, or by a call."""
    with pytest.raises(Invalid, match="file name"):
        await ingest.create(PARTNER, draft(5, file_name=name))
    await ingest.create(PARTNER, draft(5, file_name="x" * 255))


async def test_drafts_that_cannot_be_are_refused(
    ingest: RowsIngest, rows: Rows, data: Path, clock: HeldClock
) -> None:
    with pytest.raises(Invalid):
        await ingest.create(PARTNER, draft(0))
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

    class SlowHash(RunningHash):
        def digest(self, path: Path, size: int) -> str:
            hashed.wait(300)
            return super().digest(path, size)

    monkeypatch.setattr(upload_module, "RunningHash", SlowHash)
    ingest = ingest_of(rows, data, clock, IngestSettings(answer_s=0.01, keep_free_gib=0))
    upload = await ingest.create(PARTNER, draft(4))
    answered = await ingest.append(PARTNER, upload.id, 0, arriving(b"film"))
    assert (answered.offset, answered.state) == (4, UploadState.UPLOADING)
    hashed.set()
    await ingest.settle()
    assert (await ingest.upload(PARTNER, upload.id)).state is UploadState.RECEIVED
    assert len(await announced(rows, clock)) == 1
