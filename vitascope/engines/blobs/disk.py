"""Blobs in a directory: an object is a file, its key the path below the root.

How the words map: `put` writes a file under `.incoming/`, syncs it, and gives it its name by a
hard link (which fails when the name is taken) or by a rename (which replaces), then syncs the
folder; so an object is whole and on disk when the call returns, and never half there. `put_file`
links the source itself when both lie on one file system: no byte is copied, and the source must
not be changed afterwards. `.incoming/` is emptied of what a crash left a day ago.

obstore's local store is not used: it syncs nothing and cannot link. Permissions: the service's
user must be able to write to the root. Costs: two fsyncs for an object, more for a new folder.
"""

import asyncio
import errno
import heapq
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from vitascope.engines import durable
from vitascope.engines.blobs.contract import (
    BlobExists,
    BlobInfo,
    BlobNotFound,
    BlobsFull,
    BlobsUnavailable,
)
from vitascope.engines.blobs.keys import check_key, check_prefix, refuse_everything

T = TypeVar("T")

_TAKEN = "The key {} is taken, by an object or by a folder of objects."
_CHUNK = 1 << 20  # bytes moved by one hop to a thread
_LEFT_BEHIND_S = 24 * 3600
_LINK_REFUSED = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP}


class DiskBlobs:
    """Objects below `root`, which is made when the first is put."""

    def __init__(self, *, root: Path) -> None:
        self._root = root
        self._incoming = root / ".incoming"
        self._tidied = False

    async def put(
        self, key: str, content: bytes | AsyncIterator[bytes], *, overwrite: bool = False
    ) -> BlobInfo:
        final = self.path(key)
        if not overwrite and await self._in_thread(final.exists):
            raise BlobExists(_TAKEN.format(key))
        prepared = await self._in_thread(self._new_incoming)
        try:
            await self._write(prepared, content)
            return await self._in_thread(self._place, key, prepared, overwrite)
        finally:
            await self._in_thread(prepared.unlink, True)

    async def put_file(self, key: str, source: Path, *, overwrite: bool = False) -> BlobInfo:
        self.path(key)
        return await self._in_thread(self._put_file, key, source, overwrite)

    async def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        return await self._in_thread(self._read, key, start, length)

    async def stream(
        self, key: str, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        file = await self._in_thread(self._open, key)
        try:
            left = length
            while left is None or left > 0:
                want = _CHUNK if left is None else min(_CHUNK, left)
                piece = await self._in_thread(os.pread, file, want, start)
                if not piece:
                    return
                yield piece
                start += len(piece)
                left = None if left is None else left - len(piece)
        finally:
            os.close(file)

    async def info(self, key: str) -> BlobInfo | None:
        self.path(key)
        return await self._in_thread(self._info, key)

    async def list(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[BlobInfo]:
        check_prefix(prefix)
        return [*await self._in_thread(self._listed, prefix, after, limit)]

    async def delete(self, key: str) -> None:
        self.path(key)
        await self._in_thread(self._delete, key)

    async def delete_prefix(self, prefix: str) -> None:
        refuse_everything(check_prefix(prefix))
        after = ""
        while page := await self.list(prefix, after=after):
            for blob in page:
                await self.delete(blob.key)
            after = page[-1].key

    async def fetch(self, key: str, to: Path, part: range | None = None) -> Path:
        if await self.info(key) is None:
            raise _missing(key)
        return self.path(key)

    def path(self, key: str) -> Path:
        """Returns the file that holds, or would hold, an object. Raises `BadBlobKey`."""
        return self._root / check_key(key)

    async def _in_thread(self, work: Callable[..., T], *given: object) -> T:
        with _in_words(self._root):
            return await asyncio.to_thread(work, *given)

    async def _write(self, prepared: Path, content: bytes | AsyncIterator[bytes]) -> None:
        if isinstance(content, bytes):
            await self._in_thread(_append, prepared, content)
        else:
            pieces, size = list[bytes](), 0
            async for piece in content:
                pieces.append(piece)
                size += len(piece)
                if size >= _CHUNK:
                    await self._in_thread(_append, prepared, b"".join(pieces))
                    pieces, size = [], 0
            await self._in_thread(_append, prepared, b"".join(pieces))
        await self._in_thread(durable.sync_file, prepared)

    def _new_incoming(self) -> Path:
        durable.make_folder(self._incoming)
        if not self._tidied:
            self._tidied = True
            self._tidy()
        prepared = self._incoming / secrets.token_hex(16)
        prepared.touch(exist_ok=False)
        return prepared

    def _tidy(self) -> None:
        for left in self._incoming.iterdir():
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < time.time() - _LEFT_BEHIND_S:
                    left.unlink()

    def _put_file(self, key: str, source: Path, overwrite: bool) -> BlobInfo:
        durable.sync_file(source)
        prepared = self._new_incoming()
        try:
            prepared.unlink()
            try:
                os.link(source, prepared)
            except OSError as error:
                if error.errno not in _LINK_REFUSED:
                    raise
                shutil.copyfile(source, prepared)
                durable.sync_file(prepared)
            return self._place(key, prepared, overwrite)
        finally:
            prepared.unlink(missing_ok=True)

    def _place(self, key: str, prepared: Path, overwrite: bool) -> BlobInfo:
        final = self._root / key
        place = durable.place_over if overwrite else durable.place_new
        for _ in range(10):
            try:
                durable.make_folder(final.parent)
                place(prepared, final)
                return _info_of(key, final)
            except (FileExistsError, IsADirectoryError, NotADirectoryError) as error:
                raise BlobExists(_TAKEN.format(key)) from error
            except FileNotFoundError:  # another deletion removed the folder as empty
                continue
        raise BlobsUnavailable(f"The folder of {key} is deleted as fast as it is made. Try again.")

    def _open(self, key: str) -> int:
        path = self.path(key)
        if not path.is_file():
            raise _missing(key)
        try:
            return os.open(path, os.O_RDONLY)
        except FileNotFoundError as error:
            raise _missing(key) from error

    def _read(self, key: str, start: int, length: int | None) -> bytes:
        file = self._open(key)
        try:
            left = os.fstat(file).st_size - start if length is None else length
            pieces = []
            while left > 0 and (piece := os.pread(file, left, start)):
                pieces.append(piece)
                start += len(piece)
                left -= len(piece)
            return b"".join(pieces)
        finally:
            os.close(file)

    def _info(self, key: str) -> BlobInfo | None:
        path = self._root / key
        return _info_of(key, path) if path.is_file() else None

    def _listed(self, prefix: str, after: str, limit: int) -> Sequence[BlobInfo]:
        above, _, _ = prefix.rpartition("/")
        found = (blob for blob in self._below(self._root / above, prefix) if blob.key > after)
        return heapq.nsmallest(limit, found, key=lambda blob: blob.key)

    def _below(self, folder: Path, prefix: str) -> Iterator[BlobInfo]:
        for here, folders, files in os.walk(folder):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in files:
                path = Path(here) / name
                key = path.relative_to(self._root).as_posix()
                if key.startswith(prefix) and not name.startswith("."):
                    with suppress(FileNotFoundError):
                        yield _info_of(key, path)

    def _delete(self, key: str) -> None:
        path = self._root / key
        try:
            path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return
        with suppress(FileNotFoundError):  # another deletion took the folder away as empty
            durable.sync_folder(path.parent)
        with suppress(OSError):  # not empty, or gone already
            for folder in path.relative_to(self._root).parents[:-1]:
                (self._root / folder).rmdir()


@contextmanager
def _in_words(root: Path) -> Iterator[None]:
    """A disk that is full or failing, as a refusal that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BlobsFull(
                f"The disk that holds {root} is full. Nothing was kept; free some space and try "
                "again."
            ) from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.EIO):
            raise BlobsUnavailable(
                f"{root} cannot be used ({error.strerror}). Check the disk, and that the service's "
                "user may write to it."
            ) from error
        raise


def _append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


def _info_of(key: str, path: Path) -> BlobInfo:
    found = path.stat()
    return BlobInfo(key=key, size=found.st_size, modified_at_ms=found.st_mtime_ns // 1_000_000)


def _missing(key: str) -> BlobNotFound:
    return BlobNotFound(f"There is no object {key}.")
