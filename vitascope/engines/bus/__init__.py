"""Events in order by key, at least once, with dead letters that can be replayed."""

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
