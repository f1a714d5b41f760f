"""Colour tags, decided once. What a master does not tell follows from its size, as players
assume it: Rec. 709 from 720 lines on, Rec. 601 below (625 lines for 25 and 50 pictures a second).

Names are ffmpeg's (of ITU-T H.273); only known ones get through, since they are written into
filter graphs.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from vitascope.kernel.media import DynamicRange

_PRIMARIES = {"bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "film", "bt2020", "smpte432"}
_TRANSFERS = {
    *("bt709", "gamma22", "gamma28", "smpte170m", "smpte240m", "linear", "iec61966-2-1"),
    *("bt2020-10", "bt2020-12", "smpte2084", "arib-std-b67"),
}
_MATRICES = {"bt709", "fcc", "bt470bg", "smpte170m", "smpte240m", "bt2020nc", "bt2020c"}
_HDR = {"smpte2084": DynamicRange.HDR10, "arib-std-b67": DynamicRange.HLG}


class Colour(msgspec.Struct, frozen=True, kw_only=True):
    primaries: str
    transfer: str
    matrix: str
    full_range: bool
    dynamic_range: DynamicRange
    assumed: bool  # the master did not tell, or not all


def colour_of(stream: Mapping[str, Any], rate: float) -> Colour:
    """Returns a stream's colour tags, completed. `stream` is as ffprobe tells it; sizes count as
    coded, before any turning."""
    primaries = _known(stream.get("color_primaries"), _PRIMARIES)
    transfer = _known(stream.get("color_transfer"), _TRANSFERS)
    matrix = _known(stream.get("color_space"), _MATRICES)
    usual = _usual(int(stream["width"]), int(stream["height"]), rate, transfer)
    return Colour(
        primaries=primaries or usual[0],
        transfer=transfer or usual[1],
        matrix=matrix or usual[2],
        full_range=stream.get("color_range") == "pc" or "yuvj" in str(stream.get("pix_fmt")),
        dynamic_range=_HDR.get(transfer, DynamicRange.SDR),
        assumed=not (primaries and transfer and matrix),
    )


def _known(told: object, names: set[str]) -> str:
    return told if isinstance(told, str) and told in names else ""


def _usual(width: int, height: int, rate: float, transfer: str) -> tuple[str, str, str]:
    if transfer in _HDR:
        return ("bt2020", transfer, "bt2020nc")
    if height > 576 or width > 1024:
        return ("bt709", "bt709", "bt709")
    if rate in (25.0, 50.0):
        return ("bt470bg", "smpte170m", "bt470bg")
    return ("smpte170m", "smpte170m", "smpte170m")
