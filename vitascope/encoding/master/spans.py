"""Stretches of a film, in milliseconds."""

from collections.abc import Iterable

Span = tuple[int, int]


def joined(spans: Iterable[Span], near_ms: int) -> tuple[Span, ...]:
    """Returns the spans in order, those that overlap or are nearer than `near_ms` as one."""
    places: list[Span] = []
    for begin, end in sorted(spans):
        if places and begin - places[-1][1] < near_ms:
            places[-1] = (places[-1][0], max(end, places[-1][1]))
        else:
            places.append((begin, end))
    return tuple(places)


def of_marks(times: Iterable[int], each_ms: int, near_ms: int) -> tuple[Span, ...]:
    """Returns the stretches of what was seen at these times, each for `each_ms`."""
    return joined(((time, time + each_ms) for time in times), near_ms)
