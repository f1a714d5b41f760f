"""Sandboxes for media tools. Three, the best first; `SandboxedMedia` takes the first that works.

Bubblewrap (Linux): no network, no other process, no file but the tool, the C library's folders
(the bundled ffmpeg is not static), the bound inputs and the output folder; the environment is
empty and everything ends with the process that started it. It costs about 10 ms a run.

Landlock (Linux without bubblewrap): the tool may open the same files and no other, and no socket;
it sees that others are there. `confine.py` becomes the tool; its start costs about 40 ms.

Limits alone: process limits and an empty environment; the inputs are links in a scratch folder,
so that a name inside a master finds nothing beside it. There the allow-lists are all that stands
between a hostile master and the machine's files: only what operators bring is opened.

The tool is never root. Where the service is, the tool becomes a user that owns nothing, and is
lent what it is given (`lent.py`).

The limits are set by `ulimit` in a shell that then becomes the tool: code between fork and exec
of a threaded Python is unsafe, and every system has a shell.
"""

import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from vitascope.engines.media import confine, lent
from vitascope.engines.media.contract import Input, Limits
from vitascope.engines.media.hiding import HIDDEN, Hidden

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_PLACE = re.compile(r"\{in\.([a-z0-9][a-z0-9._-]*)\}|\{out\}|" + re.escape(HIDDEN))
_LIBRARIES = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib64", "/nix/store")
_LINKER = "/etc/ld.so.cache"
_ULIMITS = (
    'ulimit -S -t "$1"; ulimit -H -t "$2"; ulimit -v "$3" 2>/dev/null; ulimit -f "$4"; '
    'ulimit -c 0; shift 4; exec "$@"'
)
# Each arena of the C library takes 64 MiB of address space; on many cores they alone would use up
# the limit.
_ARENAS = ("MALLOC_ARENA_MAX", "8")
_SCRATCH = "vitascope-media-"
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C",
    "HOME": "/nonexistent",
    _ARENAS[0]: _ARENAS[1],
}


class ToolCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A command ready to start. `argv` runs; `shown` is what a person pastes."""

    argv: tuple[str, ...]
    shown: tuple[str, ...]
    folder: Path | None = None  # where to start
    scratch: Path | None = None  # to be removed afterwards
    pipes: Mapping[str, bytes] = {}
    """What the process reads, by the word in `argv` that becomes the number of a descriptor."""


class ToolRun(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be run, and what with."""

    binary: Path
    args: Sequence[str]
    inputs: Mapping[str, Input] = {}
    output: Path | None = None
    limits: Limits = Limits()
    background: bool = False
    hidden: Hidden | None = None


class Sandbox(Protocol):
    """Blocking: call it in a thread."""

    name: str

    def command(self, run: ToolRun) -> ToolCommand: ...


class Bubblewrap:
    name = "bubblewrap"

    def __init__(self, program: str, setpriv: str | None) -> None:
        """As root it needs `setpriv`, by which the tool gives its rights up."""
        self._program = program
        self._setpriv = setpriv if os.geteuid() == 0 else None

    def command(self, run: ToolRun) -> ToolCommand:
        binary, named = run.binary, {name: f"/in/{name}" for name in run.inputs}
        walls = [self._program, *self._walls(), "--ro-bind", str(binary), f"/tool/{binary.name}"]
        sources = _checked(run.inputs)
        for name, source in sources.items():
            walls += ["--ro-bind", str(source), named[name]]
        if run.output is not None:
            walls += ["--bind", str(run.output.resolve(strict=True)), "/out"]
        walls += ["--chdir", "/out" if run.output else "/tmp"]
        pipes = {_FILTER: confine.seccomp_program()}
        read = ["--seccomp", _FILTER]
        if run.hidden is not None:
            pipes[_SECRET] = _filled(run.hidden, named)
            read += ["--perms", "0444", "--ro-bind-data", _SECRET, "/hidden"]
        if self._setpriv:
            lent.lend(binary, *sources.values(), output=run.output)
        inner = placed(run.args, named, "/out" if run.output else None, "/hidden")
        before = (*limited(run.limits, background=run.background), *walls)
        then = ("--", *self._becoming_nobody(), f"/tool/{binary.name}", *inner)
        return ToolCommand(argv=(*before, *read, *then), shown=(*before, *then), pipes=pipes)

    def _walls(self) -> list[str]:
        seen = [
            word for folder in ("/tool", "/in") for word in ("--perms", "0755", "--dir", folder)
        ]
        # Root needs no namespace of users; in one, the tool would be root to the machine's files.
        walls = ["--unshare-user-try", "--uid", str(confine.NOBODY), "--gid", str(confine.NOBODY)]
        if self._setpriv:
            walls = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
            seen += ["--ro-bind", self._setpriv, "/tool/setpriv"]
        walls += [*seen, "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
        walls += ["--unshare-cgroup-try", "--die-with-parent", "--new-session", "--clearenv"]
        walls += ["--setenv", "LC_ALL", "C", "--setenv", *_ARENAS]
        walls += ["--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
        for library in _LIBRARIES:
            walls += ["--ro-bind-try", library, library]
        return [*walls, "--ro-bind-try", _LINKER, _LINKER]

    def _becoming_nobody(self) -> list[str]:
        if not self._setpriv:
            return []
        who = ["--reuid", str(confine.NOBODY), "--regid", str(confine.NOBODY), "--clear-groups"]
        return ["/tool/setpriv", *who, "--no-new-privs"]


class Landlock:
    name = "landlock"

    def command(self, run: ToolRun) -> ToolCommand:
        sources = _checked(run.inputs)
        output = run.output.resolve(strict=True) if run.output else None
        scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH))
        for n, name in enumerate(sources):
            (scratch / name).symlink_to(f"/proc/self/fd/{confine.FIRST_DESCRIPTOR - n}")
        links = {name: str(scratch / name) for name in sources}
        if os.geteuid() == 0:
            scratch.chmod(0o711)
            lent.lend(run.binary, *sources.values(), output=output)
        told = {
            "inputs": [str(source) for source in sources.values()],
            "read": [str(run.binary), *_LIBRARIES, _LINKER],
            "folder": str(output or scratch),
            "writable": output is not None,
            "parent": os.getpid(),
            "pipes": [_SECRET] if run.hidden else [],
        }
        before = limited(run.limits, background=run.background)
        launcher = (sys.executable, "-I", "-S", "-B", confine.__file__, json.dumps(told))
        inner = placed(run.args, links, "." if output else None, f"/dev/fd/{_SECRET}")
        real = {name: str(source) for name, source in sources.items()}
        shown = placed(run.args, real, str(output) if output else None, "/dev/stdin")
        return ToolCommand(
            argv=(*before, *launcher, str(run.binary), *inner),
            shown=(*before, str(run.binary), *shown),
            folder=output or scratch,
            scratch=scratch,
            pipes={_SECRET: _filled(run.hidden, links)} if run.hidden else {},
        )


class LimitsAlone:
    name = "limits"

    def __init__(self, setpriv: str | None) -> None:
        self._tether = (setpriv, "--pdeathsig", "KILL", "--no-new-privs") if setpriv else ()

    def command(self, run: ToolRun) -> ToolCommand:
        real = {name: str(source) for name, source in _checked(run.inputs).items()}
        written = str(run.output.resolve(strict=True)) if run.output else None
        scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH))
        for name, source in real.items():
            (scratch / name).symlink_to(source)
        links = {name: str(scratch / name) for name in real}
        before = (
            *limited(run.limits, background=run.background),
            *(*self._tether, str(run.binary)),
        )
        return ToolCommand(
            argv=(*before, *placed(run.args, links, written, f"/dev/fd/{_SECRET}")),
            shown=(*before, *placed(run.args, real, written, "/dev/stdin")),
            folder=Path(written) if written else scratch,
            scratch=scratch,
            pipes={_SECRET: _filled(run.hidden, links)} if run.hidden else {},
        )


_FILTER, _SECRET = "{fd.filter}", "{fd.hidden}"


def limited(limits: Limits, *, background: bool) -> tuple[str, ...]:
    """Returns the words before a command that bind it to `limits`. One second over the processor's
    time it is asked to stop, five seconds later it is killed."""
    numbers = (limits.cpu_s, limits.cpu_s + 5, limits.memory_mib * 1024, limits.file_mib * 2048)
    polite = ("nice", "-n", "10") if background else ()
    return ("/bin/sh", "-c", _ULIMITS, "sh", *map(str, numbers), *polite)


def placed(
    args: Sequence[str], inputs: Mapping[str, str], output: str | None, hidden: str = ""
) -> list[str]:
    """Returns `args` with `{in.NAME}`, `{out}` and `{hidden}` filled in. Raises `ValueError` for
    what is not bound."""

    def fill(match: re.Match[str]) -> str:
        if match[0] == HIDDEN:
            return hidden
        path = output if match[1] is None else inputs.get(match[1])
        if path is None:
            raise ValueError(f"{match[0]} is not bound")
        return path

    return [_PLACE.sub(fill, arg) for arg in args]


def programs() -> tuple[str | None, str | None]:
    """Returns bubblewrap and setpriv, where the machine has them. Blocking."""
    return shutil.which("bwrap"), shutil.which("setpriv")


def _filled(hidden: Hidden, inputs: Mapping[str, str]) -> bytes:
    return placed([hidden.text], inputs, None)[0].encode()


def _checked(inputs: Mapping[str, Input]) -> dict[str, Path]:
    for name in inputs:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot name an input: letters, digits, dot, dash")
    return {name: source.path.resolve(strict=True) for name, source in inputs.items()}
