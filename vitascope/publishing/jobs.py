"""What publishing hears, does by the clock, and does as a worker."""

import logging

from vitascope.engines.bus import Bus
from vitascope.engines.work import Crew, Steps
from vitascope.ingest import MasterReceived
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.events import Envelope, Event
from vitascope.publishing.desk import ReleaseDesk
from vitascope.publishing.orders import JobOrder
from vitascope.publishing.parts import Parts
from vitascope.publishing.pipeline import publish
from vitascope.publishing.run import Run, Tools

_log = logging.getLogger("vitascope.publishing")
_KEEP_MS = 14 * 24 * 3_600_000


def subscribe(bus: Bus, desk: ReleaseDesk) -> None:
    """A master received becomes a job."""

    async def received(event: Event, _: Envelope) -> None:
        assert isinstance(event, MasterReceived)
        await desk.receive(event)

    bus.subscribe("publishing", [MasterReceived], received)


def enlist(crew: Crew, tools: Tools) -> None:
    """Let this worker process do jobs and their parts."""

    async def lead(steps: Steps, order: JobOrder) -> None:
        await publish(Run(tools, steps, order))

    crew.on("publish", JobOrder, lead)
    Parts(
        encoding=tools.encoding, plans=tools.plans, ledger=tools.ledger, settings=tools.settings
    ).enlist(crew)


async def keep_honest(desk: ReleaseDesk, clock: Clock, *, every_s: float = 30.0) -> None:
    """Tell of jobs whose work ended without a word, and forget old work; until cancelled."""
    while True:
        await clock.sleep(every_s)
        try:
            await desk.reconcile()
            await desk.forget(clock.now_ms() - _KEEP_MS)
        except VitascopeError as error:
            _log.warning("jobs could not be checked: %s", error.detail)
