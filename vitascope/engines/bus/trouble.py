"""Going on after trouble."""

import logging
from collections.abc import Awaitable, Callable

from vitascope.kernel.errors import Trouble

_logger = logging.getLogger("vitascope.bus")


async def through_trouble(work: Callable[..., Awaitable[object]], *given: object) -> None:
    """Do `work`; log an error and go on. For what is done again at the next turn anyway."""
    try:
        await work(*given)
    except Trouble as error:
        _logger.warning("the bus waits: %s", error)
    except Exception:
        _logger.exception("the bus goes on after an unexpected error")
