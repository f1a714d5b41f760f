"""Which frames a step sees: frame `n` of the title is the same picture everywhere.

A plain master is read as it is: a seek to half a frame before the first frame wanted, then the
`fps` filter puts every picture in its numbered place, doubling what is missing and dropping what
is too much, and `trim` counts. Seeking alone would miss by a frame; the filter alone would decode
the film from its start for every chunk.

A master that is not plain (variable rate, interlaced or pulled down, HDR, RGB, full range, colours
that few players know, or a container in which seeking is a guess) is first turned into a mezzanine:
constant rate, progressive, SDR, a keyframe a second, near lossless.
"""

from collections.abc import Iterable
from fractions import Fraction

import msgspec

from vitascope.encoding.contract.master import FieldOrder, Source
from vitascope.encoding.contract.picture import Picture
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.timing import LATE, rate_of, rate_text
from vitascope.encoding.workspace import X264, Workspace
from vitascope.engines import media
from vitascope.kernel.media import DynamicRange

PLAIN_FORMATS = ("mov", "matroska")
BROADCAST = ("mpegts", "mpeg")  # whose clock may restart or jump on the way
# In FLV a seek to before the first keyframe ends at a later one.
NOT_SOUGHT = (*BROADCAST, "flv")
# Primaries of SDR that players take for Rec. 709's; those of SD television are near enough.
_WIDE = ("bt2020", "smpte431", "smpte432", "smpte428")
# BT.2408: white paper in HDR has 203 cd/m2, and in SDR it is the white of the display. Up to nine
# tenths of that every brightness stays as it is; white itself comes to 96%, and what is brighter
# goes into the rest, up to the 1,000 cd/m2 that most of HDR is mastered for.
_HDR_WHITE = 203
_TONE_MAP = f"tonemap=mobius:param=0.9:peak={1000 / _HDR_WHITE:.3f}:desat=0"
DISPLAY_LINES = 1080  # of the screen that VMAF's models v0.6.1 and v1 (3 heights away) stand for
_WORTH_MORE_LINES = 1.2  # less is no UHD: those whose plan ends at 1080 lines would get 720
_CINEMA_WHITE = (48 / 52.37) ** (1 / 2.2)  # SMPTE ST 428-1: 48 cd/m2, where 52.37 are the most


class Size(msgspec.Struct, frozen=True, kw_only=True, order=True):
    height: int
    width: int


class FramesRead(msgspec.Struct, frozen=True, kw_only=True):
    """What the frames that a step reads depend on: the master's picture as it was understood, and
    the mezzanine, if there is one, which is named by what went into it."""

    format: str
    video_index: int
    width: int
    height: int
    frame_rate: str
    frames: int
    video_start_s: float
    vfr: bool
    interlaced: bool
    field_order: FieldOrder
    pulled_down: bool
    dynamic_range: DynamicRange
    primaries: str
    transfer: str
    matrix: str
    full_range: bool
    rgb: bool
    mezzanine: str = ""
    # not of plain masters: what was made of them before this field came keeps its name
    coded_matrix: str | msgspec.UnsetType = msgspec.UNSET
    made_rec709: bool | msgspec.UnsetType = msgspec.UNSET


def frames_read(source: Source, picture: Picture | None = None) -> FramesRead:
    own = set(FramesRead.__struct_fields__) - {"mezzanine", "coded_matrix", "made_rec709"}
    return FramesRead(
        **{name: getattr(source, name) for name in own},
        mezzanine=picture.key if picture and picture.mezzanine else "",
        coded_matrix=msgspec.UNSET if is_plain(source) else source.coded_matrix,
        made_rec709=is_wide(source) or msgspec.UNSET,
    )


class _MezzanineRead(msgspec.Struct, frozen=True, kw_only=True):
    frames: FramesRead
    size: Size
    threads: int
    tool: str
    tone_map: str | msgspec.UnsetType = msgspec.UNSET  # of HDR alone


def _is_sdr(source: Source) -> bool:
    return source.dynamic_range is DynamicRange.SDR


def is_plain(source: Source) -> bool:
    odd = source.vfr or source.interlaced or source.pulled_down or source.full_range or source.rgb
    odd = odd or bool(source.coded_matrix) or is_wide(source)
    return _is_sdr(source) and not odd and any(name in source.format for name in PLAIN_FORMATS)


def is_wide(source: Source) -> bool:
    """Returns True for SDR whose colours are not those of Rec. 709: they are made so, since half of
    the players don't look."""
    wide = source.primaries in _WIDE or source.matrix == "bt2020nc"
    return wide and _is_sdr(source)


def fitted(source: Source, lines: int) -> Size:
    """Returns the master's picture in a 16:9 box of `lines`; never larger than the master."""
    scale = min(1.0, lines / source.height, lines * 16 / 9 / source.width)
    return Size(width=_even(source.width * scale), height=_even(source.height * scale))


def display_of(source: Source, boxes: tuple[int, ...]) -> Size:
    """Returns the size at which pictures are measured: that of the largest box, but no more than
    1080 lines, for which the model was made."""
    return fitted(source, min(DISPLAY_LINES, max(boxes)))


def _even(pixels: float) -> int:
    return max(2, round(pixels / 2) * 2)


def sizes(source: Source, boxes: tuple[int, ...]) -> tuple[Size, ...]:
    """Returns the sizes a title may be encoded in, smallest first: each box that the master fills,
    and the master's own size when it falls between two boxes and is not next to 1080 lines."""
    own = fitted(source, max(boxes))
    if DISPLAY_LINES < own.height < DISPLAY_LINES * _WORTH_MORE_LINES:
        own = fitted(source, DISPLAY_LINES)
    found = {fitted(source, lines) for lines in boxes}
    below = {size for size in found if size.height < own.height * 0.9}
    return tuple(sorted({*below, own}))


def read_args(
    source: Source, picture: Picture, start: int, count: int, *, name: str = "picture"
) -> tuple[list[str], str]:
    """Returns input arguments, and the filter that turns the input into `count` frames from
    `start`, numbered from 0 in a time base of one frame."""
    rate = rate_of(source.frame_rate)
    begins = (Fraction(0) if picture.mezzanine else Fraction(str(source.video_start_s))) + (
        start / rate
    )
    seek = max(Fraction(0), begins - 1 / (2 * rate))
    sought = picture.mezzanine or source.format in PLAIN_FORMATS
    if not sought:  # a clock that jumps has any other place elsewhere, and even `-ss 0` skips
        seek = Fraction(0)
    at = [] if not sought else ["-ss", f"{float(seek):.6f}"]
    demuxer = "matroska" if picture.mezzanine else source.format
    own = not picture.mezzanine
    shift = float(begins - seek)
    stamped = _placed(rate, shift) if source.vfr and own else f"setpts=PTS-({shift:.9f})/TB"
    stays = count if own and not is_plain(source) else 2
    told = f"{_as_it_is(source)}," if own else ""
    chain = (
        f"{told}{stamped},fps=fps={rate_text(rate)}:start_time=0:round=near,"
        f"tpad=stop_mode=clone:stop={stays},trim=end_frame={count},setpts=N,"
        f"settb={rate.denominator}/{rate.numerator}"
    )
    return [*at, *as_one(source), "-f", demuxer, "-i", f"{{in.{name}}}"], chain


def as_one(source: Source) -> list[str]:
    """Returns an option before an input that has one graph of filters read all of it: where the
    size changes on the way, as in recordings of calls, ffmpeg would begin another one, which counts
    frames and measures sound anew. The scaler takes every size; a deinterlacer does not."""
    fixed = source.interlaced or source.pulled_down
    return [] if fixed else ["-reinit_filter:v", "0"]


def _placed(rate: Fraction, shift: float) -> str:
    """Returns a filter that gives every picture a frame of its own, as `cadence.placed` does: 0
    holds where in frames it comes, 1 the next frame that is free."""
    at = f"st(0,(T-{shift:.9f})*{rate_text(rate)})"
    nearest = f"max(floor(ld(0)+0.5),ld(1)-gt(ld(1)-ld(0),{LATE:g}))"
    return (
        f"settb=AVTB,setpts='if(lt({at},-0.5),floor(ld(0)),st(1,{nearest}+1)-1)"
        f"*{rate.denominator}/{rate.numerator}/TB'"
    )


def stream_of(source: Source, picture: Picture, input_number: int = 0) -> str:
    index = "v:0" if picture.mezzanine else str(source.video_index)
    return f"{input_number}:{index}"


def tags(source: Source) -> str:
    """Returns a filter that tags every frame; without it half of the tags get lost on the way."""
    return "setparams=color_primaries={}:color_trc={}:colorspace={}:range=tv".format(
        *_published_colours(source)
    )


def _published_colours(source: Source) -> tuple[str, str, str]:
    """Primaries, transfer, matrix. The curves of Rec. 709 and BT.2020 are one."""
    if not _is_sdr(source):
        return ("bt709",) * 3
    if is_wide(source):
        curve = source.transfer
        curve = "bt709" if curve.startswith("bt2020") or curve == "smpte428" else curve
        return "bt709", curve, "bt709"
    return source.primaries, source.transfer, source.matrix


def shaped(source: Source, size: Size, bit_depth: int = 8) -> str:
    """Returns a filter that scales to `size` in square pixels of so many bits, and sets the colour
    tags."""
    scale = f"scale={size.width}:{size.height}:flags=bicubic"
    pixels = "yuv420p" if bit_depth == 8 else f"yuv420p{bit_depth}le"
    return f"{scale},setsar=1,format={pixels},{tags(source)}"


async def prepare_picture(
    workspace: Workspace, source: Source, progress: OnProgress | None = None
) -> Picture:
    """Returns the master itself where it is plain, else its mezzanine."""
    if is_plain(source):
        return Picture(key=source.master_key, mezzanine=False)
    size = fitted(source, max(workspace.settings.heights))
    read = _MezzanineRead(
        frames=frames_read(source),
        size=size,
        threads=workspace.settings.threads,
        tool=await workspace.encoder_version(X264),
        tone_map=msgspec.UNSET if _is_sdr(source) else _TONE_MAP,
    )
    name = await workspace.name(source.sha256, "mezzanine", read)

    async def make() -> Picture:
        async with workspace.folder() as folder:
            args = _mezzanine_args(source, size, workspace.settings.threads)
            master = media.Input(path=await workspace.local(source.master_key, folder))
            await workspace.run(
                media.Tool.FFMPEG,
                args,
                {"picture": master},
                folder,
                frames=source.frames,
                progress=progress,
            )
            await workspace.keep(f"{name}.mkv", folder / "mezzanine.mkv")
        return Picture(key=f"{name}.mkv", mezzanine=True)

    return await workspace.once(name, Picture, make)


def _mezzanine_args(source: Source, size: Size, threads: int) -> list[str]:
    rate = rate_of(source.frame_rate)
    reading, numbered = read_args(
        source, Picture(key=source.master_key, mezzanine=False), 0, source.frames
    )
    chain = ",".join(
        [*_whole_pictures(source), numbered, *_converted(source), shaped(source, size)]
    )
    encoder = f"keyint={max(1, round(rate))}:scenecut=0:bframes=0:threads={threads}"
    return [
        *reading,
        "-filter_complex",
        f"[0:{source.video_index}]{chain}[v]",
        *("-map", "[v]", "-an", "-fps_mode", "passthrough"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-qp", "8", "-x264-params", encoder),
        "{out}/mezzanine.mkv",
        *beside(source.format, source.video_index, [sound.index for sound in source.audio]),
    ]


def beside(format: str, picture: int, sounds: Iterable[int]) -> list[str]:
    """Returns arguments of one more output, of nothing. ffmpeg puts a clock that jumps right by the
    streams that it reads, so every run reads the picture and all sound: else the two would differ
    after the jump by what one of them lacks there."""
    if format not in BROADCAST:
        return []
    mapped = [word for index in (picture, *sounds) for word in ("-map", f"0:{index}")]
    return [*mapped, "-c", "copy", "-copyinkf", "-f", "null", "-"]


def _whole_pictures(source: Source) -> list[str]:
    """Filters from fields to frames."""
    order = [] if source.field_order == "auto" else [f"setfield={source.field_order}"]
    if source.pulled_down:  # bwdif is for what does not match: the seams of an edit in video
        return [
            *order,
            "fieldmatch=combmatch=full",
            "bwdif=mode=send_frame:deint=interlaced",
            "decimate",
        ]
    if source.interlaced:
        return [*order, "bwdif=mode=send_field:parity=auto:deint=all"]
    return []


def readable(source: Source) -> list[str]:
    """Filters before others that look at brightness alone: ffmpeg's scaler refuses what it can't
    turn into RGB, even where nothing is to be turned."""
    matrix = "" if source.rgb else ":colorspace=bt709"
    return [f"setparams=color_primaries=bt709:color_trc=bt709{matrix}"]


def _converted(source: Source) -> list[str]:
    """Filters into SDR, limited range and a matrix that players know."""
    if not _is_sdr(source):
        return [
            f"zscale=transfer=linear:npl={_HDR_WHITE}",
            "format=gbrpf32le",
            "zscale=primaries=bt709",
            _TONE_MAP,
            "zscale=transfer=bt709:matrix=bt709:range=tv",
        ]
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
        names = "primaries={}:transfer={}:matrix={}".format(*_published_colours(source))
        return [f"zscale={names}:range=tv,format=yuv444p"]
    if source.rgb:  # left to itself, the scaler takes the matrix of SD for every size
        to = f"out_color_matrix={source.matrix}:out_range=tv"
        return [f"scale=in_range=full:{to},format=yuv444p"]
    if source.coded_matrix:
        return [f"zscale=matrix={source.matrix}:range=tv,format=yuv444p"]
    return ["scale=in_range=full:out_range=tv"] if source.full_range else []


def _as_it_is(source: Source) -> str:
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
