"""What a file on this machine tells of itself, before it is sent anywhere."""

from fractions import Fraction
from pathlib import Path

import msgspec

from vitascope.engines.media import Input, Limits, Media, Tool
from vitascope.ingest import UploadPriority
from vitascope.kernel.errors import VitascopeError
from vitascope.publishing import FilmTold


class _Stream(msgspec.Struct):
    codec_type: str = ""
    width: int = 0
    height: int = 0
    avg_frame_rate: str = ""


class _Format(msgspec.Struct):
    duration: str = ""


class _Told(msgspec.Struct):
    streams: list[_Stream] = []
    format: _Format = msgspec.field(default_factory=_Format)


async def film_told(media: Media, file: Path, priority: UploadPriority) -> FilmTold | None:
    """Returns the size and length of a film; None where its headers do not tell, or there is no
    tool to read them."""
    shown = "stream=codec_type,width,height,avg_frame_rate:format=duration"
    asked = ["-v", "error", "-show_entries", shown, "-of", "json"]
    try:
        found = await media.run(
            Tool.FFPROBE,
            [*asked, "-i", "{in.film}"],
            inputs={"film": Input(path=file)},
            limits=Limits(wall_s=30, cpu_s=30),
        )
        told = msgspec.json.decode(found.stdout, type=_Told)
        kinds = [stream.codec_type for stream in told.streams]
        picture = told.streams[kinds.index("video")]
        return msgspec.convert(
            {
                "duration_ms": round(float(told.format.duration) * 1000),
                "width": picture.width,
                "height": picture.height,
                "frame_rate": float(Fraction(picture.avg_frame_rate)),
                "sounds": kinds.count("audio"),
                "priority": priority,
            },
            FilmTold,
        )
    except (VitascopeError, ValueError, ZeroDivisionError, IndexError, msgspec.MsgspecError):
        return None
