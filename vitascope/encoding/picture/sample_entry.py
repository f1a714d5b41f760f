"""The sample entry of a picture in MP4: what a file says of how it is coded, read and added to.

ISO/IEC 14496-12: `moov`, `trak`, `mdia`, `minf`, `stbl`, `stsd`, and in that the entry, whose boxes
stand behind 78 bytes of its own. One track a file.
"""

import struct
from collections.abc import Mapping

import msgspec

_HEAD = 8
_PATH = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd")
_BEFORE = {b"stsd": 8}  # bytes before the boxes of a box that has some
_ENTRY = 78


class SampleEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`boxes` by kind. `around` are the places of all boxes that hold the entry's own, the entry
    last; `begin` and `end` are those of its boxes."""

    kind: bytes
    boxes: Mapping[bytes, bytes]
    around: tuple[int, ...]
    begin: int
    end: int


def entry_of(file: bytes) -> SampleEntry | None:
    """Returns the entry of a file of one picture; None where there is none."""
    begin, end, around = 0, len(file), []
    for kind in _PATH:
        found = _find(file, begin, end, kind)
        if found is None:
            return None
        at, end = found
        begin = at + _HEAD + _BEFORE.get(kind, 0)
        around.append(at)
    if end - begin < _HEAD + _ENTRY:
        return None
    size, kind = struct.unpack(">I4s", file[begin : begin + _HEAD])
    first, last = begin + _HEAD + _ENTRY, begin + size
    return SampleEntry(
        kind=kind,
        boxes={kind: file[at + _HEAD : until] for kind, at, until in _boxes(file, first, last)},
        around=(*around, begin),
        begin=first,
        end=last,
    )


def with_boxes(file: bytes, boxes: bytes, replaced: Mapping[bytes, bytes] = {}) -> bytes:
    """Returns the file with more boxes in its entry, and with other content in some that are there.
    All behind the entry moves by as many bytes as the file grows. Raises `ValueError` where there
    is no entry."""
    entry = entry_of(file)
    if entry is None:
        raise ValueError("The file holds no sample entry.")
    made = bytearray()
    for kind, at, until in _boxes(file, entry.begin, entry.end):
        content = replaced.get(kind, file[at + _HEAD : until])
        made += struct.pack(">I4s", _HEAD + len(content), kind) + content
    made += boxes
    grown = len(made) - (entry.end - entry.begin)
    head = bytearray(file[: entry.begin])
    for at in entry.around:
        (size,) = struct.unpack(">I", head[at : at + 4])
        head[at : at + 4] = struct.pack(">I", size + grown)
    return bytes(head) + bytes(made) + file[entry.end :]


def _find(file: bytes, begin: int, end: int, wanted: bytes) -> tuple[int, int] | None:
    return next(
        ((at, until) for kind, at, until in _boxes(file, begin, end) if kind == wanted), None
    )


def _boxes(file: bytes, begin: int, end: int) -> list[tuple[bytes, int, int]]:
    """Returns kind, begin and end of the boxes that stand between two places."""
    found: list[tuple[bytes, int, int]] = []
    at = begin
    while at + _HEAD <= end:
        size, kind = struct.unpack(">I4s", file[at : at + _HEAD])
        if size == 1:  # its length is in 64 bits
            (size,) = struct.unpack(">Q", file[at + _HEAD : at + 2 * _HEAD])
        if size < _HEAD:
            break
        found.append((kind, at, min(end, at + size)))
        at += size
    return found
