"""Waiting for an event or for some time, and going on after trouble."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Trouble

_logger = logging.getLogger("vitascope.bus")


async def wait_for(event: asyncio.Event, seconds: float, clock: Clock) -> None:
    """Return when `event` is set, or after `seconds` of `clock`."""
    waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(clock.sleep(seconds))]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def through_trouble(work: Callable[..., Awaitable[object]], *given: object) -> None:
    """Do `work`; log an error and go on. For what is done again at the next turn anyway."""
    try:
        await work(*given)
    except Trouble as error:
        _logger.warning("the bus waits: %s", error)
    except Exception:
        _logger.exception("the bus goes on after an unexpected error")
