"""Where the steps do their work: named outputs, local files, and tool runs.

A step's output is named by the hash of what the step reads, which it says as one struct: the
master's SHA-256, its own parameters, and the version of the one tool that it runs. What it does not
read (where the master lies, which subtitles came beside it, other tools) cannot rename it. A step
looks for its output first; a step whose output exists is done. What is kept for one master lies
below one prefix, whoever sent it and however often.
"""

import asyncio
import copy
import hashlib
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from vitascope.encoding.contract.request import EncodingFailed, OnProgress
from vitascope.encoding.ranges import Ranges, Spans
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines import media
from vitascope.engines.blobs import BlobNotFound, Blobs

T = TypeVar("T")

PREFIX = "encodes"


class Encoder(msgspec.Struct, frozen=True, kw_only=True):
    """An encoder in ffmpeg, and how its version is found."""

    name: str  # "libx264"
    raw: str  # a format of ffmpeg that takes its packets as they are
    says: str  # a pattern with one group


X264 = Encoder(name="libx264", raw="h264", says=r"x264 - core ([\w ]+) - ")


class Workspace:
    """Blobs, media tools and a folder for what is not finished yet."""

    def __init__(
        self, *, blobs: Blobs, tools: media.Media, folder: Path, settings: EncodingSettings
    ) -> None:
        self.blobs = blobs
        self.tools = tools
        self.settings = settings
        self._folder = folder
        self._turns = asyncio.Semaphore(settings.parallel)
        self._ranges = Ranges(
            blobs=blobs, folder=folder / "ranges", most_bytes=round(settings.ranges_gib * 2**30)
        )
        self._versions: dict[str, str] = {}

    def at(self, settings: EncodingSettings) -> "Workspace":
        """Returns the same place for work by other settings: what is kept, and the turns in which
        tools run, are shared."""
        other = copy.copy(self)
        other.settings = settings
        return other

    async def name(self, master: str, step: str, read: msgspec.Struct) -> str:
        """Returns the blob key, without ending, of what `step` makes of what it `read`. `master` is
        the SHA-256 of the master's bytes."""
        told = msgspec.json.encode((step, master, read), order="deterministic")
        return f"{PREFIX}/{master[:32]}/{step}/{hashlib.sha256(told).hexdigest()[:40]}"

    async def version(self, tool: media.Tool) -> str:
        """Returns the version of the tool that a step runs, for its `read` struct."""
        return await self._known(str(tool), lambda: self.tools.version(tool))

    async def encoder_version(self, encoder: Encoder) -> str:
        """Returns the same for a step that encodes: ffmpeg's version, and that of the library in
        it."""
        ffmpeg = await self.version(media.Tool.FFMPEG)
        library = await self._known(encoder.name, lambda: self._encoder_version(encoder))
        return f"{ffmpeg}, {library}"

    async def _known(self, name: str, ask: Callable[[], Awaitable[str]]) -> str:
        if name not in self._versions:
            self._versions[name] = await ask()
        return self._versions[name]

    async def _encoder_version(self, encoder: Encoder) -> str:
        """As the encoder tells it of itself: in its log, or in what it writes."""
        small = "color=s=64x64:r=1:d=1"
        args = ["-v", "info", "-f", "lavfi", "-i", small, "-c:v", encoder.name]
        result = await self.run(
            media.Tool.FFMPEG, [*args, "-pix_fmt", "yuv420p", "-f", encoder.raw, "-"], {}
        )
        told = re.search(encoder.says, result.stderr + result.stdout.decode("latin-1"))
        if told is None:
            raise EncodingFailed(f"The version of {encoder.name} can't be read.")
        return f"{encoder.name} {told[1]}"

    async def once(self, name: str, shape: type[T], make: Callable[[], Awaitable[T]]) -> T:
        """Returns what was made under this name before, else what `make` makes now, kept."""
        found = await self.made(name, shape)
        if found is None:
            found = await make()
            await self.note(name, found)
        return found

    async def made(self, name: str, shape: type[T]) -> T | None:
        """Returns what was made under this name before."""
        try:
            return msgspec.json.decode(await self.blobs.get(f"{name}.json"), type=shape)
        except BlobNotFound:
            return None

    async def note(self, name: str, made: object) -> None:
        """Keep what a step answers, under its name: from now on the step is done."""
        await self.blobs.put(f"{name}.json", msgspec.json.encode(made), overwrite=True)

    @asynccontextmanager
    async def folder(self) -> AsyncIterator[Path]:
        """Returns a new folder, deleted afterwards: attempts never meet in it."""
        made = await asyncio.to_thread(self._make_folder)
        try:
            yield made
        finally:
            await asyncio.to_thread(shutil.rmtree, made, ignore_errors=True)

    def _make_folder(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="step-", dir=self._folder))

    async def local(self, key: str, folder: Path) -> Path:
        """Returns the object as a local file, perhaps in `folder`."""
        place = folder / hashlib.sha256(key.encode()).hexdigest()[:16]
        return await self.blobs.fetch(key, place)

    def part(self, key: str, spans: Spans = ()) -> AbstractAsyncContextManager[Path]:
        """Returns the object as a local file, in which only `spans` need be there; kept for other
        steps."""
        return self._ranges.holding(key, spans)

    async def run(
        self,
        tool: media.Tool,
        args: Sequence[str],
        inputs: Mapping[str, media.Input],
        output: Path | None = None,
        *,
        frames: int = 0,
        progress: OnProgress | None = None,
        background: bool = False,
        secrets: Mapping[str, str] | None = None,
        stall_s: float = 0.0,
    ) -> media.ToolResult:
        """Run a tool once, in its turn; `frames` to come out make `progress` a fraction and set the
        time limit, `stall_s` without another one too. `background` gives way to all else on the
        machine. Raises `EncodingFailed` for a tool that failed, and what else `Media` raises."""

        def heard(told: media.ToolProgress) -> None:
            if progress is not None and frames:
                progress(min(1.0, told.frame / frames))

        async with self._turns:
            try:
                return await self.tools.run(
                    tool,
                    args,
                    inputs=inputs,
                    output=output,
                    limits=_limits(frames, self.settings.tool_memory_mib, stall_s),
                    on_progress=heard,
                    background=background,
                    secrets=secrets,
                )
            except media.ToolFailed as failure:
                raise EncodingFailed(failure.detail, **failure.extra) from failure

    async def keep(self, key: str, file: Path) -> int:
        """Keep a finished file under its name; its size in bytes."""
        return (await self.blobs.put_file(key, file, overwrite=True)).size


def _limits(frames: int, memory_mib: int, stall_s: float) -> media.Limits:
    wall_s = 600.0 + frames  # one frame a second is slower than any machine we know
    return media.Limits(
        wall_s=wall_s, cpu_s=round(wall_s * 8), memory_mib=memory_mib, stall_s=stall_s
    )


async def sha256_of(file: Path) -> str:
    def digest() -> str:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()

    return await asyncio.to_thread(digest)
