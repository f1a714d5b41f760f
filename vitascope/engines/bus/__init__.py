"""Events in order by key, at least once, with dead letters that can be replayed."""

from vitascope.engines.bus.contract import (
    Bus,
    DeadLetter,
    Handler,
    Outbox,
)
from vitascope.engines.bus.outbox import first_time

__all__ = [
    "Bus",
    "DeadLetter",
    "Handler",
    "Outbox",
    "first_time",
]
