"""Objects and byte ranges. A key is a relative path of safe parts: `masters/mas_.../bytes`."""

from collections.abc import AsyncIterator
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


class BlobInfo(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    size: int
    modified_at_ms: int


class Blobs(Protocol):
    """What is put is durable when the call returns, and appears whole or not at all."""

    async def put(
        self, key: str, content: bytes | AsyncIterator[bytes], *, overwrite: bool = False
    ) -> BlobInfo:
        """Raises `BlobExists` unless `overwrite`."""
        ...

    async def put_file(self, key: str, source: Path, *, overwrite: bool = False) -> BlobInfo:
        """Like `put`, from a local file, which stays where it is (hard-linked where that works)."""
        ...

    async def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Raises `BlobNotFound`."""
        ...

    def stream(
        self, key: str, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]: ...

    async def info(self, key: str) -> BlobInfo | None: ...

    async def list(self, prefix: str) -> list[BlobInfo]:
        """The objects whose keys begin with `prefix`, by key."""
        ...

    async def delete(self, key: str) -> None:
        """Harmless when there is nothing."""
        ...

    async def delete_prefix(self, prefix: str) -> None:
        """Delete all that `list(prefix)` shows. An empty prefix is refused with `BadBlobKey`."""
        ...

    async def fetch(self, key: str, to: Path) -> Path:
        """A local file with the object's bytes, read-only: the object itself where that is a file,
        else a download to `to`. Raises `BlobNotFound`."""
        ...


@runtime_checkable
class LocalBlobs(Protocol):
    """A capability: the objects are files on this machine."""

    def path(self, key: str) -> Path: ...
