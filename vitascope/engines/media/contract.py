"""Running ffmpeg, ffprobe and the packager on files that nobody vouches for.

A caller never writes a path into a command: it binds files to neutral names and says
`{in.NAME}`, and it says `{out}` for its one output folder, which is also where the tool stands.

    await media.run(
        Tool.FFMPEG,
        ["-i", "{in.master}", "-map", "0:v:0", "-c:v", "libx264", "{out}/v240.mp4"],
        inputs={"master": Input(path=master)},
        output=folder,
        limits=Limits(wall_s=120),
    )

The tool sees the inputs side by side in one folder (`/in/NAME` in a sandbox), read-only, under
nothing but these names. So a list for the concat demuxer names its neighbours plainly
(`file 'chunk-0001'`), both are bound, and both are `trusted`. A folder may be bound as well
(`{in.chunks}/0001.mp4`). `-nostdin -hide_banner -y` and the allow-lists are put in by the engine:
before every `-i {in.NAME}` of an input that is not trusted stand the lists of protocols,
containers and codecs and the limit of pixels. Filters that open files by themselves (`movie=`)
get none of that: use them on trusted inputs only. The packager has no such lists and takes trusted
inputs only.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from vitascope.kernel.errors import DeadlineExceeded, Trouble, Unavailable


class ToolFailed(Trouble):
    """The tool said no. `extra`: `tool`, `exit_code`, `last_lines` (of what it said, at most 20).

    Whether that is the master's fault is for the caller to know.
    """

    code = "tool-failed"


class ToolTimeout(DeadlineExceeded):
    """Wall clock or processor time ran out; the process is gone. `extra` as in `ToolFailed`."""

    code = "tool-timeout"


class ToolTooBig(ToolFailed):
    """More output, or more on stdout, than `Limits` allow."""

    code = "tool-too-big"


class ToolOutOfMemory(Trouble):
    """It asked for more memory than there is, or was killed for what it had taken. `extra` as in
    `ToolFailed`; what it read may be as it should be."""

    code = "tool-out-of-memory"


class ToolDiskFull(Trouble):
    """There was no room for what it wrote. `extra` as in `ToolFailed`."""

    code = "tool-disk-full"


class ToolMissing(Unavailable):
    """A binary is not there or does not start; the sentence says what to install."""

    code = "tool-missing"


class Tool(enum.StrEnum):
    FFMPEG = "ffmpeg"
    FFPROBE = "ffprobe"
    PACKAGER = "packager"


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """A file or folder to bind. Trusted is only what one of our own runs has written."""

    path: Path
    trusted: bool = False


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What one run may use. Beyond it the process is killed and the run raises."""

    wall_s: float = 600.0
    stall_s: float = 0.0  # without a frame more, where ffmpeg tells its progress; 0 is no limit
    cpu_s: int = 3600
    memory_mib: int = 8192  # address space, as the kernel counts it
    file_mib: int = 65536  # each file written
    stdout_mib: int = 64
    max_pixels: int = 8192 * 4320  # a decoded picture of an untrusted input


class ToolProgress(msgspec.Struct, frozen=True, kw_only=True):
    """What ffmpeg last told; about twice a second, and once at the end with `done`."""

    frame: int = 0
    position_ms: int = 0  # of the output
    speed: float = 0.0  # seconds of film a second
    done: bool = False


class ToolResult(msgspec.Struct, frozen=True, kw_only=True):
    """A run that ended well (exit status 0)."""

    stdout: bytes
    stderr: str  # the last MiB
    seconds: float
    command: str  # can be pasted in a shell


class Listener(Protocol):
    """Takes what a tool says on stdout, piece by piece, on the event loop: it must be quick. What
    it raises ends the run, and is raised by it."""

    def begin(self) -> None:
        """Forget what was taken before: the tool starts, perhaps once more."""
        ...

    def take(self, piece: bytes) -> None: ...


class Media(Protocol):
    """Safe to share between tasks; each call is one process. Nothing limits how many: the caller
    does. When the calling task is cancelled, the process and all it started are killed within a
    second, and the cancellation goes on. What lies in `output` then is whatever was written."""

    async def run(
        self,
        tool: Tool,
        args: Sequence[str],
        *,
        inputs: Mapping[str, Input],
        output: Path | None = None,
        limits: Limits = Limits(),  # noqa: B008 (frozen)
        on_progress: Callable[[ToolProgress], None] | None = None,
        background: bool = False,
        secrets: Mapping[str, str] | None = None,
        listener: Listener | None = None,
    ) -> ToolResult:
        """Run `tool` with `args`. `output` must exist; without it the tool can write nowhere.

        `on_progress` (ffmpeg only) is called on the event loop and must not block. `background`
        gives way to everything else on the machine (nice 10). `secrets` (content keys) are put in
        the place of `{secret.NAME}`; the logged command and `ToolResult.command` keep the
        placeholder, and what the tool says is cleaned of the value. With a `listener`,
        `ToolResult.stdout` is empty: what is said is never whole in memory.
        Raises `ToolFailed`, `ToolTooBig`, `ToolTimeout`, `ToolOutOfMemory`, `ToolDiskFull`,
        `ToolMissing`, and `ValueError` for an argument that names an input that is not bound.
        """
        ...

    async def version(self, tool: Tool) -> str:
        """Returns one line such as `ffmpeg 9.0.2`, for the names of checkpoints. Raises
        `ToolMissing`."""
        ...

    async def sandbox(self) -> str:
        """Returns how runs are sandboxed: `bubblewrap`, `landlock`, or `limits` where neither
        works."""
        ...
