"""Which colours pictures have: those of the master, and those that they are brought to.

Names are ffmpeg's (of ITU-T H.273). Everything here is a filter, or the words of one. Pictures in
SDR have colours that players know; those in HDR are in BT.2020 with the master's own curve.
"""

from vitascope.encoding.contract.master import Source
from vitascope.kernel.media import DynamicRange

# Primaries of SDR that players take for Rec. 709's; those of SD television are near enough.
_WIDE = ("bt2020", "smpte431", "smpte432", "smpte428")
# BT.2408: white paper in HDR has 203 cd/m2, and in SDR it is the white of the display. Up to nine
# tenths of that every brightness stays as it is; white itself comes to 96%, and what is brighter
# goes into the rest, up to the 1,000 cd/m2 that most of HDR is mastered for.
_HDR_WHITE = 203
TONE_MAP = f"tonemap=mobius:param=0.9:peak={1000 / _HDR_WHITE:.3f}:desat=0"
# From HDR to light in the primaries of Rec. 709, 1 being white paper; and back to a signal.
_TO_LIGHT = f"zscale=transfer=linear:npl={_HDR_WHITE},format=gbrpf32le,zscale=primaries=bt709"
_FROM_LIGHT = "zscale=transfer=bt709:matrix=bt709:range=tv"
# By which HDR is measured, on both sides: white comes to three quarters of the signal, and a
# quarter is left for what is brighter, up to 4,000 cd/m2. The map above would hide damage there.
_JUDGED_BY = f"tonemap=reinhard:param=0.5:peak={4000 / _HDR_WHITE:.3f}:desat=0"
AS_JUDGED = f"{_TO_LIGHT},{_JUDGED_BY},{_FROM_LIGHT}"
# What a master says of its HDR is not true of the picture in SDR. ffmpeg would hand it to the first
# encoder of a run and to no other.
NO_STATIC = (
    "sidedata=mode=delete:type=MASTERING_DISPLAY_METADATA,"
    "sidedata=mode=delete:type=CONTENT_LIGHT_LEVEL"
)
_HDR_PRIMARIES, _HDR_MATRIX = "bt2020", "bt2020nc"
_CINEMA_WHITE = (48 / 52.37) ** (1 / 2.2)  # SMPTE ST 428-1: 48 cd/m2, where 52.37 are the most


def is_sdr(source: Source) -> bool:
    return source.dynamic_range is DynamicRange.SDR


def is_wide(source: Source) -> bool:
    """Returns True for SDR whose colours are not those of Rec. 709: they are made so, since half of
    the players don't look."""
    wide = source.primaries in _WIDE or source.matrix == "bt2020nc"
    return wide and is_sdr(source)


def tags(source: Source, dynamic_range: DynamicRange = DynamicRange.SDR) -> str:
    """Returns a filter that tags every frame; without it half of the tags get lost on the way."""
    return "setparams=color_primaries={}:color_trc={}:colorspace={}:range=tv".format(
        *published_colours(source, dynamic_range)
    )


def published_colours(
    source: Source, dynamic_range: DynamicRange = DynamicRange.SDR
) -> tuple[str, str, str]:
    """Returns primaries, transfer, matrix. The curves of Rec. 709 and BT.2020 are one."""
    if dynamic_range is not DynamicRange.SDR:
        return _HDR_PRIMARIES, source.transfer, _HDR_MATRIX
    if not is_sdr(source):
        return ("bt709",) * 3
    if is_wide(source):
        curve = source.transfer
        curve = "bt709" if curve.startswith("bt2020") or curve == "smpte428" else curve
        return "bt709", curve, "bt709"
    return source.primaries, source.transfer, source.matrix


def readable(source: Source) -> list[str]:
    """Filters before others that look at brightness alone: ffmpeg's scaler refuses what it can't
    turn into RGB, even where nothing is to be turned."""
    matrix = "" if source.rgb else ":colorspace=bt709"
    return [f"setparams=color_primaries=bt709:color_trc=bt709{matrix}"]


def is_bt2020(source: Source) -> bool:
    return (source.primaries, source.matrix) == (_HDR_PRIMARIES, _HDR_MATRIX)


def _as_hdr(source: Source) -> list[str]:
    """Filters into BT.2020 of the master's own curve, limited range."""
    if is_bt2020(source) and not (source.rgb or source.coded_matrix or source.full_range):
        return []
    names = "primaries={}:transfer={}:matrix={}".format(
        *published_colours(source, source.dynamic_range)
    )
    return [f"zscale={names}:range=tv", "format=yuv444p12le"]


def converted(source: Source, dynamic_range: DynamicRange) -> list[str]:
    """Returns filters into this range, limited levels and a matrix that players know."""
    if dynamic_range is not DynamicRange.SDR:
        return _as_hdr(source)
    if not is_sdr(source):
        return [_TO_LIGHT, TONE_MAP, _FROM_LIGHT, NO_STATIC]
    if source.primaries == "smpte428":  # the scaler makes RGB of gamma 2.2 in Rec. 709 of X'Y'Z'
        white = f"rimax={_CINEMA_WHITE:.5f}:gimax={_CINEMA_WHITE:.5f}:bimax={_CINEMA_WHITE:.5f}"
        return [
            "format=gbrp16le",
            "setparams=color_primaries=bt709:color_trc=bt470m:colorspace=gbr:range=pc",
            f"colorlevels={white}",
            "zscale=transfer=bt709:matrix=bt709:range=tv",
            "format=yuv444p",
        ]
    if is_wide(source):
        names = "primaries={}:transfer={}:matrix={}".format(*published_colours(source))
        return [f"zscale={names}:range=tv,format=yuv444p"]
    if source.rgb:  # left to itself, the scaler takes the matrix of SD for every size
        to = f"out_color_matrix={source.matrix}:out_range=tv"
        return [f"scale=in_range=full:{to},format=yuv444p"]
    if source.coded_matrix:
        return [f"zscale=matrix={source.matrix}:range=tv,format=yuv444p"]
    return ["scale=in_range=full:out_range=tv"] if source.full_range else []


def as_it_is(source: Source) -> str:
    """Returns a filter that tells how the master's picture is coded. Its frames may say something
    else (in ProRes often "reserved", which ffmpeg's scaler refuses). Of X'Y'Z' nothing is told:
    with tags of digital cinema the scaler would make RGB by them, and by itself it makes Rec. 709
    of it."""
    if source.primaries == "smpte428":
        return "setparams=color_primaries=unknown:color_trc=unknown:colorspace=unknown"
    matrix = "gbr" if source.rgb else source.coded_matrix or source.matrix
    levels = "pc" if source.rgb or source.full_range else "tv"
    names = f"color_primaries={source.primaries}:color_trc={source.transfer}:colorspace={matrix}"
    return f"setparams={names}:range={levels}"
