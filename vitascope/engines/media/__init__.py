"""Running ffmpeg, ffprobe and the packager, in a sandbox and within limits."""

from vitascope.engines.media.allowed import hears, sees
from vitascope.engines.media.contract import (
    Input,
    Limits,
    Listener,
    Media,
    Tool,
    ToolDiskFull,
    ToolFailed,
    ToolMissing,
    ToolOutOfMemory,
    ToolProgress,
    ToolResult,
    ToolTimeout,
    ToolTooBig,
)

__all__ = [
    "Input",
    "Limits",
    "Listener",
    "Media",
    "Tool",
    "ToolDiskFull",
    "ToolFailed",
    "ToolMissing",
    "ToolOutOfMemory",
    "ToolProgress",
    "ToolResult",
    "ToolTimeout",
    "ToolTooBig",
    "hears",
    "sees",
]
