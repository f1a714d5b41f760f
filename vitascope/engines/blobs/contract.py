"""Objects and byte ranges. A key is a relative path of safe parts: `masters/mas_.../bytes`."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import msgspec

from vitascope.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class BlobNotFound(NotFound):
    code = "blob-not-found"


class BlobExists(Conflict):
    code = "blob-exists"


class BadBlobKey(Invalid):
    """No relative path of safe parts (letters, digits and `._=+-`, none beginning with a dot)."""

    code = "bad-blob-key"


class BlobsUnavailable(Unavailable):
    """The store cannot be reached, or its disk is full. Nothing of the object was kept."""

    code = "blobs-unavailable"


class BlobsFull(BlobsUnavailable):
    """The store has no room left."""

    code = "blobs-full"


class PartsGone(Conflict):
    """The multipart upload was completed, abandoned or expired, or a part of it is not the one that
    the tag names."""

    code = "parts-gone"


class BlobInfo(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    size: int
    modified_at_ms: int


class Multipart(msgspec.Struct, frozen=True, kw_only=True):
    """An object that is being put together from parts. Any process that has this can go on."""

    key: str
    id: str
    begun_at_ms: int


class Blobs(Protocol):
    """What is put is durable when the call returns, and appears whole or not at all. Safe to call
    from many tasks, and from many processes over the same store. Any call raises `BadBlobKey` for a
    key that can't be one, and `BlobsUnavailable`.

    A key is never the folder of another: while `a/b` is there, `a` can't be put, nor the other way
    round. Adapters whose objects are files refuse it (`BlobExists`); don't rely on the refusal.
    """

    async def put(
        self, key: str, content: bytes | AsyncIterator[bytes], *, overwrite: bool = False
    ) -> BlobInfo:
        """Store an object. Raises `BlobExists` unless `overwrite`."""
        ...

    async def put_file(self, key: str, source: Path, *, overwrite: bool = False) -> BlobInfo:
        """Store an object as `put` does, from a local file, which stays where it is (hard-linked
        where that works, so don't change it afterwards)."""
        ...

    async def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Returns bytes of the object, fewer than asked for where it ends. Raises
        `BlobNotFound`."""
        ...

    def stream(self, key: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """Returns what `get` returns, in pieces, with a few of them in memory at a time. Raises
        `BlobNotFound`."""
        ...

    async def info(self, key: str) -> BlobInfo | None: ...

    async def list(self, prefix: str, *, after: str = "", limit: int = 1000) -> list[BlobInfo]:
        """Returns the first `limit` objects whose keys begin with `prefix` and come after `after`,
        by key. For the next page, pass the last key as `after`."""
        ...

    async def delete(self, key: str) -> None:
        """Delete an object. Harmless when there is none."""
        ...

    async def delete_prefix(self, prefix: str) -> None:
        """Delete all objects whose keys begin with `prefix`. An empty one is `BadBlobKey`."""
        ...

    async def fetch(self, key: str, to: Path, part: range | None = None) -> Path:
        """Return a local file in which the bytes of `part` stand at their own offsets: the object
        itself where that is a file (read it, never write it), else `to`.

        Without `part`, the whole object. With it, `to` becomes as long as the object and sparse:
        only the bytes of `part` are transferred and the rest is holes. A second call with the same
        `to` adds its part to what is there. A part is cut where the object ends; its step is 1.
        Raises `BlobNotFound`."""
        ...


@runtime_checkable
class LocalBlobs(Protocol):
    """A capability: the objects are files on this machine."""

    def path(self, key: str) -> Path: ...


@runtime_checkable
class MultipartBlobs(Protocol):
    """A capability: an object is put together from parts, by several processes and over days. Of
    the object itself nothing shows before `complete`, and the bytes are never copied."""

    part_bytes: int
    """The size of part that this store likes best. Every part but the last must have
    `MIN_PART_BYTES`, and there may be `MAX_PARTS`."""

    async def begin(self, key: str) -> Multipart: ...

    async def put_part(self, multipart: Multipart, number: int, content: bytes) -> str:
        """Put part `number`, counted from 1, in place of one that has the number, and return its
        tag. Durable when the call returns. Raises `PartsGone`."""
        ...

    async def complete(
        self, multipart: Multipart, tags: Sequence[str], *, overwrite: bool = False
    ) -> BlobInfo:
        """Make the object of the parts 1, 2, ... with these tags. Raises `BlobExists` unless
        `overwrite`; `PartsGone`, also when it was completed before."""
        ...

    async def abandon(self, multipart: Multipart) -> None:
        """Drop the parts. Harmless when there are none."""
        ...

    async def under_way(self, prefix: str) -> Sequence[Multipart]:
        """Returns the uploads begun for keys with this prefix, neither completed nor abandoned: the
        first thousand, by key."""
        ...


MIN_PART_BYTES = 5 << 20
MAX_PARTS = 10_000
