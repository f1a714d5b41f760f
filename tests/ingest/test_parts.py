"""Uploads as parts in a real object store: durable when acknowledged, one sender, one master."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from tests.conftest import OpenRows
from tests.ingest.sending import MIB, Slow, announced, arriving, draft
from tests.ingest.server import PARTNER, ingest_of
from vitascope.engines.blobs import MAX_PARTS, MIN_PART_BYTES, S3Settings
from vitascope.engines.blobs.s3 import S3Blobs
from vitascope.engines.rows import Rows
from vitascope.ingest import store
from vitascope.ingest.contract import (
    ChecksumMismatch,
    Upload,
    UploadBusy,
    UploadExpired,
    UploadState,
)
from vitascope.ingest.part_staging import part_bytes
from vitascope.ingest.staging import key_of
from vitascope.ingest.upload import RowsIngest
from vitascope.kernel.clock import HeldClock

PART = 5 * MIB
Another = Callable[[], RowsIngest]


@pytest.fixture
async def blobs(s3: S3Settings) -> AsyncIterator[S3Blobs]:
    store = S3Blobs(msgspec.structs.replace(s3, part_mib=5))
    yield store
    await store.close()


@pytest.fixture
async def rows(open_rows: OpenRows) -> Rows:
    return await open_rows("ingest")


@pytest.fixture
def another(rows: Rows, blobs: S3Blobs, clock: HeldClock, data: Path) -> Another:
    """Ingest as another process has it: it shares rows and objects, and nothing else."""
    return lambda: ingest_of(rows, data, clock, blobs=blobs)


@pytest.fixture
def ingest(another: Another) -> RowsIngest:
    return another()


async def until_received(ingest: RowsIngest, upload: Upload) -> Upload:
    await ingest.settle()
    return await ingest.upload(PARTNER, upload.id)


async def test_the_last_byte_makes_a_master_of_the_parts(
    ingest: RowsIngest, blobs: S3Blobs, rows: Rows, clock: HeldClock, data: Path
) -> None:
    film = os.urandom(2 * PART + 17)
    upload = await ingest.create(PARTNER, draft(len(film)))
    at = 0
    for size in (1_300_001, 7 * MIB, len(film)):
        upload = await ingest.append(PARTNER, upload.id, at, arriving(film[at : at + size]))
        at = upload.offset
    upload = await until_received(ingest, upload)
    assert upload.sha256 == hashlib.sha256(film).hexdigest()
    (event,) = await announced(rows, clock)
    assert await blobs.get(event.blob_key) == film
    assert [blob.key for blob in await blobs.list("")] == [event.blob_key]
    assert await blobs.under_way("") == []
    assert not (data / "uploads").exists()


async def test_each_request_may_come_to_another_process(another: Another, blobs: S3Blobs) -> None:
    """So what a process acknowledged is in rows and objects when it answers."""
    film = os.urandom(PART + 3 * MIB)
    upload = await another().create(PARTNER, draft(len(film)))
    for at in range(0, len(film), MIB):
        assert (await another().upload(PARTNER, upload.id)).offset == at
        piece = arriving(film[at : at + MIB])
        upload = await another().append(PARTNER, upload.id, at, piece)
    upload = await until_received(another(), upload)
    assert upload.sha256 == hashlib.sha256(film).hexdigest()
    assert await blobs.get(key_of(upload)) == film


async def test_a_part_with_a_checksum_counts_as_a_whole_or_not_at_all(
    ingest: RowsIngest, blobs: S3Blobs
) -> None:
    film = os.urandom(PART + MIB)
    upload = await ingest.create(PARTNER, draft(len(film)))
    wrong = arriving(bytes(len(film)))
    digest = hashlib.sha256(film).digest()
    with pytest.raises(ChecksumMismatch):
        await ingest.append(PARTNER, upload.id, 0, wrong, checksum=("sha256", digest))
    assert (await ingest.upload(PARTNER, upload.id)).offset == 0
    await ingest.append(PARTNER, upload.id, 0, arriving(film), checksum=("sha256", digest))
    upload = await until_received(ingest, upload)
    assert upload.sha256 == digest.hex()
    assert await blobs.get(key_of(upload)) == film


async def test_one_sender_at_a_time_over_all_processes(another: Another) -> None:
    upload = await another().create(PARTNER, draft(2000))
    slow, first, second = Slow(), another(), another()
    sending = asyncio.create_task(
        first.append(PARTNER, upload.id, 0, slow.chunks(b"a" * 1000, b"a" * 500))
    )
    await slow.heard.wait()
    with pytest.raises(UploadBusy):
        await second.append(PARTNER, upload.id, 0, arriving(b"b" * 1000))
    slow.go.set()
    assert (await sending).offset == 1500
    assert (await second.append(PARTNER, upload.id, 1500, arriving(b"b"))).offset == 1501


async def test_the_claim_of_a_dead_sender_lapses(
    another: Another, rows: Rows, clock: HeldClock
) -> None:
    upload = await another().create(PARTNER, draft(2000))
    until_ms = clock.now_ms() + 3000
    await rows.write(lambda c: store.claim(c, upload.id, "dead", clock.now_ms(), until_ms))
    with pytest.raises(UploadBusy):
        await another().append(PARTNER, upload.id, 0, arriving(b"x"))
    clock.advance(3)
    assert (await another().append(PARTNER, upload.id, 0, arriving(b"x"))).offset == 1


async def test_one_that_lost_its_claim_moves_nothing(
    another: Another, rows: Rows, clock: HeldClock
) -> None:
    upload = await another().create(PARTNER, draft(2000))
    slow, first = Slow(), another()
    sending = asyncio.create_task(first.append(PARTNER, upload.id, 0, slow.chunks(b"a", b"a")))
    await slow.heard.wait()
    now_ms = clock.now_ms() + 3000  # as another machine sees it, when this one hangs
    await rows.write(lambda c: store.claim(c, upload.id, "other", now_ms, now_ms + 9000))
    slow.go.set()
    with pytest.raises(UploadBusy):
        await sending
    assert (await another().upload(PARTNER, upload.id)).offset == 0


async def test_a_part_that_a_stranger_put_makes_no_master(
    another: Another, blobs: S3Blobs, rows: Rows, clock: HeldClock
) -> None:
    film = os.urandom(PART + 1)
    upload = await another().create(PARTNER, draft(len(film)))
    await another().append(PARTNER, upload.id, 0, arriving(film[:PART]))
    (multipart,) = await blobs.under_way("")
    await blobs.put_part(multipart, 1, bytes(PART))
    with pytest.raises(Exception, match="are not those that were put"):
        await another().append(PARTNER, upload.id, PART, arriving(film[PART:]))
    assert await announced(rows, clock) == []
    assert await blobs.info(key_of(upload)) is None


async def test_a_death_before_the_announcement_is_made_good(
    another: Another, blobs: S3Blobs, rows: Rows, clock: HeldClock
) -> None:
    film = os.urandom(PART + 1)
    upload = await another().create(PARTNER, draft(len(film)))
    await another().append(PARTNER, upload.id, 0, arriving(film[:-1]))
    writer = await another()._staging.open(upload, another()._hash(upload))
    assert writer is not None
    await writer.write(film[-1:])
    await writer.settle()
    (multipart,) = await blobs.under_way("")
    tags = await rows.read(lambda c: store.tags(c, upload.id))
    await blobs.complete(multipart, tags)  # and here it dies
    upload = await until_received(another(), upload)
    assert upload.sha256 == hashlib.sha256(film).hexdigest()
    assert len(await announced(rows, clock)) == 1
    assert await blobs.get(key_of(upload)) == film


async def test_what_is_given_up_leaves_no_part(
    ingest: RowsIngest, blobs: S3Blobs, clock: HeldClock
) -> None:
    stopped = await ingest.create(PARTNER, draft(PART * 2))
    await ingest.append(PARTNER, stopped.id, 0, arriving(b"x" * (PART + 5)))
    assert [blob.key for blob in await blobs.list("")] == [f"uploads/{stopped.id}/{PART + 5}"]
    await ingest.terminate(PARTNER, stopped.id)
    assert (await blobs.list(""), await blobs.under_way("")) == ([], [])

    late = await ingest.create(PARTNER, draft(PART * 2))
    await ingest.append(PARTNER, late.id, 0, arriving(b"x" * 5))
    orphan = await blobs.begin("masters/orphan/bytes")
    await ingest.expire()
    assert len(await blobs.under_way("")) == 2
    # an hour more than expire_h, and more than the server's clock may differ from the held one
    clock.advance(orphan.begun_at_ms / 1000 + 169 * 3600)
    assert await ingest.expire() == 1
    assert (await blobs.list(""), await blobs.under_way("")) == ([], [])
    assert (await ingest.quota(PARTNER)).used_bytes == 0
    with pytest.raises(UploadExpired):
        await ingest.upload(PARTNER, late.id)
    assert [u.state for u in await ingest.uploads(PARTNER)] == [UploadState.EXPIRED]


@pytest.mark.parametrize("size", [1, 100 * 10**9, 500 << 30, 5 << 40])
def test_a_master_of_any_size_has_few_enough_parts_of_the_least_size(size: int) -> None:
    part = part_bytes(size, 8 * MIB)
    assert part >= MIN_PART_BYTES
    assert -(-size // part) <= MAX_PARTS
    assert part % MIB == 0
