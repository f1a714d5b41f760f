"""Reading packaged subtitles: WebVTT in fragmented MP4 (ISO/IEC 14496-30).

A sample shows what is on the screen for its time: no cue (`vtte`) or some (`vttc`, each with its
text in `payl` and its place in `sttg`). A cue that lasts over the end of a segment, or beside
another one, is in several samples, and is put together again. Pure.
"""

import struct
from collections.abc import Iterator

from vitascope.encoding.companions.cues import Cue
from vitascope.encoding.companions.places import of_vtt
from vitascope.encoding.contract.request import EncodingFailed

_DURATION, _SIZE, _FLAGS, _OFFSET = 0x100, 0x200, 0x400, 0x800  # of a `trun`
_DEFAULT_DURATION, _DEFAULT_SIZE = 0x8, 0x10  # of a `tfhd`
_DATA_OFFSET, _FIRST_FLAGS = 0x1, 0x4
_BASE, _DESCRIPTION = 0x1, 0x2

Box = tuple[str, memoryview]
Shown = tuple[str, str]  # text, settings


def read_wvtt(data: bytes) -> list[Cue]:
    """Returns all cues in order of time. Raises `EncodingFailed` for a file that is not of that
    kind."""
    try:
        scale = _timescale(memoryview(data))
        return _joined(list(_samples(memoryview(data))), scale)
    except (struct.error, StopIteration, IndexError, UnicodeDecodeError) as error:
        raise EncodingFailed("The packaged subtitles cannot be read.") from error


def _boxes(data: memoryview) -> Iterator[Box]:
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            (size,), head = struct.unpack_from(">Q", data, at + 8), 16
        end = at + size if size else len(data)
        if size and size < head:
            raise struct.error("a box smaller than its head")
        yield kind.decode("latin-1"), data[at + head : end]
        at = end


def _inside(data: memoryview, *path: str) -> memoryview:
    for kind in path:
        data = next(content for name, content in _boxes(data) if name == kind)
    return data


def _timescale(data: memoryview) -> int:
    header = _inside(data, "moov", "trak", "mdia", "mdhd")
    at = 20 if header[0] == 1 else 12
    return int(struct.unpack_from(">I", header, at)[0])


def _samples(data: memoryview) -> Iterator[tuple[int, int, tuple[Shown, ...]]]:
    """(start, end, texts) of every sample, in ticks."""
    fragment: memoryview | None = None
    for kind, content in _boxes(data):
        if kind == "moof":
            fragment = _inside(content, "traf")
        elif kind == "mdat" and fragment is not None:
            at, time = 0, _decode_time(fragment)
            for duration, size in _runs(fragment):
                yield time, time + duration, _texts(content[at : at + size])
                at, time = at + size, time + duration
            fragment = None


def _decode_time(fragment: memoryview) -> int:
    told = _inside(fragment, "tfdt")
    return int(struct.unpack_from(">Q" if told[0] == 1 else ">I", told, 4)[0])


def _runs(fragment: memoryview) -> Iterator[tuple[int, int]]:
    """Duration and size of every sample."""
    defaults = _defaults(_inside(fragment, "tfhd"))
    for kind, run in _boxes(fragment):
        if kind != "trun":
            continue
        flags = int.from_bytes(run[1:4], "big")
        (count,) = struct.unpack_from(">I", run, 4)
        at = 8 + 4 * bool(flags & _DATA_OFFSET) + 4 * bool(flags & _FIRST_FLAGS)
        for _ in range(count):
            duration, size = defaults
            if flags & _DURATION:
                (duration,), at = struct.unpack_from(">I", run, at), at + 4
            if flags & _SIZE:
                (size,), at = struct.unpack_from(">I", run, at), at + 4
            at += 4 * bool(flags & _FLAGS) + 4 * bool(flags & _OFFSET)
            yield duration, size


def _defaults(header: memoryview) -> tuple[int, int]:
    flags = int.from_bytes(header[1:4], "big")
    at = 8 + 8 * bool(flags & _BASE) + 4 * bool(flags & _DESCRIPTION)
    duration = size = 0
    if flags & _DEFAULT_DURATION:
        (duration,), at = struct.unpack_from(">I", header, at), at + 4
    if flags & _DEFAULT_SIZE:
        (size,) = struct.unpack_from(">I", header, at)
    return duration, size


def _texts(sample: memoryview) -> tuple[Shown, ...]:
    cues = [content for kind, content in _boxes(sample) if kind == "vttc"]
    return tuple(_shown(cue) for cue in cues)


def _shown(cue: memoryview) -> Shown:
    """A setting that is not well formed stands in no file of ours."""
    boxes = dict(_boxes(cue))
    return bytes(_inside(cue, "payl")).decode(), of_vtt(
        bytes(boxes.get("sttg", b"")).decode().split()
    )


def _joined(samples: list[tuple[int, int, tuple[Shown, ...]]], scale: int) -> list[Cue]:
    cues: list[Cue] = []
    open_now: dict[Shown, int] = {}  # -> its start
    last = 0
    for start, end, texts in samples:
        over = [text for text in open_now if text not in texts or start != last]
        cues += [_cue(open_now.pop(text), last, text, scale) for text in over]
        for text in texts:
            open_now.setdefault(text, start)
        last = end
    cues += [_cue(start, last, text, scale) for text, start in open_now.items()]
    return sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms))


def _cue(start: int, end: int, shown: Shown, scale: int) -> Cue:
    text, settings = shown
    return Cue(
        start_ms=round(1000 * start / scale),
        end_ms=round(1000 * end / scale),
        text=text.replace("\r\n", "\n").strip("\n"),
        settings=settings,
    )
