"""What a transaction runs: a synchronous function of its connection."""

import inspect
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
Work = Callable[[Connection], T]


def run_work(connection: Connection, work: Work[T]) -> T:
    """Run `work` and return its result. Raises `RuntimeError` when that is something to await:
    the transaction would end before it began."""
    result = work(connection)
    if inspect.isawaitable(result):
        if inspect.iscoroutine(result):
            result.close()
        raise RuntimeError("Work on rows must be synchronous: write `def`, not `async def`.")
    return result
