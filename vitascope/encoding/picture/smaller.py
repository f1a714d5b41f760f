"""What fails at one place of a film is tried once more with as little at once as can be, and then
told with its place.

One run encodes a chunk in all rungs, and holds the frames of all their encoders. A run that was
killed for want of memory, that crashed or that came to a stop is done again rung by rung, with one
thread for reading and one for filters. The encoders keep their arguments, so what comes out is the
same to the byte.
"""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import Chunk
from vitascope.encoding.contract.request import EncodingFailed, PlaceFailed
from vitascope.encoding.timing import clock_text, rate_of, seconds
from vitascope.engines import media

T = TypeVar("T")

READER = ("-threads", "1")
FILTERS = ("-filter_complex_threads", "1")

_FAULTS = (EncodingFailed, media.ToolOutOfMemory, media.ToolTimeout)
_NEEDS_MEMORY = " Give workers more memory, or leave the largest size out of [encoding] heights."
_log = logging.getLogger("vitascope.encoding")


async def tried_smaller(
    run: Callable[[bool], Awaitable[T]], source: Source, chunk: Chunk, done: str, *, small: bool
) -> T:
    """Returns what `run` does; it is told whether it must be `small`. `done` says what is done to
    the picture. Raises `PlaceFailed`."""
    if not small:
        try:
            return await run(False)
        except _FAULTS as fault:
            _log.warning("chunk %s is tried again rung by rung: %s", chunk.index, fault.detail)
    try:
        return await run(True)
    except _FAULTS as fault:
        raise _told(fault, source, chunk, done) from fault


def _told(
    fault: EncodingFailed | media.ToolOutOfMemory | media.ToolTimeout,
    source: Source,
    chunk: Chunk,
    done: str,
) -> PlaceFailed:
    rate = rate_of(source.frame_rate)
    from_s, until_s = seconds(chunk.start, rate), seconds(chunk.end, rate)
    needs = _NEEDS_MEMORY if isinstance(fault, media.ToolOutOfMemory) else ""
    return PlaceFailed(
        f"The picture from {clock_text(from_s)} to {clock_text(until_s)} can't be {done}, "
        f"not even rung by rung: {fault.detail}{needs}",
        **{**fault.extra, "from_ms": round(from_s * 1000), "until_ms": round(until_s * 1000)},
    )
