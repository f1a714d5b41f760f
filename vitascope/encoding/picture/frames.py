"""Which frames a step sees: frame `n` of the title is the same picture everywhere.

A plain master is read as it is: a seek to half a frame before the first frame wanted, then the
`fps` filter puts every picture in its numbered place, doubling what is missing and dropping what
is too much, and `trim` counts. Seeking alone would miss by a frame; the filter alone would decode
the film from its start for every chunk.

A master that is not plain (variable rate, interlaced, HDR, full range, or a container in which
seeking is a guess) is first turned into a mezzanine: constant rate, progressive, SDR, a keyframe
a second, near lossless.
"""

from fractions import Fraction

import msgspec

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import Picture
from vitascope.encoding.contract.request import OnProgress
from vitascope.encoding.timing import rate_of, rate_text
from vitascope.encoding.workspace import X264, Workspace
from vitascope.engines import media
from vitascope.kernel.media import DynamicRange

PLAIN_FORMATS = ("mov", "matroska")


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
    dynamic_range: DynamicRange
    primaries: str
    transfer: str
    matrix: str
    full_range: bool
    mezzanine: str = ""


def frames_read(source: Source, picture: Picture | None = None) -> FramesRead:
    own = [name for name in FramesRead.__struct_fields__ if name != "mezzanine"]
    mezzanine = picture.key if picture and picture.mezzanine else ""
    return FramesRead(**{name: getattr(source, name) for name in own}, mezzanine=mezzanine)


class _MezzanineRead(msgspec.Struct, frozen=True, kw_only=True):
    frames: FramesRead
    size: Size
    threads: int
    tool: str


def is_plain(source: Source) -> bool:
    odd = source.vfr or source.interlaced or source.full_range
    sdr = source.dynamic_range is DynamicRange.SDR
    return sdr and not odd and any(name in source.format for name in PLAIN_FORMATS)


def fitted(source: Source, lines: int) -> Size:
    """Returns the master's picture in a 16:9 box of `lines`; never larger than the master."""
    scale = min(1.0, lines / source.height, lines * 16 / 9 / source.width)
    return Size(width=_even(source.width * scale), height=_even(source.height * scale))


def _even(pixels: float) -> int:
    return max(2, round(pixels / 2) * 2)


def sizes(source: Source, boxes: tuple[int, ...]) -> tuple[Size, ...]:
    """Returns the sizes a title may be encoded in, smallest first: each box that the master fills,
    and the master's own size when it falls between two boxes."""
    own = fitted(source, max(boxes))
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
    demuxer = "matroska" if picture.mezzanine else source.format
    chain = (
        f"setpts=PTS-({float(begins - seek):.9f})/TB,"
        f"fps=fps={rate_text(rate)}:start_time=0:round=near,"
        f"tpad=stop_mode=clone:stop=2,trim=end_frame={count},setpts=N,"
        f"settb={rate.denominator}/{rate.numerator}"
    )
    return ["-ss", f"{float(seek):.6f}", "-f", demuxer, "-i", f"{{in.{name}}}"], chain


def stream_of(source: Source, picture: Picture, input_number: int = 0) -> str:
    index = "v:0" if picture.mezzanine else str(source.video_index)
    return f"{input_number}:{index}"


def tags(source: Source, *, converted: bool) -> str:
    """Returns a filter that tags every frame; without it half of the tags get lost on the way."""
    sdr = converted and source.dynamic_range is not DynamicRange.SDR
    names = ("bt709",) * 3 if sdr else (source.primaries, source.transfer, source.matrix)
    return "setparams=color_primaries={}:color_trc={}:colorspace={}:range=tv".format(*names)


def shaped(source: Source, size: Size) -> str:
    """Returns a filter that scales to `size` in square pixels and 8 bits, and sets the colour
    tags."""
    scale = f"scale={size.width}:{size.height}:flags=bicubic"
    return f"{scale},setsar=1,format=yuv420p,{tags(source, converted=True)}"


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
    deinterlaced = ["bwdif=mode=send_frame:parity=auto:deint=all"] if source.interlaced else []
    chain = ",".join([*deinterlaced, numbered, *_converted(source), shaped(source, size)])
    encoder = f"keyint={max(1, round(rate))}:scenecut=0:bframes=0:threads={threads}"
    return [
        *reading,
        "-filter_complex",
        f"[0:{source.video_index}]{chain}[v]",
        *("-map", "[v]", "-an", "-fps_mode", "passthrough"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-qp", "8", "-x264-params", encoder),
        "{out}/mezzanine.mkv",
    ]


def _converted(source: Source) -> list[str]:
    """Filters into SDR and limited range."""
    if source.dynamic_range is DynamicRange.SDR:
        return ["scale=in_range=full:out_range=tv"] if source.full_range else []
    transfer = "smpte2084" if source.dynamic_range is DynamicRange.HDR10 else "arib-std-b67"
    return [
        f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc:range=tv",
        "zscale=transfer=linear:npl=100",
        "format=gbrpf32le",
        "zscale=primaries=bt709",
        "tonemap=hable:desat=0",
        "zscale=transfer=bt709:matrix=bt709:range=tv",
    ]
