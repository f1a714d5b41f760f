"""What a master in HDR says of all of itself: in its container, or beside its first picture.

One picture is decoded and written as MP4 again, where ffmpeg puts both together: the boxes are what
is read, in whole numbers, whatever codec and container the master has.
"""

from pathlib import Path

from vitascope.encoding.contract.master import StaticMetadata
from vitascope.encoding.picture.light import from_boxes
from vitascope.encoding.picture.sample_entry import entry_of
from vitascope.engines import media
from vitascope.kernel.media import DynamicRange

_SMALL = "scale=64:36,format=yuv420p"


async def static_metadata(
    tools: media.Media, path: Path, picture: int, dynamic_range: DynamicRange
) -> StaticMetadata:
    """Returns nothing of SDR, nor of a picture that can't be decoded: others have found that."""
    if dynamic_range is DynamicRange.SDR:
        return StaticMetadata()
    written = ["-c:v", "libx264", "-f", "mp4", "-movflags", "frag_keyframe+empty_moov", "-"]
    args = ["-v", "error", "-i", "{in.master}", "-map", f"0:{picture}", "-frames:v", "1"]
    try:
        result = await tools.run(
            media.Tool.FFMPEG,
            [*args, "-vf", _SMALL, *written],
            inputs={"master": media.Input(path=path)},
        )
    except media.ToolFailed:
        return StaticMetadata()
    entry = entry_of(result.stdout)
    return from_boxes(entry.boxes) if entry else StaticMetadata()
