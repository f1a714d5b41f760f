"""What only an object store has: parts, its refusals, and its absence."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import obstore
import pytest

from tests.clocks import PATIENT_S
from vitascope.engines.blobs import (
    MIN_PART_BYTES,
    BlobExists,
    BlobsUnavailable,
    Multipart,
    MultipartBlobs,
    PartsGone,
    S3Settings,
)
from vitascope.engines.blobs.s3 import S3Blobs

PART = os.urandom(MIN_PART_BYTES)


@asynccontextmanager
async def opened(settings: S3Settings, **changed: Any) -> AsyncIterator[S3Blobs]:
    blobs = S3Blobs(msgspec.structs.replace(settings, **changed))
    yield blobs
    await blobs.close()


@pytest.fixture
async def blobs(s3: S3Settings) -> AsyncIterator[S3Blobs]:
    async with opened(s3) as blobs:
        yield blobs


async def test_an_object_is_put_together_by_several_processes(s3: S3Settings) -> None:
    async with opened(s3) as first:
        multipart = await first.begin("masters/m/bytes")
    kept, tags = msgspec.json.encode(multipart), []
    for number, content in enumerate((PART, PART[::-1], b"the rest"), 1):
        async with opened(s3) as another:
            again = msgspec.json.decode(kept, type=Multipart)
            tags.append(await another.put_part(again, number, content))
            assert await another.info("masters/m/bytes") is None
    async with opened(s3) as last:
        info = await last.complete(multipart, tags)
        assert info.size == 2 * MIN_PART_BYTES + 8
        assert await last.get("masters/m/bytes") == PART + PART[::-1] + b"the rest"


async def test_a_part_is_put_again_in_place_of_the_first(blobs: S3Blobs) -> None:
    multipart = await blobs.begin("a")
    await blobs.put_part(multipart, 1, PART)
    tag = await blobs.put_part(multipart, 1, PART[::-1])
    await blobs.complete(multipart, [tag])
    assert await blobs.get("a") == PART[::-1]


async def test_a_part_that_another_one_put_in_its_place_is_noticed(blobs: S3Blobs) -> None:
    multipart = await blobs.begin("a")
    noted = await blobs.put_part(multipart, 1, PART)
    await blobs.put_part(multipart, 1, PART[::-1])
    with pytest.raises(PartsGone):
        await blobs.complete(multipart, [noted])
    assert await blobs.info("a") is None


async def test_what_is_under_way_is_told_and_can_be_abandoned(blobs: S3Blobs) -> None:
    assert isinstance(blobs, MultipartBlobs)
    first, other = await blobs.begin("masters/a"), await blobs.begin("films/b")
    await blobs.put_part(first, 1, PART)
    (told,) = await blobs.under_way("masters/")
    assert (told.key, told.id) == (first.key, first.id)
    assert abs(told.begun_at_ms - first.begun_at_ms) < 3_600_000
    await blobs.abandon(first)
    await blobs.abandon(first)
    assert [one.id for one in await blobs.under_way("")] == [other.id]
    with pytest.raises(PartsGone):
        await blobs.put_part(first, 2, PART)


async def test_an_object_that_the_server_only_says_to_have_is_put_again(
    blobs: S3Blobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, answers = obstore.put_async, ["stored"] * 2

    async def put_or_say_so(*args: Any, **options: Any) -> Any:
        return answers.pop() if answers else await put(*args, **options)

    monkeypatch.setattr(obstore, "put_async", put_or_say_so)
    assert (await blobs.put("a", b"whole")).size == 5
    assert await blobs.get("a") == b"whole"
    answers += ["stored"] * 100
    with pytest.raises(BlobsUnavailable, match="does not keep b"):
        await blobs.put("b", b"whole")


async def test_completing_over_an_object_is_refused_unless_told(blobs: S3Blobs) -> None:
    await blobs.put("a", b"old")
    multipart = await blobs.begin("a")
    tag = await blobs.put_part(multipart, 1, PART)
    with pytest.raises(BlobExists):
        await blobs.complete(multipart, [tag])
    assert await blobs.get("a") == b"old"
    await blobs.complete(multipart, [tag], overwrite=True)
    assert await blobs.get("a") == PART


async def test_a_fetched_part_transfers_nothing_else(blobs: S3Blobs, data: Path) -> None:
    await blobs.put("film", os.urandom(20_000_000))
    local = await blobs.fetch("film", data / "to", range(9_000_000, 9_100_000))
    assert local.stat().st_size == 20_000_000
    assert local.stat().st_blocks * 512 < 1_000_000  # holes: never written, so never transferred


async def test_more_than_a_page_is_listed_and_deleted(blobs: S3Blobs) -> None:
    for n in range(7):
        await blobs.put(f"p/{n}", b"x")
    pages, after = [], ""
    while page := await blobs.list("p/", after=after, limit=3):
        pages.append([blob.key for blob in page])
        after = page[-1].key
    assert pages == [["p/0", "p/1", "p/2"], ["p/3", "p/4", "p/5"], ["p/6"]]
    await blobs.delete_prefix("p/")
    assert await blobs.list("") == []


async def test_a_store_that_does_not_answer_is_unavailable(s3: S3Settings, data: Path) -> None:
    (data / "f").write_bytes(b"x")
    async with opened(s3, endpoint="http://127.0.0.1:1", retry_s=0.2) as gone:
        for ask in (
            gone.get("a"),
            gone.put("a", b"x"),
            gone.info("a"),
            gone.list(""),
            gone.delete("a"),
            gone.delete_prefix("a"),
            gone.fetch("a", data / "to"),
            gone.put_file("a", data / "f"),
            gone.begin("a"),
        ):
            with pytest.raises(BlobsUnavailable, match=r"object store at http://127.0.0.1:1"):
                await ask


async def test_a_request_under_way_ends_before_its_connection_is_closed(s3: S3Settings) -> None:
    asked, may_answer, hung_up = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await may_answer.wait()
        body = b"<a><UploadId>one</UploadId></a>"
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        if not await reader.read(1):
            hung_up.set()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with opened(s3, endpoint=f"http://127.0.0.1:{port}") as blobs:
            beginning = asyncio.create_task(blobs.begin("a"))
            await asyncio.wait_for(asked.wait(), PATIENT_S)
        may_answer.set()
        assert (await beginning).id == "one"
        await asyncio.wait_for(hung_up.wait(), PATIENT_S)
    with pytest.raises(BlobsUnavailable):
        await blobs.begin("b")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"bucket": "no-such-bucket"}, r"no bucket 'no-such-bucket'.*\[s3\] bucket"),
        ({"secret_access_key": "not-the-secret"}, r"refuses our credentials"),
    ],
)
async def test_a_wrong_setting_is_told_and_no_secret(
    s3: S3Settings, wrong: dict[str, str], told: str
) -> None:
    async with opened(s3, **wrong) as blobs:
        for ask in (blobs.get("a"), blobs.put("a", b"x"), blobs.list(""), blobs.begin("a")):
            with pytest.raises(BlobsUnavailable, match=told) as refused:
                await ask
            assert "secret" not in refused.value.detail.replace("secret_access_key", "")


def test_credentials_are_not_shown(s3: S3Settings) -> None:
    assert s3.secret_access_key not in repr(s3) + str(s3) + repr(S3Blobs(s3).__dict__)


async def test_credentials_may_come_from_the_environment(
    s3: S3Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.secret_access_key)
    async with opened(s3, access_key_id="", secret_access_key="") as blobs:
        await blobs.put("a", b"x")
        assert [blob.key for blob in await blobs.list("")] == ["a"]
