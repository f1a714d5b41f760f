"""How long a body may take to arrive: so many seconds, and one more for every so many bytes of it.

One rule for all bodies: one that stands still, one that comes a byte at a time, and an upload of a
day that keeps coming. Only waiting counts, never what a route does with what it was given.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from vitascope.engines import guard
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import DeadlineExceeded, Refusal

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class BodyTooSlow(Refusal):
    """The connection is closed after the answer."""

    status = 408
    code = "body-too-slow"


def has_body(headers: Mapping[str, str]) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def within(
    receive: Receive, clock: Clock, *, patience_s: float, bytes_per_second: float
) -> Receive:
    """Returns `receive`, which raises `BodyTooSlow` when the body takes longer than `patience_s`
    and what its bytes so far have earned. After the body it waits without end, as event streams
    do for their client to leave."""
    state = {"waited": 0.0, "came": 0, "done": False}

    async def received() -> Message:
        if state["done"]:
            return await receive()
        left = patience_s + state["came"] / bytes_per_second - state["waited"]
        begun = clock.monotonic()
        try:
            if left <= 0:
                raise DeadlineExceeded("This body came too slowly so far.")
            message = await guard.timeout(receive, clock, left)
        except DeadlineExceeded:
            state["done"] = True
            raise BodyTooSlow("The request's body came too slowly. Send it again.") from None
        state["waited"] += clock.monotonic() - begun
        state["came"] += len(message.get("body", b""))
        state["done"] = not message.get("more_body", False)
        return message

    return received
