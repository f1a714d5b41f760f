"""Whether one thing costs more than so many times another, in processor time.

What else the machine does only ever adds to a measure: the least of several is taken, in turns, so
that a busy minute hits both. A measure over the bound is taken again, many times if need be: noise
goes, and what really costs more stays.
"""

from collections.abc import Awaitable, Callable

Measure = Callable[[], Awaitable[float]]
"""Does the thing and returns the processor seconds that it took, of all threads together."""


async def growth(less: Measure, more: Measure, *, most: float, turns: int = 60) -> float:
    """Returns how many times the first the second costs: once that is at most `most`, or after so
    many turns."""
    first, second = await less(), await more()
    for _ in range(turns):
        if second / first <= most:
            break
        first, second = min(first, await less()), min(second, await more())
    return second / first
