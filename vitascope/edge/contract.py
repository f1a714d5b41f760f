"""What an edge needs from the origin, and what it says of itself."""

import enum
from collections.abc import AsyncIterator
from typing import Protocol

import msgspec

from vitascope.kernel.errors import NotFound, Trouble, Unavailable
from vitascope.kernel.ids import EdgeId
from vitascope.kernel.packages import PackageListing, PackagePage


class NoSuchFile(NotFound):
    code = "no-such-file"


class OriginUnreachable(Unavailable):
    code = "origin-unreachable"


class CorruptOrigin(Trouble):
    """What the origin sent is not what the package says. Nothing of it is kept."""

    status = 502
    code = "corrupt-origin"


class EdgeState(enum.StrEnum):
    OK = "ok"
    DRAINING = "draining"


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `GET /healthz`."""

    edge_id: EdgeId
    state: EdgeState
    streams: int
    load_mbps: float
    disk_bytes: int
    disk_used_bytes: int
    files: int
    filling: int
    hits: int
    misses: int


class Origin(Protocol):
    """Where the files of published versions come from. Safe to share between tasks."""

    async def published(self, after: int, *, limit: int = 100) -> PackagePage:
        """Returns a page of published versions. Raises `OriginUnreachable`, `CorruptOrigin` when
        the answer is not sealed."""
        ...

    async def package(self, prefix: str) -> PackageListing:
        """Returns the list of a version's files. Raises `NoSuchFile`, `OriginUnreachable`,
        `CorruptOrigin` when it is not sealed."""
        ...

    def read(
        self, prefix: str, name: str, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        """Returns the bytes of a file, from `start` on. Raises `NoSuchFile`,
        `OriginUnreachable`."""
        ...

    async def close(self) -> None: ...
