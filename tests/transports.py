"""Connections that a test leaves open, told while it is known which test that was. Otherwise the
garbage collector finds them later, and another test fails."""

import sys
import weakref
from asyncio import selector_events
from typing import Any

_Transport: Any = selector_events._SelectorTransport  # type: ignore[attr-defined]
_made: dict[int, tuple["weakref.ref[Any]", list[str]]] = {}


def watch() -> None:
    """Note each transport that is made from now on, and from where."""
    make = _Transport.__init__

    def noted(self: Any, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        known = id(self)

        def forget(_: object) -> None:
            _made.pop(known, None)

        _made[known] = weakref.ref(self, forget), _stack()

    _Transport.__init__ = noted


def left_open() -> list[str]:
    """Returns the transports whose event loop has ended, each once, with where they were made."""
    found = []
    for known, (ref, stack) in list(_made.items()):
        transport = ref()
        if transport is None or transport._sock is None:
            continue
        if transport._loop.is_closed():
            _made.pop(known, None)
            found.append("\n".join([f"{transport!r}, made here:", *stack]))
    return found


def _stack(frames: int = 30) -> list[str]:
    """Cheaper than that of `traceback`, which looks at every source file."""
    frame = sys._getframe(2)
    found: list[str] = []
    while frame.f_back is not None and len(found) < frames:
        found.append(f"  {frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    return found
