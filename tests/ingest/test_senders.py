"""One sender at a time, and another in place of one that is silent. (I1)"""

import asyncio
import hashlib
from pathlib import Path

import pytest

from tests.conftest import OpenRows
from tests.ingest.sending import Slow, arriving, draft
from tests.ingest.server import PARTNER, ingest_of
from vitascope.engines.rows import Rows
from vitascope.ingest import (
    OffsetConflict,
    UploadBusy,
)
from vitascope.ingest.receive import Silence
from vitascope.ingest.settings import IngestSettings
from vitascope.ingest.upload import RowsIngest
from vitascope.kernel.clock import HeldClock


@pytest.fixture
async def rows(open_rows: OpenRows) -> Rows:
    return await open_rows("ingest")


@pytest.fixture
def ingest(rows: Rows, data: Path, clock: HeldClock) -> RowsIngest:
    return ingest_of(rows, data, clock)


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
