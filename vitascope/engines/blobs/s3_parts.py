"""Content cut into parts, and parts put a few at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

_AT_ONCE = 3  # parts of one object under way, each held in memory


async def parts_of(content: bytes | AsyncIterator[bytes], part_bytes: int) -> AsyncIterator[bytes]:
    """Yields `content` in parts of `part_bytes`, twice as many after each thousand of them: a
    stream does not tell its length, and there may be 10,000 parts."""
    gathered, count = bytearray(), 0
    async for piece in _pieces(content):
        gathered += piece
        while len(gathered) > (wanted := part_bytes << (count // 1000)):
            yield bytes(gathered[:wanted])
            del gathered[:wanted]
            count += 1
    yield bytes(gathered)


async def _pieces(content: bytes | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if isinstance(content, bytes):
        yield content
    else:
        async for piece in content:
            yield piece


async def chained(first: bytes, second: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    yield second
    async for part in rest:
        yield part


async def file_parts(source: Path, part_bytes: int) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(source.open, "rb")
    try:
        while part := await asyncio.to_thread(file.read, part_bytes):
            yield part
    finally:
        await asyncio.to_thread(file.close)


async def in_turns(
    parts: AsyncIterator[bytes], put: Callable[[int, bytes], Awaitable[str]]
) -> list[str]:
    """Returns what `put` returned for each part, by its number, with a few of them under way at
    once."""
    turns = asyncio.Semaphore(_AT_ONCE)
    tasks: list[asyncio.Task[str]] = []

    async def one(number: int, part: bytes) -> str:
        try:
            return await put(number, part)
        finally:
            turns.release()

    try:
        async for part in parts:
            await turns.acquire()
            for ended in filter(asyncio.Task.done, tasks):
                ended.result()  # one that failed ends it here
            tasks.append(asyncio.create_task(one(len(tasks) + 1, part)))
        return await asyncio.gather(*tasks)
    finally:
        if tasks:  # a request in a thread goes on to its end: nothing may come after `abandon`
            await asyncio.wait(tasks)
