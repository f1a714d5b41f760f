"""I1: files that are sent in pieces, several at once, and joined by the service."""

import asyncio
import hashlib
import itertools
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest

from tests.clocks import PATIENT_S
from tests.conftest import OpenRows
from tests.ingest.sending import MIB, announced, arriving, draft
from tests.ingest.server import OTHER, PARTNER, ingest_of
from vitascope.engines.blobs import Blobs, BlobsUnavailable, S3Settings
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.blobs.s3 import S3Blobs
from vitascope.engines.rows import Rows
from vitascope.ingest import (
    JoinedByService,
    NotYourUpload,
    PieceMissing,
    QuotaExceeded,
    Upload,
    UploadDraft,
    UploadExpired,
    UploadState,
)
from vitascope.ingest.settings import IngestSettings
from vitascope.ingest.staging import piece_key
from vitascope.ingest.upload import RowsIngest
from vitascope.kernel.clock import HeldClock
from vitascope.kernel.errors import Conflict, Invalid
from vitascope.kernel.ids import ContentId, TitleId, UploadId

Another = Callable[..., RowsIngest]
FILM = os.urandom(2 * MIB + 17)
CUTS = (0, 700_001, 700_002, len(FILM))  # the second piece is one byte


@pytest.fixture(params=["disk", "s3"])
async def blobs(request: pytest.FixtureRequest, data: Path) -> AsyncIterator[Blobs]:
    if request.param == "disk":
        yield DiskBlobs(root=data / "blobs")
        return
    settings: S3Settings = request.getfixturevalue("s3")
    bucket = S3Blobs(settings)
    yield bucket
    await bucket.close()


@pytest.fixture
async def rows(open_sqlite: OpenRows) -> Rows:
    return await open_sqlite("ingest")


@pytest.fixture
async def another(rows: Rows, blobs: Blobs, clock: HeldClock, data: Path) -> AsyncIterator[Another]:
    """Ingest as another process has it: it shares rows and objects, and nothing else."""
    async with AsyncExitStack() as stack:

        def open_(settings: IngestSettings | None = None) -> RowsIngest:
            made = ingest_of(rows, data, clock, settings, blobs=blobs)
            stack.push_async_callback(made.close)
            return made

        yield open_


@pytest.fixture
def ingest(another: Another) -> RowsIngest:
    return another()


def a_piece(size: int) -> UploadDraft:
    nothing = {"title_id": TitleId(""), "content_id": ContentId("")}
    return msgspec.structs.replace(draft(size), piece=True, **nothing)


def joined_from(*pieces: Upload) -> UploadDraft:
    return msgspec.structs.replace(draft(0), joined_from=tuple(piece.id for piece in pieces))


async def sent(ingest: RowsIngest, content: bytes) -> Upload:
    begun = await ingest.create(PARTNER, a_piece(len(content)))
    return await ingest.append(PARTNER, begun.id, 0, arriving(content))


async def pieces_of(ingest: RowsIngest, film: bytes = FILM) -> list[Upload]:
    parts = [film[begin:end] for begin, end in itertools.pairwise(CUTS)]
    return list(await asyncio.gather(*(sent(ingest, part) for part in parts)))


async def until_received(ingest: RowsIngest, upload: Upload) -> Upload:
    async with asyncio.timeout(PATIENT_S):
        while upload.state is UploadState.UPLOADING:
            await asyncio.sleep(0.01)
            upload = await ingest.upload(PARTNER, upload.id)
    return upload


async def keys(blobs: Blobs) -> list[str]:
    return [one.key for one in await blobs.list("")]


async def until_dropped(blobs: Blobs, ingest: RowsIngest) -> None:
    """The pieces go a moment after the master has come."""
    async with asyncio.timeout(PATIENT_S):
        while any(key.startswith("pieces/") for key in await keys(blobs)):
            await ingest.settle()
            await asyncio.sleep(0.01)


async def test_pieces_sent_at_once_are_one_master(
    ingest: RowsIngest, blobs: Blobs, rows: Rows, clock: HeldClock
) -> None:
    pieces = await pieces_of(ingest)
    assert [piece.state for piece in pieces] == [UploadState.RECEIVED] * 3
    assert await announced(rows, clock) == []
    begun = await ingest.create(PARTNER, joined_from(*pieces))
    assert begun.draft.size == len(FILM)
    upload = await until_received(ingest, begun)
    assert upload.sha256 == hashlib.sha256(FILM).hexdigest()
    (event,) = await announced(rows, clock)
    assert (event.size, event.sha256) == (len(FILM), upload.sha256)
    assert await blobs.get(event.blob_key) == FILM
    await until_dropped(blobs, ingest)
    assert await keys(blobs) == [event.blob_key]


async def test_pieces_are_joined_in_the_order_in_which_they_are_named(ingest: RowsIngest) -> None:
    first, second, third = await pieces_of(ingest)
    begun = await ingest.create(PARTNER, joined_from(third, first, second))
    wanted = FILM[CUTS[2] :] + FILM[: CUTS[2]]
    upload = await until_received(ingest, begun)
    assert upload.sha256 == hashlib.sha256(wanted).hexdigest()


async def test_what_broke_off_goes_on_in_the_middle_of_a_piece(
    another: Another, blobs: Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest, stream = another(), blobs.stream
    read: list[tuple[str, int]] = []

    async def breaking(key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        read.append((key, start))
        async for some in stream(key, start, 300_000):
            yield some
        raise BlobsUnavailable("The store went away.")

    pieces = await pieces_of(ingest)
    with monkeypatch.context() as patched:
        patched.setattr(blobs, "stream", breaking)
        begun = await ingest.create(PARTNER, joined_from(*pieces))
        async with asyncio.timeout(PATIENT_S):
            while (begun := await ingest.upload(PARTNER, begun.id)).offset < 300_000:
                await asyncio.sleep(0.01)
    assert read == [(piece_key(pieces[0].id), 0)]
    next_one = another()
    async with asyncio.timeout(PATIENT_S):
        while begun.state is UploadState.UPLOADING:
            await next_one.settle()  # as often as the service does: the first may not have ended
            await asyncio.sleep(0.01)
            begun = await next_one.upload(PARTNER, begun.id)
    upload = begun
    assert upload.sha256 == hashlib.sha256(FILM).hexdigest()
    await until_dropped(blobs, next_one)


async def test_a_piece_is_used_once_and_when_it_is_whole(ingest: RowsIngest) -> None:
    begun = await ingest.create(PARTNER, a_piece(10))
    with pytest.raises(PieceMissing):
        await ingest.create(PARTNER, joined_from(begun))
    no_piece = await ingest.create(PARTNER, draft(4))
    no_piece = await ingest.append(PARTNER, no_piece.id, 0, arriving(b"film"))
    with pytest.raises(PieceMissing):
        await ingest.create(PARTNER, joined_from(no_piece))
    pieces = await pieces_of(ingest)
    both = await asyncio.gather(
        *(ingest.create(PARTNER, joined_from(*pieces)) for _ in range(2)), return_exceptions=True
    )
    assert [type(one) for one in both if isinstance(one, Exception)] == [PieceMissing]
    (upload,) = [one for one in both if isinstance(one, Upload)]
    await until_received(ingest, upload)


async def test_what_cannot_be_joined_is_refused(ingest: RowsIngest) -> None:
    piece = await sent(ingest, b"film")
    with pytest.raises(NotYourUpload):
        await ingest.create(OTHER, joined_from(piece))
    with pytest.raises(Invalid):
        await ingest.create(PARTNER, joined_from(piece, piece))
    many = tuple(UploadId(f"upl_{n}") for n in range(65))
    with pytest.raises(Invalid, match="at most 64 pieces"):
        await ingest.create(PARTNER, msgspec.structs.replace(draft(0), joined_from=many))


async def test_nobody_sends_to_what_the_service_joins(ingest: RowsIngest) -> None:
    begun = await ingest.create(PARTNER, joined_from(await sent(ingest, b"film")))
    with pytest.raises(JoinedByService):
        await ingest.append(PARTNER, begun.id, 0, arriving(b"other"))
    await until_received(ingest, begun)


async def test_a_film_and_its_pieces_count_once_towards_the_quota(
    another: Another,
) -> None:
    quota = IngestSettings(keep_free_gib=0, quota_gib=1.5 * len(FILM) / (1 << 30))
    ingest = another(quota)
    pieces = await pieces_of(ingest)
    assert (await ingest.quota(PARTNER)).used_bytes == len(FILM)
    with pytest.raises(QuotaExceeded):
        await ingest.create(PARTNER, a_piece(len(FILM)))
    begun = await ingest.create(PARTNER, joined_from(*pieces))
    assert (await ingest.quota(PARTNER)).used_bytes == len(FILM)
    await until_received(ingest, begun)
    assert (await ingest.quota(PARTNER)).used_bytes == len(FILM)


async def test_a_piece_that_nobody_joins_expires(
    ingest: RowsIngest, blobs: Blobs, clock: HeldClock
) -> None:
    piece = await sent(ingest, b"film")
    assert len(await keys(blobs)) == 1
    clock.advance(8 * 24 * 3600)
    assert await ingest.expire() == 1
    assert await keys(blobs) == []
    assert (await ingest.quota(PARTNER)).used_bytes == 0
    with pytest.raises(UploadExpired):
        await ingest.upload(PARTNER, piece.id)


async def test_a_whole_piece_can_be_cancelled_and_a_master_cannot(
    ingest: RowsIngest, blobs: Blobs
) -> None:
    piece = await sent(ingest, b"film")
    await ingest.terminate(PARTNER, piece.id)
    assert await keys(blobs) == []
    pieces = await pieces_of(ingest)
    upload = await until_received(ingest, await ingest.create(PARTNER, joined_from(*pieces)))
    with pytest.raises(Conflict):
        await ingest.terminate(PARTNER, upload.id)


async def test_what_is_being_joined_can_be_cancelled_and_nothing_stays(
    ingest: RowsIngest, blobs: Blobs
) -> None:
    begun = await ingest.create(PARTNER, joined_from(*await pieces_of(ingest)))
    await ingest.terminate(PARTNER, begun.id)
    await ingest.settle()
    assert await keys(blobs) == []
    assert (await ingest.quota(PARTNER)).used_bytes == 0


async def test_pieces_are_not_among_the_uploads_of_the_studio(ingest: RowsIngest) -> None:
    begun = await ingest.create(PARTNER, joined_from(*await pieces_of(ingest)))
    await ingest.create(PARTNER, a_piece(10))
    assert [one.id for one in await ingest.uploads(PARTNER)] == [begun.id]
    await until_received(ingest, begun)
