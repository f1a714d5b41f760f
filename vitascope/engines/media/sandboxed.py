"""The `Media` port over the bundled tools, each run in a sandbox (see `sandboxes.py`)."""

import asyncio
import contextlib
import functools
import logging
import re
import shlex
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

from vitascope.engines import cpu
from vitascope.engines.media import allowed, sandboxes, tools
from vitascope.engines.media.contract import (
    Input,
    Limits,
    Listener,
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
from vitascope.engines.media.hiding import hide
from vitascope.engines.media.running import Ended, finish

_log = logging.getLogger(__name__)
_TRIAL = ["-v", "error", "-f", "lavfi", "-i", "color=s=16x16:d=0.04", "-f", "rawvideo"]
_NO_SANDBOX = {
    "bubblewrap": "The settings ask for bubblewrap, which is not installed or may not make "
    "namespaces here. Install bubblewrap, or set the sandbox to auto.",
    "landlock": "The settings ask for Landlock, which this kernel does not offer (Linux 5.13 or "
    "newer, on x86-64 or ARM64). Set the sandbox to auto.",
}
_REFUSED = re.compile(r"Codec \(([a-z0-9_.-]+)\) not on whitelist")
_MOST_UNFED = 16
# Not as decoders say it: given what is no picture, some of them ask for any amount.
_DISK_FULL = re.compile("No space left on device|Disk quota exceeded")
_NO_MEMORY = re.compile(
    "cannot allocate memory|malloc of size|memory allocation fail|out of memory|bad_alloc"
    "|insufficient memory",
    re.IGNORECASE,
)
_FIRST = {
    Tool.FFMPEG: ("-nostdin", "-hide_banner", "-nostats", "-y"),
    Tool.FFPROBE: ("-hide_banner",),
    Tool.PACKAGER: (),
}
_ENDED_BY = {128 + number: number for number in (signal.SIGXCPU, signal.SIGXFSZ, signal.SIGKILL)}


class SandboxedMedia:
    """ffmpeg, ffprobe and the packager as processes of this machine.

    `sandbox` is `auto` (the first of the others that works here, tried once on the first run),
    `bubblewrap` or `landlock` (or no run at all), or `limits`.
    """

    def __init__(self, *, sandbox: str = "auto") -> None:
        if sandbox not in ("auto", "bubblewrap", "landlock", "limits"):
            raise ValueError("sandbox is auto, bubblewrap, landlock or limits")
        self._wanted = sandbox
        self._sandbox: sandboxes.Sandbox | None = None
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
        listener: Listener | None = None,
    ) -> ToolResult:
        binary, sandbox = await self._binary(tool), await self._best_sandbox()
        heard = on_progress if tool is Tool.FFMPEG else None
        unfed: tuple[str, ...] = ()
        while True:
            words, hidden = hide(tool, arguments(tool, args, inputs, limits, unfed), secrets or {})
            asked = sandboxes.ToolRun(
                binary=binary,
                args=words,
                inputs=inputs,
                output=output,
                limits=limits,
                background=background,
                hidden=hidden,
            )
            command = await _prepared(functools.partial(sandbox.command, asked))
            try:
                return await self._finished(tool, command, limits, heard, secrets or {}, listener)
            except ToolFailed as failure:
                more = _not_allowed(tool, failure)
                if not set(more) - set(unfed) or len(unfed) > _MOST_UNFED:
                    raise
                unfed = (*unfed, *more)

    async def version(self, tool: Tool) -> str:
        if tool not in self._versions:
            flag = "--version" if tool is Tool.PACKAGER else "-version"
            said = (await self.run(tool, [flag], inputs={})).stdout.decode("ascii", "replace")
            self._versions[tool] = _version(tool, said)
        return self._versions[tool]

    async def sandbox(self) -> str:
        return (await self._best_sandbox()).name

    async def _finished(
        self,
        tool: Tool,
        command: sandboxes.ToolCommand,
        limits: Limits,
        on_progress: Callable[[ToolProgress], None] | None,
        secrets: Mapping[str, str],
        listener: Listener | None,
    ) -> ToolResult:
        shown = shlex.join(command.shown)
        began = time.monotonic()
        async with _without_scratch(command):
            _log.info("media tool: %s", shown)
            ended = await finish(command, limits, on_progress, listener)
        cpu.spent(ended.cpu_s)
        clean = _cleaned(ended.stderr, secrets)
        if ended.status or ended.late or ended.overflow:
            raise _failure(tool, ended, limits, clean, shown)
        seconds = time.monotonic() - began
        return ToolResult(stdout=ended.stdout, stderr=clean, seconds=seconds, command=shown)

    async def _binary(self, tool: Tool) -> Path:
        if tool not in self._binaries:
            self._binaries[tool] = await asyncio.to_thread(tools.locate, tool)
        return self._binaries[tool]

    async def _best_sandbox(self) -> sandboxes.Sandbox:
        async with self._choosing:
            if self._sandbox is None:
                self._sandbox = await self._chosen()
            return self._sandbox

    async def _chosen(self) -> sandboxes.Sandbox:
        bwrap, setpriv = await asyncio.to_thread(sandboxes.programs)
        walled: list[sandboxes.Sandbox] = [sandboxes.Bubblewrap(bwrap, setpriv)] if bwrap else []
        for sandbox in (*walled, sandboxes.Landlock()):
            if self._wanted in ("auto", sandbox.name) and await self._works(sandbox):
                return sandbox
        if self._wanted in _NO_SANDBOX:
            raise ToolMissing(_NO_SANDBOX[self._wanted], tool=self._wanted)
        _log.warning("media tools run without a sandbox: bubblewrap and Landlock do not work here")
        return sandboxes.LimitsAlone(setpriv)

    async def _works(self, sandbox: sandboxes.Sandbox) -> bool:
        """Try exactly what will be used: a container may have bwrap and forbid it namespaces. A
        machine that is busy is no reason to do without a sandbox."""
        binary, few = await self._binary(Tool.FFMPEG), Limits(wall_s=120)
        folder = await asyncio.to_thread(tempfile.mkdtemp, prefix="vitascope-media-")
        try:
            order = sandboxes.ToolRun(
                binary=binary,
                args=[*_TRIAL, "{out}/trial"],
                inputs={},
                output=Path(folder),
                limits=few,
            )
            async with _without_scratch(command := await asyncio.to_thread(sandbox.command, order)):
                ended = await finish(command, few, None)
            written = await asyncio.to_thread(_read, Path(folder) / "trial")
            if ended.status or not written:
                _log.info("%s does not work here: %s", sandbox.name, ended.stderr.strip()[-300:])
            return ended.status == 0 and written
        except OSError as error:
            _log.info("%s does not work here: %s", sandbox.name, error)
            return False
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _not_allowed(tool: Tool, failure: ToolFailed) -> tuple[str, ...]:
    """Returns the decoders for which ffprobe gave up a whole file: streams are left out, not
    films."""
    said = "\n".join(failure.extra["last_lines"])
    return tuple(dict.fromkeys(_REFUSED.findall(said))) if tool is Tool.FFPROBE else ()


def arguments(
    tool: Tool,
    args: Sequence[str],
    inputs: Mapping[str, Input],
    limits: Limits,
    unfed: Sequence[str] = (),
) -> list[str]:
    """Returns `args` with what the engine adds; ffprobe may open the decoders that are `unfed`.
    Raises `ValueError` where that would be bypassed."""
    if unfed and tool is not Tool.FFPROBE:
        raise ValueError("only ffprobe opens decoders that are not allowed")
    if tool is Tool.PACKAGER:
        if any(not bound.trusted for bound in inputs.values()):
            raise ValueError("the packager has no allow-lists: it takes trusted inputs only")
        return list(args)
    words, demuxer = list(_FIRST[tool]), ""
    for before, word in zip(["", *args], args, strict=False):
        if before == "-i" and (name := _named(word)) is not None:
            trusted = name in inputs and inputs[name].trusted
            strange = [*allowed.guard(limits, demuxer), *allowed.opening(unfed)]
            words[-1:] = [*(allowed.own() if trusted else strange), "-i", f"file:{word}"]
        else:
            words.append(word)
        demuxer = word if before == "-f" else "" if before == "-i" else demuxer
    return words


def _named(word: str) -> str | None:
    found = re.match(r"\{in\.([a-z0-9._-]+)\}", word)
    return found[1] if found else None


def _read(file: Path) -> bool:
    """Returns True when what a tool wrote can be read by the service."""
    return bool(file.exists() and file.read_bytes())


def _cleaned(text: str, secrets: Mapping[str, str]) -> str:
    for name, value in secrets.items():
        text = re.sub(re.escape(value), f"{{secret.{name}}}", text, flags=re.IGNORECASE)
    return text


async def _prepared(hold: Callable[[], sandboxes.ToolCommand]) -> sandboxes.ToolCommand:
    """In a thread, which cannot be cancelled: what it makes after all is removed again."""
    preparing = asyncio.ensure_future(asyncio.to_thread(hold))
    try:
        return await asyncio.shield(preparing)
    except asyncio.CancelledError:
        with contextlib.suppress(OSError, ValueError):
            await _removed(await preparing)
        raise


@contextlib.asynccontextmanager
async def _without_scratch(command: sandboxes.ToolCommand) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await _removed(command)


async def _removed(command: sandboxes.ToolCommand) -> None:
    if command.scratch is not None:
        gone = asyncio.to_thread(shutil.rmtree, command.scratch, ignore_errors=True)
        await asyncio.shield(asyncio.ensure_future(gone))


def _failure(tool: Tool, ended: Ended, limits: Limits, said: str, command: str) -> Exception:
    last = [line for line in said.splitlines() if line.strip()][-20:]
    extra = {"tool": str(tool), "exit_code": ended.status, "last_lines": last}
    ended_by = _ENDED_BY.get(ended.status)
    if ended.stalled:
        return ToolTimeout(f"{tool} made no progress for {limits.stall_s:g} s.", **extra)
    if ended.late:
        return ToolTimeout(f"{tool} took longer than {limits.wall_s:g} s.", **extra)
    # ffmpeg catches the signal, ends its files and says so; the others just end.
    if ended_by is signal.SIGXCPU or f"received signal {signal.SIGXCPU:d}" in said:
        return ToolTimeout(f"{tool} used more than {limits.cpu_s} s of processor time.", **extra)
    if ended.overflow:
        return ToolTooBig(f"{tool} said more than {limits.stdout_mib} MiB.", **extra)
    if ended_by is signal.SIGXFSZ:
        return ToolTooBig(f"{tool} wrote a file over {limits.file_mib} MiB.", **extra)
    told = "\n".join(line for line in said.splitlines() if "[dec:" not in line)
    if _DISK_FULL.search(told):
        return ToolDiskFull(f"{tool} found no room on the disk.", **extra)
    if ended_by is signal.SIGKILL:
        return ToolOutOfMemory(f"{tool} was killed, perhaps for want of memory.", **extra)
    if _NO_MEMORY.search(told):
        most = f"it may have {limits.memory_mib} MiB"
        return ToolOutOfMemory(f"{tool} did not get the memory that it needs; {most}.", **extra)
    if 128 < ended.status < 160:
        crashed = signal.strsignal(ended.status - 128) or f"signal {ended.status - 128}"
        return ToolFailed(f"{tool} crashed ({crashed.lower()}).", **extra)
    _log.info("media tool failed with %s: %s", ended.status, command)
    return ToolFailed(f"{tool} failed: {last[-1] if last else 'it said nothing'}", **extra)


def _version(tool: Tool, said: str) -> str:
    found = re.search(r"version\s+(\S+)", said)
    return f"{tool} {found[1] if found else 'unknown'}"
