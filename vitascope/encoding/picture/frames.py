"""Which frames a step sees: frame `n` of the title is the same picture everywhere.

A plain master is read as it is: a seek to half a frame before the first frame wanted, then the
`fps` filter puts every picture in its numbered place, doubling what is missing and dropping what
is too much, and `trim` counts. Seeking alone would miss by a frame; the filter alone would decode
the film from its start for every chunk.

A master that is not plain (variable rate, interlaced or pulled down, HDR, RGB, full range, colours
that few players know, or a container in which seeking is a guess) is first turned into a mezzanine:
constant rate, progressive, SDR, a keyframe a second, near lossless. For ladders in HDR there is
another reading beside it: the master itself where only its range is not plain, else a mezzanine of
10 bits in that range.
"""

from collections.abc import Iterable
from fractions import Fraction

import msgspec

from vitascope.encoding.contract.master import FieldOrder, Source
from vitascope.encoding.contract.picture import Picture
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.picture.colours import (
    AS_JUDGED,
    NO_STATIC,
    TONE_MAP,
    as_it_is,
    converted,
    is_bt2020,
    is_sdr,
    is_wide,
    tags,
)
from vitascope.encoding.timing import LATE, rate_of, rate_text
from vitascope.encoding.workspace import X264, Workspace
from vitascope.engines import media
from vitascope.kernel.media import DynamicRange

PLAIN_FORMATS = ("mov", "matroska")
BROADCAST = ("mpegts", "mpeg")  # whose clock may restart or jump on the way
# In FLV a seek to before the first keyframe ends at a later one.
NOT_SOUGHT = (*BROADCAST, "flv")
DISPLAY_LINES = 1080  # of the screen that VMAF's models v0.6.1 and v1 (3 heights away) stand for
_WORTH_MORE_LINES = 1.2  # less is no UHD: those whose plan ends at 1080 lines would get 720


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
    tone_map: str | msgspec.UnsetType = msgspec.UNSET  # of HDR that becomes SDR
    dynamic_range: DynamicRange | msgspec.UnsetType = msgspec.UNSET  # where it stays HDR


def is_plain(source: Source, dynamic_range: DynamicRange = DynamicRange.SDR) -> bool:
    """Returns True for a master of which pictures of this range are read as they are."""
    odd = source.vfr or source.interlaced or source.pulled_down or source.full_range or source.rgb
    odd = odd or bool(source.coded_matrix) or is_wide(source)
    if not is_sdr(source):
        odd = odd or not is_bt2020(source)
    plain = not odd and any(name in source.format for name in PLAIN_FORMATS)
    return plain and source.dynamic_range is dynamic_range


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
    stays = count if own and not is_plain(source, picture.dynamic_range) else 2
    told = f"{as_it_is(source)}," if own else ""
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


def shaped(
    source: Source,
    size: Size,
    bit_depth: int = 8,
    dynamic_range: DynamicRange = DynamicRange.SDR,
) -> str:
    """Returns a filter that scales to `size` in square pixels of so many bits, and sets the colour
    tags."""
    scale = f"scale={size.width}:{size.height}:flags=bicubic"
    pixels = "yuv420p" if bit_depth == 8 else f"yuv420p{bit_depth}le"
    return f"{scale},setsar=1,format={pixels},{tags(source, dynamic_range)}"


def measured(source: Source, size: Size, dynamic_range: DynamicRange) -> str:
    """Returns a filter that shapes pictures of this range for being compared: VMAF knows SDR, so
    HDR is brought there, by a tone map that leaves room for what is bright."""
    if dynamic_range is DynamicRange.SDR:
        return shaped(source, size)
    return f"{shaped(source, size, 10, dynamic_range)},{AS_JUDGED},format=yuv420p"


async def prepare_picture(
    workspace: Workspace,
    source: Source,
    progress: OnProgress | None = None,
    *,
    dynamic_range: DynamicRange = DynamicRange.SDR,
) -> Picture:
    """Returns the master itself where it is plain, else its mezzanine."""
    if is_plain(source, dynamic_range):
        return Picture(key=source.master_key, mezzanine=False, dynamic_range=dynamic_range)
    size = fitted(source, max(workspace.settings.heights))
    becomes_sdr = dynamic_range is DynamicRange.SDR and not is_sdr(source)
    read = _MezzanineRead(
        frames=frames_read(source),
        size=size,
        threads=workspace.settings.threads,
        tool=await workspace.encoder_version(X264),
        tone_map=f"{TONE_MAP},{NO_STATIC}" if becomes_sdr else msgspec.UNSET,
        dynamic_range=msgspec.UNSET if dynamic_range is DynamicRange.SDR else dynamic_range,
    )
    name = await workspace.name(source.sha256, "mezzanine", read)

    async def make() -> Picture:
        async with workspace.folder() as folder:
            args = _mezzanine_args(source, size, workspace.settings.threads, dynamic_range)
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
        return Picture(key=f"{name}.mkv", mezzanine=True, dynamic_range=dynamic_range)

    return await workspace.once(name, Picture, make)


def _mezzanine_args(
    source: Source, size: Size, threads: int, dynamic_range: DynamicRange
) -> list[str]:
    rate = rate_of(source.frame_rate)
    bits, qp = (8, "8") if dynamic_range is DynamicRange.SDR else (10, "14")  # 20 is 8 in 10 bits
    reading, numbered = read_args(
        source, Picture(key=source.master_key, mezzanine=False), 0, source.frames
    )
    chain = ",".join(
        [
            *_whole_pictures(source),
            numbered,
            *converted(source, dynamic_range),
            shaped(source, size, bits, dynamic_range),
        ]
    )
    encoder = f"keyint={max(1, round(rate))}:scenecut=0:bframes=0:threads={threads}"
    return [
        *reading,
        "-filter_complex",
        f"[0:{source.video_index}]{chain}[v]",
        *("-map", "[v]", "-an", "-fps_mode", "passthrough"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-qp", qp, "-x264-params", encoder),
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
