"""Captions that lie in the picture's stream (CEA-608, ATSC A/53), as a subtitle file.

ffmpeg gives them out through a filter that opens files by itself, past the lists of what may be
opened. So the master is first read in the usual way, into a tiny picture that carries the captions
along, and the filter reads that. Of CEA-708 the part that is compatible with 608 is read.
"""

import asyncio
from pathlib import Path

from vitascope.encoding.contract.master import Source
from vitascope.engines import media

IN_PICTURE = "a53"  # as the codec of a text whose index is the picture's

_LIMITS = media.Limits(wall_s=6 * 3600, file_mib=4096)
_TINY = (
    *("-an", "-sn", "-dn", "-vf", "scale=32:32,format=yuv420p", "-fps_mode", "passthrough"),
    *("-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-crf", "51", "-a53cc", "1"),
    *("-f", "matroska", "{out}/captions.mkv"),
)


async def captions_in_picture(
    tools: media.Media, path: Path, source: Source, index: int, folder: Path
) -> bytes:
    """Returns an ASS file with times of the master. Raises `ToolFailed`, `ToolTimeout`."""
    await tools.run(
        media.Tool.FFMPEG,
        ["-v", "error", "-f", source.format, "-i", "{in.master}", "-map", f"0:{index}", *_TINY],
        inputs={"master": media.Input(path=path)},
        output=folder,
        limits=_LIMITS,
    )
    tiny = folder / "captions.mkv"
    await tools.run(
        media.Tool.FFMPEG,
        [
            *("-v", "error", "-f", "lavfi", "-i", "movie={in.tiny}[out0+subcc]"),
            *("-map", "0:s", "-c:s", "ass", "-f", "ass", "{out}/captions.ass"),
        ],
        inputs={"tiny": media.Input(path=tiny, trusted=True)},
        output=folder,
        limits=_LIMITS,
    )
    return await asyncio.to_thread((folder / "captions.ass").read_bytes)
