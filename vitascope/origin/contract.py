"""What the origin answers, and refuses."""

from collections.abc import AsyncIterator

import msgspec

from vitascope.kernel.errors import NotFound, VitascopeError


class NoSuchPackage(NotFound):
    """Never published, or of a title that was taken down: the answer does not tell which."""

    code = "no-such-package"


class OriginRangeRefused(VitascopeError):
    """There are no such bytes in the file."""

    status = 416
    code = "range-not-satisfiable"


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """`length` bytes from `start` on, of `size` in all."""

    start: int
    length: int
    size: int
    partial: bool
    chunks: AsyncIterator[bytes]
