"""Calls that a guard is put around."""

import asyncio
from collections.abc import Awaitable, Callable


async def answer() -> str:
    return "answer"


def failing(times: int, error: Exception) -> tuple[Callable[[], Awaitable[str]], list[int]]:
    calls: list[int] = []

    async def call() -> str:
        calls.append(1)
        if len(calls) <= times:
            raise error
        return "answer"

    return call, calls


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)
