"""What an edge needs from the origin, and what it says of itself."""

from collections.abc import AsyncIterator
from typing import Protocol

import msgspec

from vitascope.kernel.errors import NotFound, Trouble, Unavailable
from vitascope.kernel.ids import EdgeId


class NoSuchFile(NotFound):
    code = "no-such-file"


class OriginUnreachable(Unavailable):
    code = "origin-unreachable"


class CorruptOrigin(Trouble):
    """What the origin sent is not what it expected. Nothing of it is kept."""

    status = 502
    code = "corrupt-origin"


class PackageFile(msgspec.Struct, frozen=True, kw_only=True):
    sha256: str  # hex
    size: int  # bytes


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """All files of one version of an asset, as publishing recorded them. A file's bytes are right
    when they match this, wherever they came from."""

    prefix: str  # "asset/version"
    files: dict[str, PackageFile]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files.values())


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `GET /healthz`."""

    edge_id: EdgeId
    state: str  # "ok", "draining"
    streams: int
    load_mbps: float
    disk_bytes: int
    disk_used_bytes: int
    files: int
    filling: int
    hits: int
    misses: int


class Origin(Protocol):
    """Where the whole truth lies. Safe to share between tasks."""

    async def package(self, prefix: str) -> Package:
        """Raises `NoSuchFile`, `OriginUnreachable`, `CorruptOrigin` when it is not sealed."""
        ...

    def read(
        self, prefix: str, name: str, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        """The bytes of a file, from `start` on. Raises `NoSuchFile`, `OriginUnreachable`."""
        ...

    async def close(self) -> None: ...
