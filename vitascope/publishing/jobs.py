"""What publishing hears, does by the clock, and does as a worker."""

import logging

from vitascope.encoding import Encoding
from vitascope.engines.bus import Bus
from vitascope.engines.work import Steps, Worker
from vitascope.ingest import MasterReceived, SoundReceived, SubtitlesChanged
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.events import Envelope, Event
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.parts import PartSteps
from vitascope.publishing.pipeline import publish
from vitascope.publishing.plans import EncodingPlans
from vitascope.publishing.republish import republish
from vitascope.publishing.running import Running, Tools
from vitascope.publishing.settings import PublishingSettings
from vitascope.publishing.tasks import PUBLISH, REPUBLISH, JobOrder, RepublishOrder

_log = logging.getLogger("vitascope.publishing")
_KEEP_MS = 14 * 24 * 3_600_000


def subscribe(bus: Bus, publishing: DurablePublishing) -> None:
    """Start a job for every master received, and for subtitles and sound tracks handed in for what
    is live."""

    async def received(event: Event, envelope: Envelope) -> None:
        if isinstance(event, MasterReceived):
            await publishing.receive(event)
        elif isinstance(event, SubtitlesChanged):
            await publishing.receive_subtitles(event, envelope.id)
        elif isinstance(event, SoundReceived):
            await publishing.receive_sound(event)

    bus.subscribe("publishing", [MasterReceived, SoundReceived, SubtitlesChanged], received)


def enlist(worker: Worker, tools: Tools) -> None:
    """Let this worker process do jobs and their parts."""

    async def lead(steps: Steps, order: JobOrder) -> None:
        await publish(Running(tools, steps, order.job_id), order)

    async def change(steps: Steps, order: RepublishOrder) -> None:
        await republish(Running(tools, steps, order.job_id), order)

    worker.on(PUBLISH, lead)
    worker.on(REPUBLISH, change)
    PartSteps(
        encoding=tools.encoding, plans=tools.plans, ledger=tools.ledger, settings=tools.settings
    ).enlist(worker)


async def sweep(
    encoding: Encoding,
    plans: EncodingPlans,
    settings: PublishingSettings,
    clock: Clock,
    *,
    every_s: float = 3600.0,
) -> None:
    """Delete intermediates that nobody has come back for; until cancelled. Those of a job that has
    not ended well stay: what its finished steps tell of must be there when it goes on."""
    while True:
        before_ms = clock.now_ms() - round(settings.keep_intermediates_days * 24 * 3_600_000)
        try:
            await encoding.sweep(before_ms, await plans.masters())
        except VitascopeError as error:
            _log.warning("intermediates could not be deleted: %s", error.detail)
        await clock.sleep(every_s)


async def reconcile(publishing: DurablePublishing, clock: Clock, *, every_s: float = 30.0) -> None:
    """Tell of jobs whose work ended without a word, and forget old work; until cancelled."""
    while True:
        await clock.sleep(every_s)
        try:
            await publishing.reconcile()
            await publishing.forget(clock.now_ms() - _KEEP_MS)
        except VitascopeError as error:
            _log.warning("jobs could not be checked: %s", error.detail)
