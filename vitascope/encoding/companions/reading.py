"""Reading a subtitle file in a process of its own, with a limit of processor time, of memory, and
a clock.

Anybody may have written the file, and it is read by patterns: one that takes too long must not stop
a worker that encodes films. `python -m vitascope.encoding.companions.reading` takes the request on
its standard input and answers on its standard output.
"""

import asyncio
import contextlib
import os
import resource
import sys

import msgspec

from vitascope.encoding.companions.cues import HOUR_MS, Cue, fit, read_cues, whole_hours
from vitascope.encoding.companions.parsed import Unreadable
from vitascope.encoding.contract.master import Finding
from vitascope.encoding.master.findings import note, warn

CPU_S = 30
KNOWN = "Send SRT, WebVTT, ASS, TTML, SCC or EBU STL."
_WALL_S = 300.0
_MEMORY_MIB = 2048


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A file, whose times are `shift_ms` late, for a film of `duration_ms`."""

    raw: bytes
    language: str
    duration_ms: int
    shift_ms: int = 0


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The cues that will be shown, in order of time, and what to say about the others."""

    cues: tuple[Cue, ...] = ()
    findings: tuple[Finding, ...] = ()


async def read_apart(asked: Asked, *, cpu_s: int = CPU_S, wall_s: float = _WALL_S) -> Reading:
    """Returns what `read` does. A file that takes too much is told as one that cannot be read."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "vitascope.encoding.companions.reading", str(cpu_s)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    try:
        async with asyncio.timeout(wall_s):
            said, _ = await process.communicate(msgspec.msgpack.encode(asked))
    except TimeoutError:
        said = b""
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await asyncio.shield(process.wait())
    if process.returncode or not said:
        return unreadable(asked.language, "reading it takes too much time or memory")
    return msgspec.msgpack.decode(said, type=Reading)


def read(asked: Asked) -> Reading:
    """Returns the cues of a file inside the film. What cannot be read gives no cues and a finding,
    never an error: a film is worth publishing without one of its subtitles."""
    try:
        found, findings = read_cues(asked.raw, asked.language)
    except Unreadable as error:
        return unreadable(asked.language, str(error))
    hours = whole_hours(found, asked.duration_ms)
    shift_ms = hours * HOUR_MS or asked.shift_ms
    fitted, judged = fit(found, asked.duration_ms, asked.language, shift_ms)
    if hours:
        sentence = f"The times of the subtitles in '{asked.language}' begin at {hours:02}:00:00. "
        judged.append(note("subtitle-hours", f"{sentence}They are counted from there."))
    if not fitted:
        how = "have no text during the film" if found else "are empty"
        sentence = f"The subtitles in '{asked.language}' {how} and are left out."
        judged.append(warn("subtitles-empty", sentence))
    return Reading(cues=tuple(fitted), findings=(*findings, *judged))


def unreadable(language: str, why: str) -> Reading:
    sentence = f"The subtitles in '{language}' can't be read and are left out: {why}. "
    return Reading(findings=(warn("subtitles-unreadable", f"{sentence}{KNOWN}"),))


def _main() -> None:
    cpu_s = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_MIB * 2**20, _MEMORY_MIB * 2**20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asked = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Asked)
    sys.stdout.buffer.write(msgspec.msgpack.encode(read(asked)))


if __name__ == "__main__":
    _main()
