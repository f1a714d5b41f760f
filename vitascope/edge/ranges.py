"""The one byte range that a request asks for, read as aiohttp's FileResponse reads it, so that an
answer passed through from the origin is the same as one from disk."""

import re

import msgspec

from vitascope.kernel.errors import VitascopeError

_FORM = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII | re.IGNORECASE)


class RangeNotSatisfiable(VitascopeError):
    status = 416
    code = "range-not-satisfiable"


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """`length` bytes from `start` on. `partial` when a range was asked for: the status is 206."""

    start: int
    length: int
    partial: bool


def span(header: str | None, size: int) -> Span:
    """Returns what `header` (the value of Range, or None) means for a file of `size` bytes.

    Raises `RangeNotSatisfiable`, also for several ranges in one request: no player sends them,
    and each would cost a part of its own.
    """
    if header is None:
        return Span(start=0, length=size, partial=False)
    form = _FORM.fullmatch(header.strip())
    if form is None or not (form[1] or form[2]):
        raise _not_satisfiable(size)
    if not form[1]:
        return _tail(int(form[2]), size)
    start, last = int(form[1]), int(form[2]) if form[2] else size - 1
    if start >= size or last < start:
        raise _not_satisfiable(size)
    return Span(start=start, length=min(last, size - 1) - start + 1, partial=True)


def _tail(length: int, size: int) -> Span:
    if length == 0 or size == 0:
        raise _not_satisfiable(size)
    length = min(length, size)
    return Span(start=size - length, length=length, partial=True)


def _not_satisfiable(size: int) -> RangeNotSatisfiable:
    return RangeNotSatisfiable(f"This file has {size} bytes; ask for one range within them.")
