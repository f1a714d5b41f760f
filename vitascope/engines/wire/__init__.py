"""A domain's contract carried over HTTP, so that it may live in a process of its own.

    POST /wire/<domain>/<method>      body: MessagePack map of the arguments by name
    X-Vita-Caller: homepage           the part that asks
    X-Vita-Deadline-Ms: 1500          what is left of the caller's deadline (no clocks compared)
    X-Vita-Signature: t=<ms>,v1=<HMAC-SHA256 of the call under the key of caller and domain>

Nothing is written per domain: both ends read the Protocol's own annotations, so whatever msgspec
can express travels (structs, sequences, dicts with typed keys, sets, bytes, tuples, None).
Arguments go by name and unknown ones are ignored, so that processes of neighbouring versions
understand each other. Methods that are not coroutines (async iterators, properties) do not travel.
One argument may be an `AsyncIterator[bytes]`: it goes to `.../<method>/stream`, behind the length
(4 bytes, big-endian) and the map of the others. Its bytes are not covered by the signature.

An error of the domain arrives as the same class with its `detail` and `extra`. A bug at the
far end arrives as `RemoteFault`, a far end that cannot be reached as `Unavailable`.
A call in process costs under a microsecond, one through here about a millisecond: contracts batch.

The end that answers is loaded when it is asked for: the web framework is no use to an edge.
"""

from typing import TYPE_CHECKING, Any

from vitascope.engines.wire.dial import dial, hang_up
from vitascope.engines.wire.failures import CutOff, Draining, NotReached, RemoteFault
from vitascope.engines.wire.keys import (
    WireKeys,
    WireRefused,
    check_signature,
    derived,
    digest_of,
    signed,
)
from vitascope.engines.wire.line import Asks, Line
from vitascope.engines.wire.methods import domain_of, errors_of, methods_of, served_as
from vitascope.engines.wire.pool import Pool

if TYPE_CHECKING:
    from vitascope.engines.wire.serve import wire_router

__all__ = [
    "Asks",
    "CutOff",
    "Draining",
    "Line",
    "NotReached",
    "Pool",
    "RemoteFault",
    "WireKeys",
    "WireRefused",
    "check_signature",
    "derived",
    "dial",
    "digest_of",
    "domain_of",
    "errors_of",
    "hang_up",
    "methods_of",
    "served_as",
    "signed",
    "wire_router",
]


def __getattr__(name: str) -> Any:
    if name == "wire_router":
        from vitascope.engines.wire.serve import wire_router

        return wire_router
    raise AttributeError(f"{__name__} has no {name}")
