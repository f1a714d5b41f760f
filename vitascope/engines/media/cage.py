"""How a run is held. Two adapters: bubblewrap, and rlimits alone where that is missing.

Bubblewrap (Linux): no network, no other process, no file but the tool, the C library's folders
(the bundled ffmpeg is not static), the bound inputs and the output folder; the environment is
empty and everything ends with the process that started it. It costs about 10 ms a run.

Limits alone: the same process limits and an empty environment; the inputs are links in a
scratch folder, so that a name inside a master finds nothing beside it. There the allow-lists are
what stands between a hostile master and the machine's files; `doctor` says so.

The limits are set by `ulimit` in a shell that then becomes the tool: code between fork and exec
of a threaded Python is unsafe, and every system has a shell.
"""

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from vitascope.engines.media.contract import Input, Limits

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_PLACE = re.compile(r"\{in\.([a-z0-9][a-z0-9._-]*)\}|\{out\}")
_LIBRARIES = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib64", "/nix/store")
_ULIMITS = (
    'ulimit -S -t "$1"; ulimit -H -t "$2"; ulimit -v "$3" 2>/dev/null; ulimit -f "$4"; '
    'ulimit -c 0; shift 4; exec "$@"'
)
# Each arena of the C library takes 64 MiB of address space; on many cores they alone would use up
# the limit.
_ARENAS = ("MALLOC_ARENA_MAX", "8")
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C",
    "HOME": "/nonexistent",
    _ARENAS[0]: _ARENAS[1],
}


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A command ready to start. `argv` runs; `shown` is what a person pastes."""

    argv: tuple[str, ...]
    shown: tuple[str, ...]
    folder: Path | None = None  # where to start
    scratch: Path | None = None  # to be removed afterwards


class Cage(Protocol):
    """Blocking: call it in a thread."""

    name: str

    def hold(
        self,
        binary: Path,
        args: Sequence[str],
        inputs: Mapping[str, Input],
        output: Path | None,
        limits: Limits,
        *,
        background: bool,
    ) -> Held: ...


class Bubblewrap:
    name = "bubblewrap"

    def __init__(self, program: str) -> None:
        self._program = program

    def hold(
        self,
        binary: Path,
        args: Sequence[str],
        inputs: Mapping[str, Input],
        output: Path | None,
        limits: Limits,
        *,
        background: bool,
    ) -> Held:
        named = {name: f"/in/{name}" for name in inputs}
        walls = [self._program, *self._walls(), "--ro-bind", str(binary), f"/tool/{binary.name}"]
        for name, source in _checked(inputs).items():
            walls += ["--ro-bind", str(source), named[name]]
        if output is not None:
            walls += ["--bind", str(output.resolve(strict=True)), "/out", "--chdir", "/out"]
        inner = [f"/tool/{binary.name}", *placed(args, named, "/out" if output else None)]
        argv = (*limited(limits, background=background), *walls, "--", *inner)
        return Held(argv=argv, shown=argv)

    @staticmethod
    def _walls() -> list[str]:
        walls = ["--unshare-all", "--die-with-parent", "--new-session", "--clearenv"]
        walls += ["--setenv", "LC_ALL", "C", "--setenv", *_ARENAS]
        walls += ["--dev", "/dev", "--tmpfs", "/tmp", "--chdir", "/tmp"]
        for library in _LIBRARIES:
            walls += ["--ro-bind-try", library, library]
        return [*walls, "--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]


class LimitsAlone:
    name = "limits"

    def __init__(self, setpriv: str | None) -> None:
        self._tether = (setpriv, "--pdeathsig", "KILL", "--no-new-privs") if setpriv else ()

    def hold(
        self,
        binary: Path,
        args: Sequence[str],
        inputs: Mapping[str, Input],
        output: Path | None,
        limits: Limits,
        *,
        background: bool,
    ) -> Held:
        real = {name: str(source) for name, source in _checked(inputs).items()}
        written = str(output.resolve(strict=True)) if output else None
        scratch = Path(tempfile.mkdtemp(prefix="vitascope-media-"))
        for name, source in real.items():
            (scratch / name).symlink_to(source)
        links = {name: str(scratch / name) for name in real}
        before = (*limited(limits, background=background), *self._tether, str(binary))
        return Held(
            argv=(*before, *placed(args, links, written)),
            shown=(*before, *placed(args, real, written)),
            folder=Path(written) if written else scratch,
            scratch=scratch,
        )


def limited(limits: Limits, *, background: bool) -> tuple[str, ...]:
    """Returns the words before a command that bind it to `limits`. One second over the processor's
    time it is asked to stop, five seconds later it is killed."""
    numbers = (limits.cpu_s, limits.cpu_s + 5, limits.memory_mib * 1024, limits.file_mib * 2048)
    polite = ("nice", "-n", "10") if background else ()
    return ("/bin/sh", "-c", _ULIMITS, "sh", *map(str, numbers), *polite)


def placed(args: Sequence[str], inputs: Mapping[str, str], output: str | None) -> list[str]:
    """Returns `args` with `{in.NAME}` and `{out}` filled in. Raises `ValueError` for what is not
    bound."""

    def fill(match: re.Match[str]) -> str:
        path = output if match[1] is None else inputs.get(match[1])
        if path is None:
            raise ValueError(f"{match[0]} is not bound")
        return path

    return [_PLACE.sub(fill, arg) for arg in args]


def programs() -> tuple[str | None, str | None]:
    """Returns bubblewrap and setpriv, where the machine has them. Blocking."""
    return shutil.which("bwrap"), shutil.which("setpriv")


def _checked(inputs: Mapping[str, Input]) -> dict[str, Path]:
    for name in inputs:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot name an input: letters, digits, dot, dash")
    return {name: source.path.resolve(strict=True) for name, source in inputs.items()}
