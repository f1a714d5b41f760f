"""Where the bytes of an upload are while it is under way: a file on this machine, or parts in an
object store. Both keep what is acknowledged, and both become the master without a copy.
"""

from collections.abc import Awaitable, Callable, Set
from typing import Protocol

from vitascope.ingest.contract import Upload
from vitascope.ingest.hashing import RunningHash
from vitascope.kernel.ids import MasterId, UploadId

Reached = Callable[[UploadId, int], Awaitable[None]]  # moves the row: bytes before it are durable
UnderWay = Callable[[], Awaitable[Set[UploadId]]]  # uploads whose bytes are needed


class Writer(Protocol):
    """The one place that adds to an upload, until it is closed."""

    offset: int
    """Where the next byte goes."""

    async def write(self, data: bytes) -> None:
        """Take bytes, and move the row when enough of them are durable. Raises `DiskFull`,
        `UploadBusy` when another took over."""
        ...

    async def hold(self, data: bytes) -> None:
        """Take bytes that count with the next `settle`, or not at all."""
        ...

    async def settle(self) -> None:
        """Make all that was taken durable, and move the row."""
        ...

    async def close(self) -> None: ...


class Staging(Protocol):
    async def make(self, upload: Upload) -> None:
        """Prepare for a new upload."""
        ...

    async def reached(self, upload: Upload) -> int:
        """Returns how many bytes are here and durable; at least `upload.offset`."""
        ...

    async def open(self, upload: Upload, running: RunningHash) -> Writer | None:
        """Open for writing. Returns None while another request or process has it open."""
        ...

    async def read_again(self, upload: Upload, running: RunningHash) -> None:
        """Hash ahead of time what came before this process, where it can be read already."""
        ...

    async def become(self, upload: Upload, key: str, running: RunningHash) -> str:
        """Make the object `key` of a whole upload, again where a death came between; return its
        SHA-256 in hex."""
        ...

    async def remove(self, upload_id: UploadId) -> None:
        """Drop all that is left of an upload. Harmless when there is nothing."""
        ...

    async def tidy(self, older_than_ms: int) -> None:
        """Drop what no upload knows of, where it was begun before then."""
        ...


def key_of(upload: Upload) -> str:
    """Returns where the bytes of an upload will be as an object."""
    if upload.draft.piece:
        return piece_key(upload.id)
    return f"masters/{master_id_of(upload.id)}/bytes"


def piece_key(piece_id: UploadId) -> str:
    return f"pieces/{piece_id}"


def master_id_of(upload_id: UploadId) -> MasterId:
    """Returns the master that an upload becomes."""
    return MasterId(f"mas_{upload_id.partition('_')[2]}")
