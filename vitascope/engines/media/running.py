"""One process, from its start to its certain end."""

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from vitascope.engines.cpu import taken_by
from vitascope.engines.media.contract import Limits, Listener, ToolProgress
from vitascope.engines.media.sandboxes import ENVIRONMENT, ToolCommand

_TAIL_BYTES = 1024 * 1024
_PIECE = 64 * 1024
_LOOKS_S = (0.02, 1.5, 0.3)  # the first pause between looks at the processor time, its growth, end


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """`status` as a shell tells it: 128 + N for a process ended by signal N."""

    status: int
    stdout: bytes
    stderr: str
    overflow: bool = False  # it was killed for saying too much
    late: bool = False  # it was killed by the clock
    cpu_s: float = 0.0  # processor time, as it was last seen
    stalled: bool = False  # by the clock, and well before its time


async def finish(
    command: ToolCommand,
    limits: Limits,
    on_progress: Callable[[ToolProgress], None] | None,
    listener: Listener | None = None,
) -> Ended:
    """Run to the end. Whatever happens, nothing of it is alive when this returns or raises."""
    async with contextlib.AsyncExitStack() as stack:
        told = stack.enter_context(_ProgressPipe()) if on_progress else None
        numbers = {
            word: stack.enter_context(_read_once(text)) for word, text in command.pipes.items()
        }
        fds = (*([told.write] if told else []), *numbers.values())
        argv = [_numbered(word, numbers) for word in command.argv]
        argv += ["-progress", f"pipe:{told.write}"] if told else []
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=command.folder,
            env=ENVIRONMENT,
            start_new_session=True,
            pass_fds=fds,
        )
        stack.push_async_callback(_end, process)
        clock = _Clock(limits)
        if told and on_progress:
            await told.listen(clock.hearing(on_progress))
        return await _watch(process, limits, clock, listener)


@contextlib.contextmanager
def _read_once(text: bytes) -> Iterator[int]:
    """Gives the end of a pipe from which a process reads `text`, which must be short: a pipe holds
    64 KiB before anybody reads."""
    read, write = os.pipe()
    try:
        os.set_blocking(write, False)
        if os.write(write, text) != len(text):
            raise ValueError("what is handed to a tool by a pipe must be short")
        os.close(write)
        yield read
    finally:
        os.close(read)


def _numbered(word: str, numbers: Mapping[str, int]) -> str:
    for placeholder, number in numbers.items():
        word = word.replace(placeholder, str(number))
    return word


class _Clock:
    """The time that a process has: in all, and without telling of anything new."""

    def __init__(self, limits: Limits) -> None:
        self._stall_s = limits.stall_s
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + limits.wall_s
        self._timeout = asyncio.timeout_at(self._end)
        self._last = (-1, -1)

    def hearing(
        self, on_progress: Callable[[ToolProgress], None]
    ) -> Callable[[ToolProgress], None]:
        """Returns `on_progress` for who is heard of, and counts from now on how long nothing is."""

        def heard(told: ToolProgress) -> None:
            if self._last < (now := (told.frame, told.position_ms)):
                self._last = now
                self._wait_for_more()
            on_progress(told)

        return heard

    def _wait_for_more(self) -> None:
        if self._stall_s and not self._timeout.expired():
            with contextlib.suppress(RuntimeError):  # it has ended
                self._timeout.reschedule(min(self._end, self._loop.time() + self._stall_s))

    async def __aenter__(self) -> None:
        await self._timeout.__aenter__()
        self._wait_for_more()

    async def __aexit__(self, *error: Any) -> None:
        await self._timeout.__aexit__(*error)

    @property
    def is_over(self) -> bool:
        return self._loop.time() >= self._end


async def _watch(
    process: asyncio.subprocess.Process, limits: Limits, clock: _Clock, listener: Listener | None
) -> Ended:
    assert process.stdout is not None and process.stderr is not None
    errors = asyncio.create_task(_tail(process.stderr))
    taken = _Taken(process.pid)
    looking = asyncio.create_task(taken.look())
    late = stalled = overflow = False
    output = b""
    try:
        async with clock:
            output, overflow = await _all(process.stdout, limits.stdout_mib * 2**20, listener)
            await taken.look_once()
            if not overflow:
                await process.wait()
    except TimeoutError:
        late, stalled = True, not clock.is_over
    except BaseException:
        errors.cancel()
        await asyncio.wait([errors])
        raise
    finally:
        looking.cancel()
    await _kill(process)
    await _drain(process.stdout)
    text = (await errors).decode("utf-8", "replace")
    status = await process.wait()
    status = 128 - status if status < 0 else status
    return Ended(
        status=status,
        stdout=output,
        stderr=text,
        overflow=overflow,
        late=late,
        stalled=stalled,
        cpu_s=taken.seconds,
    )


class _Taken:
    """The processor time of a process, looked at again and again: in a sandbox, what a tool took is
    gone with it. A run of any length is seen to two thirds, a long one to a third of a second."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self.seconds = 0.0

    async def look(self) -> None:
        pause_s, growth, longest_s = _LOOKS_S
        while True:
            await asyncio.sleep(pause_s)
            await self.look_once()
            pause_s = min(longest_s, pause_s * growth)

    async def look_once(self) -> None:
        self.seconds = max(self.seconds, await asyncio.to_thread(taken_by, self._pid))


async def _all(
    stream: asyncio.StreamReader, most: int, listener: Listener | None
) -> tuple[bytes, bool]:
    pieces: list[bytes] = []
    take = listener.take if listener else pieces.append
    length = 0
    if listener:
        listener.begin()
    while piece := await stream.read(_PIECE):
        length += len(piece)
        if length > most:
            return b"", True
        take(piece)
    return b"".join(pieces), False


async def _tail(stream: asyncio.StreamReader) -> bytes:
    """Returns the last bytes. A reader who is quick is given a line at a time."""
    kept = bytearray()
    while piece := await stream.read(_PIECE):
        kept += piece
        if len(kept) > 2 * _TAIL_BYTES:
            del kept[:-_TAIL_BYTES]
    return bytes(kept[-_TAIL_BYTES:])


async def _kill(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        await asyncio.to_thread(_kill_with_all_it_started, process.pid)


def _kill_with_all_it_started(pid: int) -> None:
    """bubblewrap's inner half is a session of its own, and at its start there is a moment in which
    it does not yet die with the outer one. So the group is held still, and nobody slips away."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGSTOP)
    for started in _started_by(pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(started, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def _started_by(pid: int) -> Iterator[int]:
    """Children, their children, and so on, as Linux tells them; nobody elsewhere."""
    with contextlib.suppress(OSError):
        for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
            yield child
            yield from _started_by(child)


async def _end(process: asyncio.subprocess.Process) -> None:
    await asyncio.shield(_to_its_end(process))


async def _to_its_end(process: asyncio.subprocess.Process) -> None:
    await _kill(process)
    assert process.stdout is not None and process.stderr is not None
    await asyncio.gather(_drain(process.stdout), _drain(process.stderr), process.wait())


async def _drain(stream: asyncio.StreamReader) -> None:
    """A pipe that is not read to its end stays open, and `wait()` waits for it."""
    while await stream.read(_PIECE):
        pass


class _ProgressPipe:
    """The pipe on which ffmpeg tells its progress, so that stdout stays free for data."""

    def __init__(self) -> None:
        self.read, self.write = os.pipe()
        self._transport: asyncio.ReadTransport | None = None

    def __enter__(self) -> "_ProgressPipe":
        return self

    def __exit__(self, *_: object) -> None:
        self._close_write()
        if self._transport is None:
            os.close(self.read)
        else:
            self._transport.close()

    def _close_write(self) -> None:
        if self.write >= 0:
            os.close(self.write)
            self.write = -1

    async def listen(self, hear: Callable[[ToolProgress], None]) -> None:
        """Call `hear` from now on; our copy of the writing end is closed."""
        loop = asyncio.get_running_loop()
        pipe = os.fdopen(self.read, "rb", buffering=0)
        self._transport, _ = await loop.connect_read_pipe(lambda: _ProgressReader(hear), pipe)
        self._close_write()


class _ProgressReader(asyncio.Protocol):
    """Reads `key=value` lines; a block ends with `progress=continue` or `progress=end`."""

    def __init__(self, hear: Callable[[ToolProgress], None]) -> None:
        self._hear = hear
        self._rest = b""
        self._known: dict[str, str] = {}

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            key, _, value = line.decode("ascii", "replace").strip().partition("=")
            self._known[key] = value.strip()
            if key == "progress":
                self._hear(_progress(self._known))
                self._known = {}


def _progress(known: dict[str, str]) -> ToolProgress:
    def number(key: str) -> float:
        # ffmpeg says N/A until it knows
        found = re.match(r"-?\d+(\.\d+)?", known.get(key, ""))
        return float(found[0]) if found else 0.0

    return ToolProgress(
        frame=max(0, int(number("frame"))),
        position_ms=max(0, int(number("out_time_us") // 1000)),
        speed=number("speed"),
        done=known["progress"] == "end",
    )
