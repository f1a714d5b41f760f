"""What a probe reads of a session's MPD: representations, their files, keys and segment index."""

import struct
import xml.etree.ElementTree as ET
from urllib.parse import urljoin

import msgspec

from vitascope.kernel.errors import Unavailable

DASH = "{urn:mpeg:dash:schema:mpd:2011}"
CENC = "{urn:mpeg:cenc:2013}"


class Representation(msgspec.Struct, frozen=True, kw_only=True):
    """One representation. `urls` has one address an edge, best first; byte ranges are inclusive."""

    name: str
    kind: str  # "video", "audio", "text"
    bandwidth: int
    height: int | None
    urls: tuple[str, ...]
    edges: tuple[str, ...]
    init_range: tuple[int, int]
    index_range: tuple[int, int]
    key_id: str | None  # 32 hex digits


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    start: int  # bytes
    end: int  # inclusive
    from_s: float
    seconds: float


class BadManifest(Unavailable):
    code = "bad-manifest"


def read_manifest(text: str, url: str) -> list[Representation]:
    """Returns every representation that has a segment index. Raises `BadManifest`."""
    try:
        root = ET.fromstring(text)
    except ET.ParseError as error:
        raise BadManifest(f"The manifest is not XML: {error}.") from error
    bases = [
        (b.get("serviceLocation", ""), urljoin(url, b.text or ""))
        for b in root.findall(f"{DASH}BaseURL")
    ]
    streams = [
        _stream(group, one, bases or [("", url)])
        for group in root.iter(f"{DASH}AdaptationSet")
        for one in group.findall(f"{DASH}Representation")
        if one.find(f"{DASH}SegmentBase") is not None
    ]
    if not any(stream.kind == "video" for stream in streams):
        raise BadManifest("The manifest offers no video.")
    return streams


def _stream(group: ET.Element, one: ET.Element, bases: list[tuple[str, str]]) -> Representation:
    base = one.find(f"{DASH}BaseURL")
    index = one.find(f"{DASH}SegmentBase")
    assert index is not None
    init = index.find(f"{DASH}Initialization")
    mime = one.get("mimeType") or group.get("mimeType") or f"{group.get('contentType', '')}/"
    protections = [
        *one.findall(f"{DASH}ContentProtection"),
        *group.findall(f"{DASH}ContentProtection"),
    ]
    kids = [p.get(f"{CENC}default_KID") for p in protections if p.get(f"{CENC}default_KID")]
    height = one.get("height")
    return Representation(
        name=one.get("id", ""),
        kind=mime.split("/")[0],
        bandwidth=int(one.get("bandwidth", "0")),
        height=int(height) if height else None,
        urls=tuple(urljoin(at, (base.text if base is not None else "") or "") for _, at in bases),
        edges=tuple(location for location, _ in bases),
        init_range=_range(init.get("range") if init is not None else None),
        index_range=_range(index.get("indexRange")),
        key_id=(kids[0] or "").replace("-", "").lower() if kids else None,
    )


def _range(text: str | None) -> tuple[int, int]:
    first, _, last = (text or "0-0").partition("-")
    return int(first), int(last)


def read_index(box: bytes, after: int) -> list[Segment]:
    """Returns the segments that a `sidx` box tells of (ISO/IEC 14496-12, 8.16.3). `after` is the
    offset of the first byte that follows the box."""
    if box[4:8] != b"sidx":
        raise BadManifest("The segment index is not where the manifest says.")
    version = box[8]
    timescale = struct.unpack_from(">I", box, 16)[0]
    first_offset, place = (
        (struct.unpack_from(">I", box, 24)[0], 28)
        if version == 0
        else (struct.unpack_from(">Q", box, 28)[0], 36)
    )
    count = struct.unpack_from(">H", box, place + 2)[0]
    position, time, segments = after + first_offset, 0.0, []
    for number in range(count):
        size, duration = struct.unpack_from(">II", box, place + 4 + 12 * number)
        size &= 0x7FFFFFFF
        seconds = duration / timescale
        segments.append(
            Segment(start=position, end=position + size - 1, from_s=time, seconds=seconds)
        )
        position, time = position + size, time + seconds
    return segments
