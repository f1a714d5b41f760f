"""The `Media` port over the bundled tools, each run in a cage (see `cage.py`)."""

import asyncio
import contextlib
import logging
import re
import shlex
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

from vitascope.engines.media import allowed, cage, tools
from vitascope.engines.media.contract import (
    Input,
    Limits,
    Tool,
    ToolFailed,
    ToolMissing,
    ToolProgress,
    ToolResult,
    ToolTimeout,
    ToolTooBig,
)
from vitascope.engines.media.running import Ended, finish

_log = logging.getLogger(__name__)
_SECRET = re.compile(r"\{secret\.([a-z0-9_.-]+)\}")
_FIRST = {
    Tool.FFMPEG: ("-nostdin", "-hide_banner", "-nostats", "-y"),
    Tool.FFPROBE: ("-hide_banner",),
    Tool.PACKAGER: (),
}
_ENDED_BY = {128 + number: number for number in (signal.SIGXCPU, signal.SIGXFSZ, signal.SIGKILL)}


class BoxedMedia:
    """ffmpeg, ffprobe and the packager as processes of this machine.

    `sandbox` is `auto` (bubblewrap where it is there and works, tried once on the first run),
    `bubblewrap` (or no run at all), or `limits`.
    """

    def __init__(self, *, sandbox: str = "auto") -> None:
        if sandbox not in ("auto", "bubblewrap", "limits"):
            raise ValueError("sandbox is auto, bubblewrap or limits")
        self._wanted = sandbox
        self._cage: cage.Cage | None = None
        self._choosing = asyncio.Lock()
        self._binaries: dict[Tool, Path] = {}
        self._versions: dict[Tool, str] = {}

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
    ) -> ToolResult:
        binary, keeper = await self._binary(tool), await self._keeper()
        words = arguments(tool, args, inputs, limits)
        held = await _prepared(
            lambda: keeper.hold(binary, words, inputs, output, limits, background=background)
        )
        heard = on_progress if tool is Tool.FFMPEG else None
        return await self._finished(tool, held, limits, heard, secrets or {})

    async def version(self, tool: Tool) -> str:
        if tool not in self._versions:
            flag = "--version" if tool is Tool.PACKAGER else "-version"
            said = (await self.run(tool, [flag], inputs={})).stdout.decode("ascii", "replace")
            self._versions[tool] = _version(tool, said)
        return self._versions[tool]

    async def sandbox(self) -> str:
        return (await self._keeper()).name

    async def _finished(
        self,
        tool: Tool,
        held: cage.Held,
        limits: Limits,
        on_progress: Callable[[ToolProgress], None] | None,
        secrets: Mapping[str, str],
    ) -> ToolResult:
        command = shlex.join(held.shown)
        began = time.monotonic()
        async with _without_scratch(held):
            revealed = _revealed(held, secrets)
            _log.info("media tool: %s", command)
            ended = await finish(revealed, limits, on_progress)
        clean = _cleaned(ended.stderr, secrets)
        if ended.status or ended.late or ended.overflow:
            raise _failure(tool, ended, limits, clean, command)
        seconds = time.monotonic() - began
        return ToolResult(stdout=ended.stdout, stderr=clean, seconds=seconds, command=command)

    async def _binary(self, tool: Tool) -> Path:
        if tool not in self._binaries:
            self._binaries[tool] = await asyncio.to_thread(tools.locate, tool)
        return self._binaries[tool]

    async def _keeper(self) -> cage.Cage:
        async with self._choosing:
            if self._cage is None:
                self._cage = await self._chosen()
            return self._cage

    async def _chosen(self) -> cage.Cage:
        bwrap, setpriv = await asyncio.to_thread(cage.programs)
        if self._wanted != "limits" and bwrap:
            keeper = cage.Bubblewrap(bwrap)
            if await self._works(keeper):
                return keeper
        if self._wanted == "bubblewrap":
            raise ToolMissing(
                "The settings ask for bubblewrap, which is not installed or may not make "
                "namespaces here. Install bubblewrap, or set the sandbox to auto.",
                tool="bubblewrap",
            )
        _log.warning("media tools run without a sandbox: bubblewrap is missing or does not work")
        return cage.LimitsAlone(setpriv)

    async def _works(self, keeper: cage.Bubblewrap) -> bool:
        """Try exactly what will be used: a container may have bwrap and forbid it namespaces. A
        machine that is busy is no reason to do without a sandbox."""
        binary, few = await self._binary(Tool.FFMPEG), Limits(wall_s=120)
        folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="vitascope-media-")
        try:
            trial = asyncio.to_thread(
                keeper.hold, binary, ["-version"], {}, Path(folder), few, background=False
            )
            return (await finish(await trial, few, None)).status == 0
        finally:
            await asyncio.to_thread(shutil.rmtree, folder)


def arguments(
    tool: Tool, args: Sequence[str], inputs: Mapping[str, Input], limits: Limits
) -> list[str]:
    """Returns `args` with what the engine adds. Raises `ValueError` where that would be
    bypassed."""
    if tool is Tool.PACKAGER:
        if any(not bound.trusted for bound in inputs.values()):
            raise ValueError("the packager has no allow-lists: it takes trusted inputs only")
        return list(args)
    words = list(_FIRST[tool])
    for before, word in zip(["", *args], args, strict=False):
        if before == "-i" and (name := _named(word)) is not None:
            trusted = name in inputs and inputs[name].trusted
            added = allowed.own() if trusted else allowed.guard(limits)
            words[-1:] = [*added, "-i", f"file:{word}"]
        else:
            words.append(word)
    return words


def _named(word: str) -> str | None:
    found = re.match(r"\{in\.([a-z0-9._-]+)\}", word)
    return found[1] if found else None


def _revealed(held: cage.Held, secrets: Mapping[str, str]) -> cage.Held:
    def fill(match: re.Match[str]) -> str:
        if match[1] not in secrets:
            raise ValueError(f"{match[0]} is not given")
        return secrets[match[1]]

    argv = tuple(_SECRET.sub(fill, word) for word in held.argv)
    return cage.Held(argv=argv, shown=held.shown, folder=held.folder, scratch=held.scratch)


def _cleaned(text: str, secrets: Mapping[str, str]) -> str:
    for name, value in secrets.items():
        text = re.sub(re.escape(value), f"{{secret.{name}}}", text, flags=re.IGNORECASE)
    return text


async def _prepared(hold: Callable[[], cage.Held]) -> cage.Held:
    """In a thread, which cannot be cancelled: what it makes after all is removed again."""
    preparing = asyncio.ensure_future(asyncio.to_thread(hold))
    try:
        return await asyncio.shield(preparing)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError, ValueError):
            await _removed(await preparing)
        raise


@contextlib.asynccontextmanager
async def _without_scratch(held: cage.Held) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await _removed(held)


async def _removed(held: cage.Held) -> None:
    if held.scratch is not None:
        gone = asyncio.to_thread(shutil.rmtree, held.scratch, ignore_errors=True)
        await asyncio.shield(asyncio.ensure_future(gone))


def _failure(tool: Tool, ended: Ended, limits: Limits, said: str, command: str) -> Exception:
    last = [line for line in said.splitlines() if line.strip()][-20:]
    extra = {"tool": str(tool), "exit_code": ended.status, "last_lines": last}
    ended_by = _ENDED_BY.get(ended.status)
    if ended.late:
        return ToolTimeout(f"{tool} took longer than {limits.wall_s:g} s.", **extra)
    # ffmpeg catches the signal, ends its files and says so; the others just end.
    if ended_by is signal.SIGXCPU or f"received signal {signal.SIGXCPU:d}" in said:
        return ToolTimeout(f"{tool} used more than {limits.cpu_s} s of processor time.", **extra)
    if ended.overflow:
        return ToolTooBig(f"{tool} said more than {limits.stdout_mib} MiB.", **extra)
    if ended_by is signal.SIGXFSZ:
        return ToolTooBig(f"{tool} wrote a file over {limits.file_mib} MiB.", **extra)
    if ended_by is signal.SIGKILL:
        return ToolFailed(f"{tool} was killed, perhaps for want of memory.", **extra)
    _log.info("media tool failed with %s: %s", ended.status, command)
    return ToolFailed(f"{tool} failed: {last[-1] if last else 'it said nothing'}", **extra)


def _version(tool: Tool, said: str) -> str:
    found = re.search(r"version\s+(\S+)", said)
    return f"{tool} {found[1] if found else 'unknown'}"
