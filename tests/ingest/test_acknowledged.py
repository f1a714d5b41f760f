"""What counts after a kill, a power cut, a full disk: what was acknowledged, and once. (I1)"""

import asyncio
import errno
import hashlib
import os
from pathlib import Path

import pytest

from tests.conftest import OpenRows
from tests.ingest.sending import announced, arriving, draft
from tests.ingest.server import PARTNER, ingest_of
from vitascope.engines.bus.outbox import RowsOutbox
from vitascope.engines.rows import Rows
from vitascope.ingest import (
    DiskFull,
    UploadState,
)
from vitascope.ingest.jobs import keep_tidy
from vitascope.ingest.part_file import PartFile, boot_id
from vitascope.ingest.upload import RowsIngest
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import Unavailable


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


@pytest.fixture
async def rows(open_rows: OpenRows) -> Rows:
    return await open_rows("ingest")


@pytest.fixture
def ingest(rows: Rows, data: Path, clock: HeldClock) -> RowsIngest:
    return ingest_of(rows, data, clock)


async def test_what_a_kill_left_in_the_folder_is_deleted_and_nothing_else(
    ingest: RowsIngest, data: Path, clock: HeldClock
) -> None:
    begun = await ingest.create(PARTNER, draft(10))
    left, fresh = (PartFile(data / "uploads", name) for name in ("upl_left", "upl_fresh"))
    for part in (left, fresh):
        await asyncio.to_thread(part.make, 10)
    week_s = 7 * 24 * 3600
    now_s = clock.now_ms() / 1000
    for path, age_s in ((left.path, week_s + 60), (fresh.path, week_s - 60)):
        os.utime(path, (now_s - age_s, now_s - age_s))
    under_way = data / "uploads" / f"{begun.id}.part"
    os.utime(under_way, (now_s - week_s - 60, now_s - week_s - 60))
    await ingest.expire()
    assert set((data / "uploads").iterdir()) == {fresh.path, under_way}


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
    def sync(_: int) -> None:
        raise OSError(errno.EIO, "the disk does not answer")

    upload = await ingest.create(PARTNER, draft(1000))
    monkeypatch.setattr(os, "fdatasync", sync)
    with pytest.raises(OSError, match="does not answer"):
        await ingest.append(PARTNER, upload.id, 0, arriving(b"a" * 500))
    cut_the_power(data, upload.id)
    assert (await ingest_of(rows, data, clock).upload(PARTNER, upload.id)).offset == 0


async def test_a_disk_that_fills_up_keeps_what_fitted(
    ingest: RowsIngest, rows: Rows, data: Path, clock: HeldClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = os.pwrite

    def write(file: int, written: bytes, offset: int) -> int:
        if offset >= 500:
            raise OSError(errno.ENOSPC, "No space left on device")
        return honest(file, written, offset)

    upload = await ingest.create(PARTNER, draft(1000))
    monkeypatch.setattr(os, "pwrite", write)
    with pytest.raises(DiskFull):
        await ingest.append(PARTNER, upload.id, 0, arriving(b"a" * 500, b"b" * 500))
    monkeypatch.undo()
    after = ingest_of(rows, data, clock)
    assert (await after.upload(PARTNER, upload.id)).offset == 500
    done = await after.append(PARTNER, upload.id, 500, arriving(b"b" * 500))
    assert done.sha256 == hashlib.sha256(b"a" * 500 + b"b" * 500).hexdigest()


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
