"""G5: the blobs port: whole and durable when the call returns, or not there at all."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from vitascope.engines import durable
from vitascope.engines.blobs import (
    BadBlobKey,
    BlobExists,
    BlobNotFound,
    Blobs,
    BlobsUnavailable,
    LocalBlobs,
    MultipartBlobs,
    S3Settings,
)
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.blobs.s3 import S3Blobs


@pytest.fixture
def root(data: Path) -> Path:
    return data / "blobs"


@pytest.fixture(params=["disk", "s3"])
async def blobs(request: pytest.FixtureRequest, root: Path) -> AsyncIterator[Blobs]:
    if request.param == "disk":
        yield DiskBlobs(root=root)
    else:
        settings: S3Settings = request.getfixturevalue("s3")
        store = S3Blobs(msgspec.structs.replace(settings, part_mib=5))
        yield store
        await store.close()


@pytest.fixture
def disk(root: Path) -> DiskBlobs:
    return DiskBlobs(root=root)


async def pieces(*contents: bytes) -> AsyncIterator[bytes]:
    for content in contents:
        yield content


async def streamed(blobs: Blobs, key: str, start: int = 0, length: int | None = None) -> bytes:
    return b"".join([piece async for piece in blobs.stream(key, start, length)])


async def test_what_is_put_is_got_whole_and_in_ranges(blobs: Blobs) -> None:
    info = await blobs.put("masters/mas_1/bytes", b"0123456789")
    assert (info.key, info.size) == ("masters/mas_1/bytes", 10)
    assert await blobs.info("masters/mas_1/bytes") == info
    for read in (blobs.get, lambda *given: streamed(blobs, *given)):
        assert await read("masters/mas_1/bytes") == b"0123456789"
        assert await read("masters/mas_1/bytes", 3, 4) == b"3456"
        assert await read("masters/mas_1/bytes", 8) == b"89"
        assert await read("masters/mas_1/bytes", 8, 100) == b"89"
        assert await read("masters/mas_1/bytes", 50) == b""
        assert await read("masters/mas_1/bytes", 0, 0) == b""


async def test_content_may_come_in_pieces_larger_than_memory_should_hold(blobs: Blobs) -> None:
    piece = os.urandom(700_000)
    info = await blobs.put("big", pieces(*[piece] * 4))
    assert info.size == 2_800_000
    assert await streamed(blobs, "big", 700_000, 1_400_000) == piece * 2


async def test_a_key_keeps_its_content_unless_told_to_overwrite(blobs: Blobs) -> None:
    await blobs.put("a", b"old")
    with pytest.raises(BlobExists):
        await blobs.put("a", b"new")
    assert await blobs.get("a") == b"old"
    await blobs.put("a", b"new", overwrite=True)
    assert await blobs.get("a") == b"new"


@pytest.mark.parametrize("size", [1000, 5_300_000])
async def test_of_many_that_put_one_key_at_once_one_wins(blobs: Blobs, size: int) -> None:
    contents = [bytes([n]) * size for n in range(12)]
    answers = await asyncio.gather(
        *(blobs.put("k/v", content) for content in contents), return_exceptions=True
    )
    winners = [n for n, answer in enumerate(answers) if not isinstance(answer, BlobExists)]
    assert len(winners) == 1
    assert await blobs.get("k/v") == contents[winners[0]]


@pytest.mark.parametrize("size", [2_000_000, 12_000_000])
async def test_content_that_breaks_off_leaves_nothing(blobs: Blobs, root: Path, size: int) -> None:
    async def breaks() -> AsyncIterator[bytes]:
        yield b"x" * size
        raise ConnectionResetError("the sender is gone")

    with pytest.raises(ConnectionResetError):
        await blobs.put("half", breaks())
    assert await blobs.info("half") is None
    if isinstance(blobs, MultipartBlobs):
        assert await blobs.under_way("") == []
    else:
        assert [path for path in root.rglob("*") if path.is_file()] == []


async def test_a_file_is_put_and_stays_where_it_is(blobs: Blobs, data: Path) -> None:
    source = data / "film.mp4"
    source.write_bytes(b"film")
    await blobs.put_file("films/film", source)
    assert source.read_bytes() == b"film"
    assert await blobs.get("films/film") == b"film"
    if isinstance(blobs, LocalBlobs):
        assert os.path.samefile(blobs.path("films/film"), source)
    with pytest.raises(BlobExists):
        await blobs.put_file("films/film", source)
    other = data / "other.mp4"
    other.write_bytes(b"other")
    await blobs.put_file("films/film", other, overwrite=True)
    assert await blobs.get("films/film") == b"other"


async def test_a_large_file_is_put_whole(blobs: Blobs, data: Path) -> None:
    source = data / "film.mp4"
    source.write_bytes(content := os.urandom(23_456_789))
    assert (await blobs.put_file("film", source)).size == len(content)
    local = await blobs.fetch("film", data / "to")
    assert local.read_bytes() == content
    with pytest.raises(BlobExists):
        await blobs.put_file("film", source)


async def test_a_file_on_another_disk_is_copied(
    disk: DiskBlobs, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = data / "film.mp4"
    source.write_bytes(b"film")
    link = os.link

    def other_disk(here: Path, there: Path) -> None:
        if here == source:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        link(here, there)

    monkeypatch.setattr(os, "link", other_disk)
    await disk.put_file("film", source)
    assert await disk.get("film") == b"film"


async def test_what_is_not_there_is_not_found(blobs: Blobs, data: Path) -> None:
    await blobs.put("folder/a", b"x")
    for key in ("none", "folder", "folder/a/b"):
        assert await blobs.info(key) is None
        with pytest.raises(BlobNotFound):
            await blobs.get(key)
        with pytest.raises(BlobNotFound):
            await streamed(blobs, key)
        with pytest.raises(BlobNotFound):
            await blobs.fetch(key, data / "to")
        if key != "folder":
            await blobs.delete(key)


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".incoming/x", "a\0b", "a b", "a\\b"]
)
async def test_a_key_that_could_lead_elsewhere_is_refused(blobs: Blobs, key: str) -> None:
    for ask in (blobs.get(key), blobs.put(key, b"x"), blobs.info(key), blobs.delete(key)):
        with pytest.raises(BadBlobKey):
            await ask
    with pytest.raises(BadBlobKey):
        await streamed(blobs, key)


async def test_objects_are_listed_by_prefix_and_deleted_by_prefix(blobs: Blobs) -> None:
    for key in ("a/2", "a/1", "a/b/3", "ab", "c"):
        await blobs.put(key, b"x")
    assert [blob.key for blob in await blobs.list("a/")] == ["a/1", "a/2", "a/b/3"]
    assert [blob.key for blob in await blobs.list("a")] == ["a/1", "a/2", "a/b/3", "ab"]
    assert len(await blobs.list("")) == 5
    assert [blob.key for blob in await blobs.list("a", limit=2)] == ["a/1", "a/2"]
    assert [blob.key for blob in await blobs.list("a", after="a/2", limit=2)] == ["a/b/3", "ab"]
    assert await blobs.list("nothing/here") == []
    await blobs.delete_prefix("a/")
    assert [blob.key for blob in await blobs.list("")] == ["ab", "c"]
    with pytest.raises(BadBlobKey):
        await blobs.delete_prefix("")
    with pytest.raises(BadBlobKey):
        await blobs.list("../")


async def test_putting_beside_a_deletion_that_empties_the_folder(blobs: Blobs) -> None:
    async def put_and_delete(n: int) -> None:
        for turn in range(10):
            await blobs.put(f"busy/place/{n}-{turn}", b"x")
            await blobs.delete(f"busy/place/{n}-{turn}")

    await asyncio.gather(*(put_and_delete(n) for n in range(6)))
    assert await blobs.list("") == []


async def test_bytes_and_name_are_synced_before_the_call_returns(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, link = os.fsync, os.link

    def note_sync(descriptor: int) -> None:
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        done.append("bytes" if "/.incoming/" in path else path.removeprefix(str(root.parent)))
        fsync(descriptor)

    def note_link(here: Path, there: Path) -> None:
        done.append("name")
        link(here, there)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "link", note_link)
    await DiskBlobs(root=root).put("films/a", b"x")
    assert done.index("bytes") < done.index("name")
    assert done[done.index("name") + 1 :] == ["/blobs/films"]
    assert {"", "/blobs"} <= set(done[: done.index("name")])  # the new folders' own names


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
async def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing(
    disk: DiskBlobs, root: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def full(_path: Path) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(durable, "sync_file", full)
        with pytest.raises(BlobsUnavailable, match=r"is full.*free some space"):
            await disk.put("a", b"x")
    assert [path for path in root.rglob("*") if path.is_file()] == []
    await disk.put("a", b"x")


async def test_what_a_crash_left_is_tidied_after_a_day(root: Path) -> None:
    incoming = root / ".incoming"
    incoming.mkdir(parents=True)
    (incoming / "old").write_bytes(b"x")
    os.utime(incoming / "old", (0, 0))
    (incoming / "young").write_bytes(b"x")
    await DiskBlobs(root=root).put("a", b"x")
    assert [path.name for path in incoming.iterdir()] == ["young"]


async def test_what_is_fetched_has_the_bytes(blobs: Blobs, data: Path) -> None:
    await blobs.put("a/b", b"x")
    local = await blobs.fetch("a/b", data / "to")
    assert local.read_bytes() == b"x"


async def test_a_fetched_part_stands_at_its_own_offset(blobs: Blobs, data: Path) -> None:
    content = os.urandom(3_000_000)
    await blobs.put("film", content)
    part = range(1_000_000, 1_000_700)
    local = await blobs.fetch("film", data / "to", part)
    assert local.stat().st_size == len(content)
    assert read_part(local, part) == content[part.start : part.stop]
    beyond = range(2_999_000, 4_000_000)
    assert await blobs.fetch("film", data / "to", beyond) == local
    assert read_part(local, part) == content[part.start : part.stop]
    assert read_part(local, beyond) == content[beyond.start :]
    assert await blobs.fetch("film", data / "to", range(5_000_000, 6_000_000)) == local
    with pytest.raises(BlobNotFound):
        await blobs.fetch("none", data / "to", part)


def read_part(file: Path, part: range) -> bytes:
    with file.open("rb") as opened:
        opened.seek(part.start)
        return opened.read(len(part))


async def test_no_key_is_the_folder_of_another(blobs: Blobs) -> None:
    await blobs.put("films/a", b"x")
    await blobs.put("file", b"x")
    for overwrite in (False, True):
        with pytest.raises(BlobExists):
            await blobs.put("films", b"y", overwrite=overwrite)
        with pytest.raises(BlobExists):
            await blobs.put("file/b", b"y", overwrite=overwrite)
    assert [blob.key for blob in await blobs.list("f")] == ["file", "films/a"]
