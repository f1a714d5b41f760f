"""Colour tags, decided once. What a master does not tell follows from its size, as players
assume it: Rec. 709 from 720 lines on, Rec. 601 below (625 lines for 25 and 50 pictures a second).

Names are ffmpeg's (of ITU-T H.273); only known ones get through, since they are written into
filter graphs. Matrices that few players know are converted, and so are colours of SDR that are not
Rec. 709's; what no filter can turn back is refused, since the film would be shown in wrong colours.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from vitascope.encoding.contract.master import Finding
from vitascope.encoding.master.findings import refuse
from vitascope.kernel.media import DynamicRange

_PRIMARIES = {
    *("bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "film", "bt2020"),
    *("smpte431", "smpte432"),  # P3 of cinemas, and of screens
}
_TRANSFERS = {
    *("bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "linear", "iec61966-2-1"),
    *("bt2020-10", "bt2020-12", "smpte2084", "arib-std-b67"),
}
_MATRICES = {"bt709", "bt470bg", "smpte170m", "bt2020nc"}
_CONVERTED = {
    *("fcc", "smpte240m", "ycgco", "bt2020c", "ictcp"),
    *("chroma-derived-nc", "chroma-derived-c"),
}
_UNTOLD = {"unknown", "unspecified", "reserved", "gbr", ""}  # GBR is no matrix of Y, U and V
_CINEMA = "smpte428"  # X'Y'Z' of digital cinema, which is stored as RGB is
_HDR = {"smpte2084": DynamicRange.HDR10, "arib-std-b67": DynamicRange.HLG}
# Of what Dolby Vision leans on, where the stream itself does not tell.
_DOLBY = {1: "smpte2084", 6: "smpte2084", 4: "arib-std-b67"}


class Colour(msgspec.Struct, frozen=True, kw_only=True):
    primaries: str
    transfer: str
    matrix: str
    coded_matrix: str  # of the master's picture where it is converted, else empty
    full_range: bool
    rgb: bool  # it has no matrix yet: the one here is what it will be made with
    dynamic_range: DynamicRange
    assumed: bool  # the master did not tell, or not all


_OF_CINEMA = Colour(
    primaries=_CINEMA,
    transfer=_CINEMA,
    matrix="bt709",
    coded_matrix="",
    full_range=False,
    rgb=True,
    dynamic_range=DynamicRange.SDR,
    assumed=False,
)


def colour_of(stream: Mapping[str, Any], rate: float) -> Colour:
    """Returns a stream's colour tags, completed. `stream` is as ffprobe tells it; sizes count as
    coded, before any turning."""
    if _is_xyz(stream):
        return _OF_CINEMA
    primaries = _known(stream.get("color_primaries"), _PRIMARIES)
    transfer = _known(stream.get("color_transfer"), _TRANSFERS) or _of_dolby_vision(stream)
    rgb = _is_rgb(stream)
    matrix = "" if rgb else _known(stream.get("color_space"), _MATRICES)
    coded = "" if rgb else _known(stream.get("color_space"), _CONVERTED)
    usual = _usual(int(stream["width"]), int(stream["height"]), rate, transfer)
    if coded and primaries == "bt2020":
        matrix = "bt2020nc"
    if matrix == "bt709" and transfer not in _HDR:
        usual = ("bt709",) * 3
    if matrix == "bt2020nc" or coded == "bt2020c":
        usual = ("bt2020", "bt2020-10", "bt2020nc")
    return Colour(
        primaries=primaries or usual[0],
        transfer=transfer or usual[1],
        matrix=matrix or usual[2],
        coded_matrix=coded,
        full_range=not rgb and _is_full(stream),
        rgb=rgb,
        dynamic_range=_HDR.get(transfer, DynamicRange.SDR),
        assumed=not (primaries and transfer and (matrix or coded or rgb)),
    )


def of_colour(stream: Mapping[str, Any]) -> list[Finding]:
    """Returns a refusal of colours that can't be turned into those of Rec. 709."""
    dolby = _dolby_vision(stream)
    if dolby.get("dv_bl_signal_compatibility_id") == 0 and dolby.get("dv_profile") in (5, 10):
        return [
            refuse(
                "unsupported-colour",
                f"The video is Dolby Vision profile {dolby['dv_profile']}, which other players "
                "show in wrong colours. Export it in HDR10 or SDR, or as Dolby Vision 8.1.",
            )
        ]
    if _is_xyz(stream):
        return []
    if _CINEMA in (stream.get("color_primaries"), stream.get("color_transfer")):
        return [
            refuse(
                "unsupported-colour",
                "The video is said to have the colours of digital cinema (X'Y'Z'), but not to be "
                f"stored in them ({stream.get('pix_fmt', 'unknown')}). Export it in Rec. 709 or "
                "P3, or as JPEG 2000 that is marked as X'Y'Z'.",
            )
        ]
    told, rgb = str(stream.get("color_space", "")), _is_rgb(stream)
    if rgb or told in _UNTOLD | _MATRICES | _CONVERTED - {"ictcp"}:
        return []
    if told == "ictcp" and _known(stream.get("color_transfer"), set(_HDR)):
        return []
    return [
        refuse(
            "unsupported-colour",
            f"The colours of the video are stored in a way that can't be read ({told}). Export it "
            "in Rec. 709, or in BT.2020 for HDR.",
        )
    ]


def _is_xyz(stream: Mapping[str, Any]) -> bool:
    return "xyz" in str(stream.get("pix_fmt"))


def _is_rgb(stream: Mapping[str, Any]) -> bool:
    """By how it is stored: a tag that says so of Y, U and V is wrong."""
    stored = str(stream.get("pix_fmt"))
    return any(word in stored for word in ("rgb", "bgr", "gbr", "pal8"))


def _of_dolby_vision(stream: Mapping[str, Any]) -> str:
    return _DOLBY.get(_dolby_vision(stream).get("dv_bl_signal_compatibility_id", 0), "")


def _dolby_vision(stream: Mapping[str, Any]) -> Mapping[str, Any]:
    sides = stream.get("side_data_list", ())
    return next((side for side in sides if "dv_profile" in side), {})


def _is_full(stream: Mapping[str, Any]) -> bool:
    return stream.get("color_range") == "pc" or "yuvj" in str(stream.get("pix_fmt"))


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
