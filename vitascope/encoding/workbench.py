"""Where the steps do their work: named outputs, local files, and tool runs.

A step's output is named by the hash of what went into it: the master's bytes, the parameters, and
the versions of the tools. A step looks for its output first; a step whose output exists is done.
What is kept for one master lies below one prefix, so that it can be forgotten together.
"""

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from vitascope.encoding.contract.encoding import EncodingFailed, Progress
from vitascope.encoding.contract.master import Source
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines import media
from vitascope.engines.blobs import BlobNotFound, Blobs

T = TypeVar("T")

RECIPE = 1  # raise it when a step's code changes what it writes for the same parameters


class Workbench:
    """Blobs, media tools and a folder for what is not finished yet."""

    def __init__(
        self, *, blobs: Blobs, tools: media.Media, folder: Path, settings: EncodingSettings
    ) -> None:
        self.blobs = blobs
        self.tools = tools
        self.settings = settings
        self._folder = folder
        self._turns = asyncio.Semaphore(settings.parallel)
        self._versions: dict[str, str] = {}

    async def name(self, source: Source, step: str, *parts: Any) -> str:
        """The blob key, without ending, of what `step` makes of `source` and `parts`."""
        known = [RECIPE, source, await self._tool_versions(), *parts]
        digest = hashlib.sha256(msgspec.msgpack.encode(known)).hexdigest()[:40]
        return f"{prefix_of(source)}/{step}/{digest}"

    async def _tool_versions(self) -> dict[str, str]:
        if not self._versions:
            found = {str(tool): await self.tools.version(tool) for tool in media.Tool}
            self._versions = found
        return self._versions

    async def once(self, name: str, shape: type[T], make: Callable[[], Awaitable[T]]) -> T:
        """What was made under this name before, else what `make` makes now, kept."""
        try:
            return msgspec.json.decode(await self.blobs.get(f"{name}.json"), type=shape)
        except BlobNotFound:
            made = await make()
            await self.blobs.put(f"{name}.json", msgspec.json.encode(made), overwrite=True)
            return made

    @asynccontextmanager
    async def folder(self) -> AsyncIterator[Path]:
        """A folder of one's own, gone afterwards: attempts never meet in it."""
        made = await asyncio.to_thread(self._make_folder)
        try:
            yield made
        finally:
            await asyncio.to_thread(shutil.rmtree, made, ignore_errors=True)

    def _make_folder(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="step-", dir=self._folder))

    async def local(self, key: str, folder: Path) -> Path:
        """The object as a local file, perhaps in `folder`."""
        place = folder / hashlib.sha256(key.encode()).hexdigest()[:16]
        return await self.blobs.fetch(key, place)

    async def run(
        self,
        tool: media.Tool,
        args: Sequence[str],
        inputs: Mapping[str, media.Input],
        output: Path | None = None,
        *,
        frames: int = 0,
        progress: Progress | None = None,
        background: bool = False,
        secrets: Mapping[str, str] | None = None,
    ) -> media.ToolResult:
        """One tool run, in its turn; `frames` to come out make `progress` a fraction and set the
        time limit. `background` gives way to all else on the machine. Raises `EncodingFailed` for
        a tool that failed."""

        def heard(told: media.Progress) -> None:
            if progress is not None and frames:
                progress(min(1.0, told.frame / frames))

        async with self._turns:
            try:
                return await self.tools.run(
                    tool,
                    args,
                    inputs=inputs,
                    output=output,
                    limits=_limits(frames),
                    on_progress=heard,
                    background=background,
                    secrets=secrets,
                )
            except media.ToolFailed as failure:
                raise EncodingFailed(failure.detail, **failure.extra) from failure

    async def keep(self, key: str, file: Path) -> int:
        """Keep a finished file under its name; its size in bytes."""
        return (await self.blobs.put_file(key, file, overwrite=True)).size


def _limits(frames: int) -> media.Limits:
    wall_s = 600.0 + frames  # one frame a second is slower than any machine we know
    return media.Limits(wall_s=wall_s, cpu_s=round(wall_s * 8), memory_mib=16384)


def prefix_of(source: Source) -> str:
    return f"encodes/{source.sha256[:32]}"


async def sha256_of(file: Path) -> str:
    def digest() -> str:
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()

    return await asyncio.to_thread(digest)
