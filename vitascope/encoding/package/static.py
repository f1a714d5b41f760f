"""What HDR says of all of itself, in the package: the packager leaves out `mdcv` and `clli`.

They are taken from the clear rendition and put into the packaged file's sample entry, in AV1 as
metadata OBUs of its configuration too: the packager can't encrypt frames that hold such. All behind
them moves by as many bytes, which the manifests are told.
"""

import re
import shutil
import struct
from pathlib import Path

import msgspec

from vitascope.encoding.contract.master import StaticMetadata
from vitascope.encoding.picture.light import as_boxes, as_obus, from_boxes, without_metadata
from vitascope.encoding.picture.sample_entry import SampleEntry, entry_of, with_boxes

_HEAD = 16
_MAP = re.compile(r'(#EXT-X-MAP:.*BYTERANGE=")(\d+)(@0")')
_RANGE = re.compile(r"(#EXT-X-BYTERANGE:\d+@)(\d+)")


class ColourTags(msgspec.Struct, frozen=True, kw_only=True):
    """What a file of a picture says of its colours: numbers of ITU-T H.273, none where it does not
    say."""

    colours: tuple[int, int, int] | None  # primaries, transfer, matrix
    static: StaticMetadata


def told_by(file: Path) -> ColourTags:
    """Returns what is said by a file's sample entry. Reads its heads alone, so not for the event
    loop."""
    entry = _entry(file)
    boxes = entry.boxes if entry else {}
    colr = boxes.get(b"colr", b"")
    primaries, transfer, matrix = struct.unpack(">3H", colr[4:10]) if len(colr) >= 10 else (0, 0, 0)
    return ColourTags(
        colours=(primaries, transfer, matrix) if colr[:4] == b"nclx" else None,
        static=from_boxes(boxes),
    )


def tell(file: Path, static: StaticMetadata) -> int:
    """Write `static` into a packaged file. Returns the bytes by which everything behind its sample
    entry has moved. Copies the file, so not for the event loop."""
    boxes = as_boxes(static)
    if not boxes:
        return 0
    with file.open("rb") as opened:
        at, size = _moov(opened.seek(0, 2), file)
        opened.seek(0)
        head = opened.read(at + size)
        entry = entry_of(head)
        known = entry.boxes.get(b"av1C") if entry else None
        grown = with_boxes(head, boxes, {b"av1C": known + as_obus(static)} if known else {})
        longer = file.with_suffix(".longer")
        with longer.open("wb") as made:
            made.write(grown)
            shutil.copyfileobj(opened, made, 1 << 20)
    longer.replace(file)
    return len(grown) - len(head)


def forget_obus(file: Path) -> None:
    """Take metadata OBUs out of the configuration of AV1 in a file whose header is its end: the
    packager can't read them. Not for the event loop."""
    at, size = _moov(file.stat().st_size, file)
    with file.open("r+b") as opened:
        opened.seek(at)
        header = opened.read(size)
        entry = entry_of(header)
        known = entry.boxes.get(b"av1C") if entry else None
        if known and at + size == file.stat().st_size:
            opened.seek(at)
            opened.write(with_boxes(header, b"", {b"av1C": without_metadata(known)}))
            opened.truncate()


def moved_ranges(text: str, by: int) -> str:
    """Returns a media playlist of a file in which all behind the header has moved."""
    text = _MAP.sub(lambda found: f"{found[1]}{int(found[2]) + by}{found[3]}", text)
    return _RANGE.sub(lambda found: f"{found[1]}{int(found[2]) + by}", text)


def moved_range(text: str, by: int) -> str:
    """Returns a range of bytes, `0-1558` or `1559-1602`: what begins at 0 gets longer."""
    begin, end = map(int, text.split("-"))
    return f"{begin + by if begin else 0}-{end + by}"


def _entry(file: Path) -> SampleEntry | None:
    at, size = _moov(file.stat().st_size, file)
    with file.open("rb") as opened:
        opened.seek(at)
        return entry_of(opened.read(size))


def _moov(length: int, file: Path) -> tuple[int, int]:
    """Returns the place and the size of a file's `moov`; of a file without, of nothing."""
    at = 0
    with file.open("rb") as opened:
        while at + 8 <= length:
            opened.seek(at)
            head = opened.read(_HEAD)
            size, kind = struct.unpack(">I4s", head[:8])
            if size == 1:
                (size,) = struct.unpack(">Q", head[8:16])
            if kind == b"moov":
                return at, size
            if size < 8:
                break
            at += size
    return length, 0
