"""What HDR says of all of itself: the display that it was graded on, and its brightest light.

Written as each of those want it that read it: ffmpeg, x265, MP4 (`mdcv` and `clli`, ISO/IEC
14496-12, 12.1.5 and later), AV1 (metadata OBUs, 6.7.3 and 6.7.4). All pure.
"""

import struct
from collections.abc import Mapping

from vitascope.encoding.contract.master import ContentLight, MasteringDisplay, StaticMetadata

_BOX_HEAD = 8
_STEPS_OF_XY, _STEPS_OF_LIGHT = 50_000, 10_000  # of x and y, of cd/m2
_METADATA_OBU = 5 << 3 | 2  # its type, and that it says its size
_CLL, _MDCV = 1, 2


def as_input(static: StaticMetadata | None) -> list[str]:
    """Returns ffmpeg's arguments before an input, which make it say so."""
    if static is None:
        return []
    display = ["-mastering_display", _of_display(static.display)] if static.display else []
    return [*display, *(["-content_light", _of_light(static.light)] if static.light else [])]


def of_x265(static: StaticMetadata) -> list[str]:
    """Returns x265's parameters, which write it into the headers of a stream."""
    display = [f"master-display={_of_display(static.display)}"] if static.display else []
    return [*display, *([f"max-cll={_of_light(static.light)}"] if static.light else [])]


def _of_display(told: MasteringDisplay) -> str:
    places = {"G": told.green, "B": told.blue, "R": told.red, "WP": told.white}
    named = "".join(f"{name}({x},{y})" for name, (x, y) in places.items())
    return f"{named}L({told.most},{told.least})"


def _of_light(told: ContentLight) -> str:
    return f"{told.pixel},{told.picture}"


def as_boxes(static: StaticMetadata) -> bytes:
    """Returns what a sample entry of MP4 holds of it."""
    boxes = b""
    if static.display:
        told = static.display
        places = (*told.green, *told.blue, *told.red, *told.white)
        boxes += _box(b"mdcv", struct.pack(">8H2I", *places, told.most, told.least))
    if static.light:
        boxes += _box(b"clli", struct.pack(">2H", static.light.pixel, static.light.picture))
    return boxes


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", _BOX_HEAD + len(content), kind) + content


def from_boxes(boxes: Mapping[bytes, bytes]) -> StaticMetadata:
    """Returns what the boxes of a sample entry, by their kinds, say of it. Zeros are no figures."""
    return StaticMetadata(
        display=_display_from(boxes.get(b"mdcv", b"")), light=_light_from(boxes.get(b"clli", b""))
    )


def _display_from(content: bytes) -> MasteringDisplay | None:
    if len(content) < 24:
        return None
    told = struct.unpack(">8H2I", content[:24])
    green, blue, red, white = ((told[n], told[n + 1]) for n in range(0, 8, 2))
    if 0 in (*green, *red, *white, told[8]):
        return None
    return MasteringDisplay(
        red=red, green=green, blue=blue, white=white, most=told[8], least=told[9]
    )


def _light_from(content: bytes) -> ContentLight | None:
    if len(content) < 4:
        return None
    pixel, picture = struct.unpack(">2H", content[:4])
    return ContentLight(pixel=pixel, picture=picture) if pixel or picture else None


def as_obus(static: StaticMetadata) -> bytes:
    """Returns AV1's metadata OBUs."""
    obus = b""
    if static.light:
        content = struct.pack(">2H", static.light.pixel, static.light.picture)
        obus += _obu(_CLL, content)
    if static.display:
        told = static.display
        places = (*told.red, *told.green, *told.blue, *told.white)
        finer = [min(0xFFFF, round(each * 0x10000 / _STEPS_OF_XY)) for each in places]
        most = round(told.most * 0x100 / _STEPS_OF_LIGHT)
        least = round(told.least * 0x4000 / _STEPS_OF_LIGHT)
        obus += _obu(_MDCV, struct.pack(">8H2I", *finer, most, least))
    return obus


def without_metadata(configuration: bytes) -> bytes:
    """Returns a configuration of AV1 (`av1C`) without metadata OBUs; sizes are below 128 there."""
    kept, at = configuration[:4], 4
    while at + 1 < len(configuration):
        end = at + 2 + configuration[at + 1]
        if configuration[at] != _METADATA_OBU:
            kept += configuration[at:end]
        at = end
    return kept


def _obu(kind: int, content: bytes) -> bytes:
    payload = bytes([kind]) + content + b"\x80"
    return bytes([_METADATA_OBU, len(payload)]) + payload
