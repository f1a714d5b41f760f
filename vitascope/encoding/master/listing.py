"""Packets as a tool lists them, taken line by line: of a long film they are millions, so what is
listed is never whole in memory, and has an end."""

from array import array
from collections.abc import Callable, Collection, Sequence
from math import inf
from typing import NamedTuple

import msgspec

MOST_PACKETS = 20_000_000  # twelve hours with pictures at 60 a second and eight languages
MOST_PICTURES = 2_000_000  # nine hours at 60 a second; all of their times are kept
_LONGEST_LINE = 4096
_JUMP_S = 0.2
_UNSET = -(2**63)  # how ffmpeg prints a time that is not known


class TooManyPackets(Exception):
    """The file goes on listing packets, or has a line without an end."""


class PacketRow(NamedTuple):
    """One packet, in seconds. Several pictures in one packet of a disc have one time between them:
    the others have only that of `decoding`, which they are `untimed` by."""

    stream: int
    time: float
    lasts: float
    key: bool
    hidden: bool
    decoding: float = 0.0
    untimed: bool = False


RowOf = Callable[[bytes], PacketRow | None]
"""Reads a line. Returns None for one that names no packet, or not when."""


class Jump(msgspec.Struct, frozen=True, kw_only=True):
    """The clock of a recording jumps, in seconds: `at_s` after the start, forward or back."""

    at_s: float
    by_s: float


class Packets(msgspec.Struct, frozen=True, kw_only=True):
    """One stream's packets that are shown, in seconds. `times` and `keys` (where decoding may
    begin) are kept for pictures only: twenty languages of sound are millions of packets."""

    begin_s: float
    end_s: float
    last_s: float = 0.0  # how long the last one (by time) stays
    times: tuple[float, ...] = ()
    keys: tuple[float, ...] = ()
    undecodable: int = 0  # pictures before the first keyframe; they are not counted otherwise


class Listing:
    """Keeps of the packets that are shown what is needed; `pictures` are the streams of which it is
    every time. `also` hears every packet. Raises `TooManyPackets`."""

    def __init__(
        self,
        row_of: RowOf,
        pictures: Collection[int],
        also: Callable[[PacketRow], None] | None = None,
    ) -> None:
        self._row_of = row_of
        self._also = also
        self._pictures = pictures
        self.begin()

    def begin(self) -> None:
        """Forget what was taken."""
        self._rest = b""
        self._count = self._kept = 0
        self._spans: dict[int, tuple[float, float]] = {}
        self._shown: dict[int, list[PacketRow]] = {index: [] for index in self._pictures}
        self._opened: dict[int, float] = {}  # where decoding may begin first

    def take(self, piece: bytes) -> None:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self._count += len(lines)
        if self._count > MOST_PACKETS or len(self._rest) > _LONGEST_LINE:
            raise TooManyPackets
        for line in lines:
            self._take_line(line)

    def packets(self) -> dict[int, Packets]:
        """Returns the packets that are shown, by stream."""
        self._take_line(self._rest)
        self._rest = b""
        spans = self._spans.items()
        found = {index: Packets(begin_s=begin, end_s=end) for index, (begin, end) in spans}
        for index, each in self._shown.items():
            if each and any(row.untimed for row in each):
                each = _timed(each)
                opened = min((row.time for row in each if row.key), default=-inf)
                found[index] = _closely(found[index], each, opened)
            elif each:
                found[index] = _closely(found[index], each, self._opened.get(index, -inf))
        return found

    def _take_line(self, line: bytes) -> None:
        row = self._row_of(line)
        if row is None:
            return
        if self._also is not None:
            self._also(row)
        if row.key:
            self._opened.setdefault(row.stream, -inf if row.hidden else row.time)
        if row.hidden:
            return
        begin, end = self._spans.get(row.stream, (row.time, row.time))
        self._spans[row.stream] = (min(begin, row.time), max(end, row.time + row.lasts))
        if row.stream in self._shown:
            self._kept += 1
            if self._kept > MOST_PICTURES:
                raise TooManyPackets
            self._shown[row.stream].append(row)


def csv_row(line: bytes) -> PacketRow | None:
    """Returns the packet in one of ffprobe's rows of `stream,pts,dts,duration,flags`; N/A stands
    for what is not known, a `D` flag for a packet that an edit list hides."""
    fields = line.split(b",")
    told = fields[1] if len(fields) >= 5 and fields[1] != b"N/A" else b"".join(fields[2:3])
    if len(fields) < 5 or told == b"N/A":
        return None
    lasts = 0.0 if fields[3] == b"N/A" else float(fields[3])
    flags = fields[4]
    return PacketRow(int(fields[0]), float(told), lasts, b"K" in flags, b"D" in flags)


class CrcRows:
    """Reads the lines of ffmpeg's `framecrc`; `streams` are those that were copied, in their
    order."""

    def __init__(self, streams: Sequence[int]) -> None:
        self._streams = streams
        self._bases: dict[int, float] = {}

    def __call__(self, line: bytes) -> PacketRow | None:
        if line.startswith(b"#tb"):
            number, base = line[3:].split(b":")
            above, below = base.split(b"/")
            self._bases[int(number)] = int(above) / int(below)
        if not line or line.startswith(b"#"):
            return None
        number, dts, pts, lasts, *_ = (field.strip() for field in line.split(b",")[:4])
        base_s = self._bases[int(number)]
        untimed, decoding = int(pts) == _UNSET, int(dts) * base_s
        time = decoding if untimed else int(pts) * base_s
        key = b"F=0x0" not in line
        stream, stays = self._streams[int(number)], int(lasts) * base_s
        return PacketRow(stream, time, stays, key, False, decoding, untimed)


class Jumps:
    """Where the times that were sent jump from those that were put right, by one stream: what lies
    between two streams differs. Hears first the packets that were put right, then those sent."""

    def __init__(self, stream: int) -> None:
        self._stream = stream
        self._right = array("d")
        self._at = 0
        self._offset: float | None = None
        self.found: list[Jump] = []

    def put_right(self, row: PacketRow) -> None:
        if row.stream == self._stream:
            self._right.append(row.time)

    def sent(self, row: PacketRow) -> None:
        if row.stream != self._stream or self._at >= len(self._right):
            return
        right, self._at = self._right[self._at], self._at + 1
        ahead = row.time - right
        if self._offset is not None and abs(ahead - self._offset) > _JUMP_S:
            self.found.append(Jump(at_s=right, by_s=ahead - self._offset))
        self._offset = ahead


def _timed(rows: list[PacketRow]) -> list[PacketRow]:
    """Pictures are shown at the times at which they are decoded, in another order and so much
    later: where some have no time of their own, all are taken by those."""
    timed = [row for row in rows if not row.untimed] or rows
    late = min(row.time for row in timed) - min(row.decoding for row in rows)
    return [row._replace(time=row.decoding + late) for row in rows]


def _closely(span: Packets, rows: list[PacketRow], opened_s: float) -> Packets:
    """Pictures before the first keyframe can't be decoded: a recording that was begun inside a
    group of pictures, or those that lean on the group before."""
    decodable = [row for row in rows if row.time >= opened_s]
    last = max(decodable, key=lambda row: (row.time, row.lasts))
    return msgspec.structs.replace(
        span,
        begin_s=min(row.time for row in decodable),
        last_s=last.lasts,
        times=tuple(row.time for row in decodable),
        keys=tuple(sorted(row.time for row in decodable if row.key)),
        undecodable=len(rows) - len(decodable),
    )
