"""What ingest does by the clock."""

import logging

from vitascope.ingest.upload import RowsIngest
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import VitascopeError

_log = logging.getLogger("vitascope.ingest")


async def keep_tidy(ingest: RowsIngest, clock: Clock, *, every_s: float = 300.0) -> None:
    """Announce what a death left unannounced, and remove what is past its time; until cancelled."""
    while True:
        try:
            await ingest.settle()
            await ingest.expire()
        except VitascopeError as error:
            _log.warning("uploads could not be tidied: %s", error.detail)
        await clock.sleep(every_s)
