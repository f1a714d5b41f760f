"""What a worker process tells a test while it works, and where it waits for the test's nod.

    begin STEP    a durable step is about to run: it waits for the nod
    encode KEY... ffmpeg begins with a chunk in rungs that are not there yet
    again KEY...  ffmpeg begins with a chunk of which a rung lies finished among the blobs
    keep KEY      a rung of a chunk is about to be finished: it waits for the nod, and when that is
                  `!`
    kept KEY      it is finished, its step not recorded, and the worker waits for its death
    draw FILE     a picture is about to be made: it waits for the nod, and when that is `!`
    drawn FILE    it is made, its step not recorded, and the worker waits for its death

The other end of the socket that `tell` is given is the test's (see `random_kills.py`). Without it
nobody is told, and nothing waits. Faults can be planted, to see that the tests notice:

    forgets       finished chunks are not found again
    twice         every chunk's step does its work twice
    clock         packages bear the time at which they were made
"""

import asyncio
import contextvars
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from vitascope.engines.blobs import BlobInfo, BlobNotFound
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media import Tool, ToolResult
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.engines.work import Steps, Task
from vitascope.engines.work.dbos_worker import DbosWorker
from vitascope.kernel.media import H264_SDR
from vitascope.publishing.tasks import ChunkOrder, JoinOrder, TrialOrder

T = TypeVar("T")
P = TypeVar("P")

_PICTURE = re.compile(r"\{out\}/(look|still)-")

_missing: contextvars.ContextVar[dict[str, Path]] = contextvars.ContextVar("missing")
"""Chunks that were asked for since ffmpeg last ran, and were not found."""


class Line:
    """To the test. Questions are asked one after the other."""

    def __init__(self, told: socket.socket) -> None:
        self._socket = told
        self._turn = asyncio.Lock()

    def say(self, line: str) -> None:
        self._socket.sendall(f"{line}\n".encode())

    async def ask(self, line: str) -> bytes:
        async with self._turn:
            self.say(line)
            return await asyncio.to_thread(self._socket.recv, 1)


_lines: list[Line] = []
_faults: set[str] = set()


def tell(told: socket.socket, faults: str = "") -> None:
    """From now on this process tells what it does, and has these faults."""
    _lines[:] = [Line(told)]
    _faults.update(faults.split())


def say(line: str) -> None:
    for there in _lines:
        there.say(line)


async def ask(line: str) -> bytes:
    return await _lines[0].ask(line) if _lines else b""


class ReportingWorker(DbosWorker):
    def on(self, task: Task[P, T], run: Callable[[Steps, P], Awaitable[T]]) -> None:
        async def told(steps: Steps, given: P) -> T:
            whole, of = task.name == "publish", format_of(given)
            return await run(ReportingSteps(steps, whole_names=whole, of=of), given)

        super().on(task, told)


def format_of(given: object) -> str:
    """Returns the format of a part's pictures, with a space before it; nothing for H.264."""
    name = ""
    if isinstance(given, TrialOrder) and given.trial.format != H264_SDR:
        name = given.trial.format.name
    elif isinstance(given, ChunkOrder):
        name = given.rungs[0].partition("-")[2]
    elif isinstance(given, JoinOrder):
        name = given.rung.partition("-")[2]
    codec = name.partition("-")[0]
    return "" if codec == "" or codec.isdigit() else f" {codec}"  # `v240-2` is H.264


class ReportingSteps:
    """The steps of a job are told by their names, those of its parts by their first word, and the
    format where that is another than H.264."""

    def __init__(self, steps: Steps, *, whole_names: bool, of: str = "") -> None:
        self._steps = steps
        self._whole_names = whole_names
        self._of = of

    @property
    def id(self) -> str:
        return self._steps.id

    @property
    def priority(self) -> int:
        return self._steps.priority

    @property
    def party(self) -> str:
        return self._steps.party

    @property
    def taken(self) -> int:
        return self._steps.taken

    @property
    def queue(self) -> str:
        return self._steps.queue

    async def move(self, queue: str) -> None:
        await self._steps.move(queue)

    async def step(
        self,
        name: str,
        run: Callable[[], Awaitable[T]],
        returns: type[T],
        *,
        attempts: int = 1,
        pause_s: float = 1.0,
    ) -> T:
        said = name if self._whole_names else name.split()[0] + self._of

        async def told() -> T:
            await ask(f"begin {said}")
            if "twice" in _faults and name == "encode":
                await run()
            return await run()

        return await self._steps.step(name, told, returns, attempts=attempts, pause_s=pause_s)

    async def fan_out(
        self, task: Task[P, T], items: Mapping[str, P], *, queue: str | None = None
    ) -> dict[str, T]:
        return await self._steps.fan_out(task, items, queue=queue)


class ReportingMedia(SandboxedMedia):
    async def run(self, tool: Tool, args: Sequence[str], **options: Any) -> ToolResult:
        missing = _missing.get({})
        if missing and "{out}/chunk0.mp4" in args:
            there = [await asyncio.to_thread(file.exists) for file in missing.values()]
            say(f"{'again' if any(there) else 'encode'} {' '.join(missing)}")
            _missing.set({})
        if "clock" in _faults:
            args = [word for word in args if word != "--use_fake_clock_for_muxer"]
        picture = next((word for word in args if _PICTURE.match(word)), "")
        last = bool(picture) and await ask(f"draw {picture}") == b"!"
        result = await super().run(tool, args, **options)
        if last:
            await ask(f"drawn {picture}")
        return result


class ReportingBlobs(DiskBlobs):
    """A chunk is finished when the note that describes it is kept."""

    async def get(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        if not _is_chunk(key):
            return await super().get(key, start, length)
        try:
            if "forgets" in _faults:
                raise BlobNotFound(f"There is no object {key}.")
            return await super().get(key, start, length)
        except BlobNotFound:
            _missing.set({**_missing.get({}), key: self.path(key)})
            raise

    async def put(
        self, key: str, content: bytes | AsyncIterator[bytes], *, overwrite: bool = False
    ) -> BlobInfo:
        last = _is_chunk(key) and await ask(f"keep {key}") == b"!"
        kept = await super().put(key, content, overwrite=overwrite)
        if last:
            await ask(f"kept {key}")
        return kept


def _is_chunk(key: str) -> bool:
    return "/chunk/" in key and key.endswith(".json")
