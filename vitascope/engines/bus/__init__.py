"""Events in order by key, at least once, with dead letters that can be replayed."""

from typing import TYPE_CHECKING, Any

from vitascope.engines.bus.contract import (
    BatchHandler,
    Bus,
    DeadLetter,
    DeadLetters,
    Groups,
    Handler,
    Log,
    NoSuchDeadLetter,
    Outbox,
    Relay,
)

if TYPE_CHECKING:
    from vitascope.engines.bus.outbox import first_time

__all__ = [
    "BatchHandler",
    "Bus",
    "DeadLetter",
    "DeadLetters",
    "Groups",
    "Handler",
    "Log",
    "NoSuchDeadLetter",
    "Outbox",
    "Relay",
    "first_time",
]


def __getattr__(name: str) -> Any:
    if name == "first_time":  # in a transaction: loads SQLAlchemy
        from vitascope.engines.bus.outbox import first_time

        return first_time
    raise AttributeError(f"{__name__} has no {name}")
