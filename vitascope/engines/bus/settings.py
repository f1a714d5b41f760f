"""The pace of the bus."""

import msgspec


class BusSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The pace of relaying and delivering."""

    poll_s: float = 5.0
    """How often the log is looked at without a notice that it has grown."""

    sweep_s: float = 5.0
    """The pause before every outbox is looked at again for events whose own process died before
    relaying. While a process announces nothing itself each pause is twice the one before."""

    longest_sweep_s: float = 40.0
    """The longest of these pauses."""

    hold_s: float = 5.0
    """A process that delivers to a group and is not heard of for this long is taken over."""

    batch: int = 200
    """Events relayed or read at once, and at most this many of one group under way."""

    at_once: int = 8
    """Handlers of one group that run at the same time, each with another key."""

    backoff_s: float = 0.2
    """The wait before a failed handler is tried again; it doubles each time, up to 30 s."""

    keep_s: float = 14 * 24 * 3600
    """How long heard events stay in the log, for new groups and for those who ask twice."""
