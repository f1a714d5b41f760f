"""What a provider gives back."""

from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from litestar import Router

Task = Callable[[], Coroutine[Any, Any, None]]


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One part, made."""

    contracts: Mapping[str, object] = {}
    """What it answers for, by the names of the table."""

    routers: tuple["Router", ...] = ()
    """Routes of the public port."""

    inner_routers: tuple["Router", ...] = ()
    """Routes of the inner listener."""

    tasks: tuple[Task, ...] = ()
    """What runs until the process ends."""

    leaving: tuple[Task, ...] = ()
    """What is done when the process is told to stop, while all else still runs: telling others."""

    own_listener: bool = False
    """True if one of the tasks opens the process's port itself and says when it serves."""
