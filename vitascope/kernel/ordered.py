"""Many values, kept in order, at which the garbage collector hardly looks.

A full look of the collector goes through every container that it tracks, element by element, and
holds all threads of the process meanwhile: with lists of all titles in every order that took 14 ms
of processor time at 15,000 titles, and grows with them. A tuple of plain values it tracks no more
once it has seen it. So the values are in tuples of some hundred; one of these is made anew when a
value comes or goes.
"""

import bisect
import itertools
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T", bound=str | tuple[object, ...])

_MOST = 512  # values in a tuple


class Ordered(Generic[T]):
    """Values of which no two are equal, from the lowest to the highest."""

    def __init__(self, values: Iterable[T] = ()) -> None:
        """`values` come in their order."""
        self._parts: list[tuple[T, ...]] = list(_parts(values))
        self._highest: list[T] = [part[-1] for part in self._parts]

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def __iter__(self) -> Iterator[T]:
        return itertools.chain.from_iterable(self._parts)

    def add(self, value: T) -> None:
        """Adds nothing that is there already."""
        if not self._parts:
            self._replace(0, 0, (value,))
            return
        at = min(bisect.bisect_left(self._highest, value), len(self._parts) - 1)
        part = self._parts[at]
        here = bisect.bisect_left(part, value)
        if part[here : here + 1] != (value,):
            self._replace(at, at + 1, (*part[:here], value, *part[here:]))

    def discard(self, value: T) -> None:
        """Take a value out, if it is there."""
        at = bisect.bisect_left(self._highest, value)
        if at < len(self._parts) and value in (part := self._parts[at]):
            here = bisect.bisect_left(part, value)
            self._replace(at, at + 1, (*part[:here], *part[here + 1 :]))

    def since(self, value: T) -> Iterator[T]:
        """Yields those that are not lower, the lowest first."""
        at = bisect.bisect_left(self._highest, value)
        for n, part in enumerate(self._parts[at:]):
            yield from part[bisect.bisect_left(part, value) :] if n == 0 else part

    def after(self, value: T) -> Iterator[T]:
        """Yields those that are higher, the lowest first."""
        return itertools.dropwhile(lambda each: each == value, self.since(value))

    def before(self, value: T | None) -> Iterator[T]:
        """Yields those that are lower, or all for None, the highest first."""
        at = len(self._parts) if value is None else bisect.bisect_left(self._highest, value)
        if value is not None and at < len(self._parts):
            part = self._parts[at]
            yield from reversed(part[: bisect.bisect_left(part, value)])
        for part in reversed(self._parts[:at]):
            yield from reversed(part)

    def parts(self) -> list[tuple[T, ...]]:
        """Returns all values, in the tuples that hold them."""
        return self._parts.copy()

    def _replace(self, first: int, after: int, values: tuple[T, ...]) -> None:
        middle = len(values) // 2
        halves = [values[:middle], values[middle:]] if len(values) > _MOST else [values]
        new = [half for half in halves if half]
        self._parts[first:after] = new
        self._highest[first:after] = [half[-1] for half in new]


def _parts(values: Iterable[T]) -> Iterator[tuple[T, ...]]:
    left = iter(values)
    while part := tuple(itertools.islice(left, _MOST // 2)):
        yield part
