"""What publishing hears, does by the clock, and does as a worker."""

import logging
import math

from vitascope.catalog import EpisodeRemoved, TitleDeleted, TitlePublished
from vitascope.encoding import Encoding
from vitascope.engines.bus import Bus
from vitascope.engines.notices import TopicListener
from vitascope.engines.work import Steps, Worker
from vitascope.ingest import MasterReceived, SoundReceived, SubtitlesChanged
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.events import Envelope, Event
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.overview import LIMITS
from vitascope.publishing.parts import PartSteps
from vitascope.publishing.pipeline import publish
from vitascope.publishing.plans import EncodingPlans
from vitascope.publishing.republish import republish
from vitascope.publishing.running import Running, Tools
from vitascope.publishing.settings import PublishingSettings
from vitascope.publishing.stills import Stills
from vitascope.publishing.tasks import PUBLISH, REPUBLISH, JobOrder, RepublishOrder, sandboxed

_log = logging.getLogger("vitascope.publishing")
_DAY_MS = 24 * 3_600_000
_KEEP_MS = 14 * _DAY_MS


def subscribe(bus: Bus, publishing: DurablePublishing) -> None:
    """Start a job for every master received, for subtitles and sound tracks handed in for what is
    live, and for formats that every title is to have."""

    async def received(event: Event, envelope: Envelope) -> None:
        if isinstance(event, MasterReceived):
            await publishing.receive(event)
        elif isinstance(event, SubtitlesChanged):
            await publishing.receive_subtitles(event, envelope.id)
        elif isinstance(event, SoundReceived):
            await publishing.receive_sound(event)
        elif isinstance(event, TitlePublished):
            await publishing.receive_published(event, envelope.id)
        elif isinstance(event, TitleDeleted):
            await publishing.forget_title(event.title_id)
        elif isinstance(event, EpisodeRemoved):
            await publishing.forget_episode(event.title_id, event.content_id)

    heard: list[type[Event]] = [MasterReceived, SoundReceived, SubtitlesChanged]
    heard += [TitlePublished, TitleDeleted, EpisodeRemoved]
    bus.subscribe("publishing", heard, received)


def enlist(worker: Worker, tools: Tools) -> None:
    """Let this worker process do jobs and their parts."""

    async def lead(steps: Steps, order: JobOrder) -> None:
        await _need_sandbox(tools, steps, order)
        effort, by_operator = order.effort, order.by_operator
        running = Running(tools, steps, order.job_id, effort=effort, by_operator=by_operator)
        await publish(running, order)

    async def change(steps: Steps, order: RepublishOrder) -> None:
        await _need_sandbox(tools, steps, order)
        running = Running(
            tools,
            steps,
            order.job_id,
            effort=order.effort,
            by_operator=order.by_operator,
            patient=bool(order.change.formats),
        )
        await republish(running, order)

    worker.on(PUBLISH, lead)
    worker.on(REPUBLISH, change)
    PartSteps(
        encoding=tools.encoding,
        plans=tools.plans,
        ledger=tools.ledger,
        settings=tools.settings,
        room=tools.room,
    ).enlist(worker)


async def _need_sandbox(tools: Tools, steps: Steps, order: JobOrder | RepublishOrder) -> None:
    """Leave a partner's job to workers that have a sandbox, where this one has none: it came here
    by an earlier version, or this worker lost its sandbox since it began."""
    if not order.by_operator and await tools.sandbox() == LIMITS:
        await steps.move(sandboxed(steps.queue))


async def sweep(
    encoding: Encoding,
    plans: EncodingPlans,
    stills: Stills,
    settings: PublishingSettings,
    clock: Clock,
    *,
    every_s: float = 3600.0,
) -> None:
    """Delete intermediates that nobody has come back for; until cancelled. Those of a job that has
    not ended well stay: what its finished steps tell of must be there when it goes on."""
    while True:
        before_ms = clock.now_ms() - round(settings.keep_intermediates_days * _DAY_MS)
        try:
            await encoding.sweep(before_ms, await plans.masters())
            await stills.sweep(clock.now_ms() - _DAY_MS)
        except VitascopeError as error:
            _log.warning("intermediates could not be deleted: %s", error.detail)
        await clock.sleep(every_s)


async def publish_due(publishing: DurablePublishing, due: TopicListener) -> None:
    """Publish what is ready when its time comes, until cancelled. `due` wakes when that may be
    sooner than it was; a lost notice, or a clock that was set, makes it late by ten seconds."""
    with due.pauses(first_s=1.0, longest_s=10.0) as pauses:
        while True:
            within_s = math.inf
            try:
                await publishing.publish_due()
                within_s = await publishing.seconds_until_due()
            except VitascopeError as error:
                _log.warning("what is due could not be published: %s", error.detail)
            await pauses.pause(within_s)


async def reconcile(publishing: DurablePublishing, clock: Clock, *, every_s: float = 30.0) -> None:
    """Tell of jobs whose work ended without a word, and forget old work; until cancelled."""
    while True:
        await clock.sleep(every_s)
        try:
            await publishing.reconcile()
            await publishing.forget(clock.now_ms() - _KEEP_MS)
        except VitascopeError as error:
            _log.warning("jobs could not be checked: %s", error.detail)
