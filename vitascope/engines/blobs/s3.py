"""Blobs in a bucket of an S3 server.

How the words map: `put` is PutObject with `If-None-Match: *` (create only) or without; content
above one part is a multipart upload, whose completion carries the condition. The server answers
when the object is durable, and shows it whole or not at all. `get` and `stream` are GetObject with
a range. `MultipartBlobs` is the server's own multipart upload: its id, the number and the ETag of a
part are ours, unchanged; so completing with the ETags that were noted proves that no other part has
been put in their place.

Permissions: s3:GetObject, PutObject, DeleteObject, AbortMultipartUpload on the bucket's objects;
ListBucket and ListBucketMultipartUploads on the bucket. Costs: a HEAD after each put (for the time
of change), a request per part, one per 1,000 keys listed or deleted. Lifecycle rules are not relied
on: what was begun and never completed is abandoned by those who began it (`under_way`).

A put whose answer got lost is tried again, and may then find its own object in its way. So each
put writes a mark of its own into the object's metadata, and one that finds its mark has succeeded.
"""

import asyncio
import os
import random
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape

import obstore
from obstore.exceptions import GenericError
from obstore.store import S3Store

from vitascope.engines.blobs.contract import (
    MAX_PARTS,
    BlobExists,
    BlobInfo,
    BlobNotFound,
    BlobsUnavailable,
    Multipart,
    PartsGone,
)
from vitascope.engines.blobs.keys import check_key, check_prefix, refuse_everything
from vitascope.engines.blobs.s3_errors import Errors, missing, taken
from vitascope.engines.blobs.s3_parts import chained, file_parts, in_turns, parts_of
from vitascope.engines.blobs.s3_requests import S3Requests
from vitascope.engines.blobs.settings import S3Settings

_WRITER = "writer"  # the object's metadata: who put it
_PIECE = 1 << 20  # bytes of a stream at a time
_MOST_PUTS = 10  # of one object whose folder others delete
_MIB = 1 << 20


class S3Blobs:
    """Objects of one bucket, which must exist. Connects with the first call; `close` it."""

    def __init__(self, settings: S3Settings) -> None:
        self._errors = Errors(settings)
        self._store = _store(settings)
        self._requests = S3Requests(settings, self._errors)
        self.part_bytes = round(settings.part_mib * _MIB)

    async def put(
        self, key: str, content: bytes | AsyncIterator[bytes], *, overwrite: bool = False
    ) -> BlobInfo:
        check_key(key)
        parts = parts_of(content, self.part_bytes)
        first = await anext(parts, b"")
        second = await anext(parts, None)
        if second is None:
            return await self._put_whole(key, first, overwrite)
        return await self._put_parts(key, chained(first, second, parts), overwrite)

    async def put_file(self, key: str, source: Path, *, overwrite: bool = False) -> BlobInfo:
        check_key(key)
        size = (await asyncio.to_thread(source.stat)).st_size
        part_bytes = max(self.part_bytes, -(-size // MAX_PARTS))
        if size <= part_bytes:
            content = await asyncio.to_thread(source.read_bytes)
            return await self._put_whole(key, content, overwrite)
        return await self._put_parts(key, file_parts(source, part_bytes), overwrite)

    async def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        return b"".join([piece async for piece in self.stream(key, start, length)])

    async def stream(
        self, key: str, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        check_key(key)
        if length == 0:  # a range of S3 has one byte at least
            await self._size(key)
            return
        wanted: Any = {"offset": start} if length is None else (start, start + length)
        with self._errors.in_words(key):
            try:
                # an empty object has no range at all
                options: Any = {} if start == 0 and length is None else {"range": wanted}
                found = await obstore.get_async(self._store, key, options=options)
            except GenericError as error:
                if "416 Range Not Satisfiable" in str(error):
                    return
                raise
            async for piece in found.stream(min_chunk_size=_PIECE):
                yield bytes(piece)

    async def info(self, key: str) -> BlobInfo | None:
        check_key(key)
        try:
            with self._errors.in_words(key):
                found = await obstore.head_async(self._store, key)
        except BlobNotFound:
            return None
        return _info(key, found["size"], found["last_modified"])

    async def list(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[BlobInfo]:
        check_prefix(prefix)
        listed: list[BlobInfo] = []
        while len(listed) < limit:
            wanted = min(1000, limit - len(listed))
            page = await self._page(prefix, after, wanted)
            listed += page
            if len(page) < wanted:
                break
            after = page[-1].key
        return listed

    async def delete(self, key: str) -> None:
        check_key(key)
        try:
            with self._errors.in_words(key):
                await obstore.delete_async(self._store, key)
        except BlobNotFound:
            return

    async def delete_prefix(self, prefix: str) -> None:
        refuse_everything(check_prefix(prefix))
        after = ""
        while page := await self.list(prefix, after=after):
            with self._errors.in_words(prefix):
                await obstore.delete_async(self._store, [blob.key for blob in page])
            after = page[-1].key

    async def fetch(self, key: str, to: Path, part: range | None = None) -> Path:
        size = await self._size(key)
        wanted = range(size) if part is None else range(part.start, min(part.stop, size))
        file = await asyncio.to_thread(_open_sparse, to, size)
        try:
            position = wanted.start
            async for piece in self.stream(key, position, max(0, len(wanted))):
                await asyncio.to_thread(_write_at, file, piece, position)
                position += len(piece)
        finally:
            os.close(file)
        return to

    # -- MultipartBlobs

    async def begin(self, key: str) -> Multipart:
        begun = await self._requests.ask("POST", check_key(key), {"uploads": ""})
        at_ms = round(time.time() * 1000)
        return Multipart(key=key, id=begun.text("UploadId"), begun_at_ms=at_ms)

    async def put_part(self, multipart: Multipart, number: int, content: bytes) -> str:
        query = {"partNumber": str(number), "uploadId": multipart.id}
        try:
            put = await self._requests.ask("PUT", multipart.key, query, content=content)
        except BlobsUnavailable:
            # a server that refuses before it has read the part resets the connection: ask it why
            named = {"uploadId": multipart.id, "max-parts": "1"}
            await self._requests.ask("GET", multipart.key, named)
            raise
        return str(put.headers["etag"])

    async def complete(
        self, multipart: Multipart, tags: Sequence[str], *, overwrite: bool = False
    ) -> BlobInfo:
        await self._requests.ask(
            "POST",
            multipart.key,
            {"uploadId": multipart.id},
            content=_parts_list(tags),
            headers={} if overwrite else {"if-none-match": "*"},
        )
        info = await self.info(multipart.key)
        if info is None:
            raise missing(multipart.key)  # deleted since
        return info

    async def abandon(self, multipart: Multipart) -> None:
        with suppress(PartsGone):
            await self._requests.ask("DELETE", multipart.key, {"uploadId": multipart.id})

    async def under_way(self, prefix: str) -> Sequence[Multipart]:
        query = {"uploads": "", "prefix": check_prefix(prefix)}
        told = await self._requests.ask("GET", query=query, about=prefix)
        return [
            Multipart(
                key=one.findtext("{*}Key", ""),
                id=one.findtext("{*}UploadId", ""),
                begun_at_ms=_ms(datetime.fromisoformat(one.findtext("{*}Initiated", ""))),
            )
            for one in told.xml.iterfind("{*}Upload")
        ]

    async def close(self) -> None:
        await self._requests.close()

    # -- below

    async def _put_whole(self, key: str, content: bytes, overwrite: bool) -> BlobInfo:
        mode: Literal["overwrite", "create"] = "overwrite" if overwrite else "create"
        mark = {_WRITER: secrets.token_hex(8)}
        for attempt in range(_MOST_PUTS):
            # versitygw says that it has an object that it does not have, where another deletion
            # removes the folder just then. One that was deleted since may come again as well: that
            # deletion was while this put was under way.
            stored = await self._try_put(key, content, mode, mark)
            if stored and (info := await self.info(key)) is not None:
                return info
            await asyncio.sleep(random.uniform(0, 0.02 * attempt))
        raise BlobsUnavailable(f"The object store does not keep {key}. Try again.")

    async def _try_put(
        self,
        key: str,
        content: bytes,
        mode: Literal["overwrite", "create"],
        mark: Mapping[str, str],
    ) -> bool:
        """Return True if the server says that it has the object, False if it may be asked again."""
        try:
            with self._errors.in_words(key):
                await obstore.put_async(
                    self._store,
                    key,
                    content,
                    mode=mode,
                    use_multipart=False,
                    attributes=dict(mark),
                )
        except BlobExists as error:
            if await self._is_marked(key, mark):
                return True
            if await self._is_no_folder(key, error):
                return False
            raise
        return True

    async def _is_marked(self, key: str, mark: Mapping[str, str]) -> bool:
        """Return True if the object is the one that was put with `mark`."""
        try:
            with self._errors.in_words(key):
                found = await obstore.get_async(self._store, key, options={"head": True})
        except BlobNotFound:
            return False
        return found.attributes.get(_WRITER) == mark[_WRITER]

    async def _is_no_folder(self, key: str, error: BlobExists) -> bool:
        """Return True if the server took `key` for a folder that is not there. versitygw does
        while another deletion removes a folder that has become empty."""
        taken_by_folder = "ExistingObjectIsDirectory" in str(error.__cause__)
        return taken_by_folder and not await self.list(f"{key}/", limit=1)

    async def _put_parts(self, key: str, parts: AsyncIterator[bytes], overwrite: bool) -> BlobInfo:
        if not overwrite and await self.info(key) is not None:
            raise taken(key)
        multipart = await self.begin(key)
        try:
            tags = await in_turns(parts, lambda n, part: self.put_part(multipart, n, part))
            return await self.complete(multipart, tags, overwrite=overwrite)
        except BaseException:
            with suppress(BlobsUnavailable):  # the trouble itself is told, not what it led to
                await asyncio.shield(self.abandon(multipart))
            raise

    async def _page(self, prefix: str, after: str, limit: int) -> Sequence[BlobInfo]:
        query = {"list-type": "2", "prefix": prefix, "max-keys": str(limit)}
        if after:
            query["start-after"] = after
        told = await self._requests.ask("GET", query=query, about=prefix)
        return [
            _info(
                one.findtext("{*}Key", ""),
                int(one.findtext("{*}Size", "0")),
                datetime.fromisoformat(one.findtext("{*}LastModified", "")),
            )
            for one in told.xml.iterfind("{*}Contents")
        ]

    async def _size(self, key: str) -> int:
        info = await self.info(key)
        if info is None:
            raise missing(key)
        return info.size


def _store(settings: S3Settings) -> S3Store:
    given: dict[str, Any] = {}
    if settings.endpoint:
        given["endpoint"] = settings.endpoint
    if settings.access_key_id:
        given["access_key_id"] = settings.access_key_id
        given["secret_access_key"] = settings.secret_access_key
    return S3Store(
        settings.bucket,
        region=settings.region,
        virtual_hosted_style_request=not settings.path_style,
        client_options={
            "allow_http": settings.endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=5),
        },
        retry_config={"max_retries": 8, "retry_timeout": timedelta(seconds=settings.retry_s)},
        **given,
    )


def _parts_list(tags: Sequence[str]) -> bytes:
    parts = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{escape(tag)}</ETag></Part>"
        for number, tag in enumerate(tags, 1)
    )
    return f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()


def _info(key: str, size: int, modified: datetime) -> BlobInfo:
    return BlobInfo(key=key, size=size, modified_at_ms=_ms(modified))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _open_sparse(path: Path, size: int) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.ftruncate(file, size)
    return file


def _write_at(file: int, content: bytes, position: int) -> None:
    view = memoryview(content)
    while view:
        written = os.pwrite(file, view, position)
        view, position = view[written:], position + written
