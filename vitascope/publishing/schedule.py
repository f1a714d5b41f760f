"""Publishing what is ready: at once, at a date, or when its partner says.

The verified version lies in the catalogue, where it waits (`TitleRecords.prepared`); when it is
published is a column of its job. Any number of processes may look for what is due: to publish twice
changes nothing.
"""

import math

from vitascope.catalog import Asset, NoSuchTitle, TitleRecords
from vitascope.kernel.clock import Clock
from vitascope.kernel.ids import AssetId, JobId
from vitascope.publishing import store
from vitascope.publishing.contract import Job, JobState
from vitascope.publishing.ledger import OVERTAKEN, Ledger

_AT_ONCE = 50
_MOMENT_S = 0.05
ASK = "Another version went live since this was delivered. Publish it to replace that one."
_DELETED = "The title was deleted."


class Schedule:
    def __init__(self, *, ledger: Ledger, catalog: TitleRecords, clock: Clock) -> None:
        self._ledger = ledger
        self._catalog = catalog
        self._clock = clock

    def is_due(self, job: Job) -> bool:
        return job.publish_at_ms is not None and job.publish_at_ms <= self._clock.now_ms()

    async def would_replace(self, job: Job, asset_id: AssetId) -> bool:
        """Returns True if something else is live that this job was not told to replace."""
        if job.replaces:
            return False
        live = await self._catalog.asset(job.content_id)
        return live is not None and live.id != asset_id

    async def file(self, job_id: JobId, asset: Asset) -> bool:
        """Publish a verified version, or let it wait. Returns True if it is live now."""
        job = await self._ledger.job(job_id)
        if not self.is_due(job):
            await self._catalog.prepare(job.title_id, asset)
            await self._ledger.ready(job)
            return False
        if await self.would_replace(job, asset.id):
            await self._catalog.prepare(job.title_id, asset)
            await self._ledger.ready(job, ask=ASK)
            return False
        await self._catalog.publish(job.title_id, asset)
        await self._ledger.playable(job_id)
        return True

    async def publish_due(self) -> int:
        """Publish what is ready and due. Returns how many jobs that were."""
        now_ms = self._clock.now_ms()
        jobs = await self._ledger.rows.read(lambda c: store.due(c, now_ms, _AT_ONCE))
        for job in jobs:
            await self.publish(job)
        return len(jobs)

    async def seconds_until_due(self) -> float:
        """Returns how long nothing is to be published that is known now; a moment when something
        has become due meanwhile, infinity when nothing waits for a date."""
        at_ms = await self._ledger.rows.read(store.next_due_ms)
        if at_ms is None:
            return math.inf
        return max(_MOMENT_S, (at_ms - self._clock.now_ms()) / 1000)

    async def publish(self, job: Job) -> None:
        """Publish what a job has ready; harmless when it is published already."""
        asset = await self._catalog.prepared(job.content_id)
        if asset is None or asset.id != asset_of_job(job.id):
            live = await self._catalog.asset(job.content_id)
            mine = live is not None and live.id == asset_of_job(job.id)
            state, reason = (JobState.LIVE, "") if mine else (JobState.CANCELLED, OVERTAKEN)
            await self._ledger.move(job.id, state, reason)
        elif await self.would_replace(job, asset.id):
            await self._ledger.ready(job, ask=ASK)
        else:
            await self._publish(job, asset)

    async def _publish(self, job: Job, asset: Asset) -> None:
        try:
            await self._catalog.publish(job.title_id, asset)
        except NoSuchTitle:
            await self._ledger.move(job.id, JobState.CANCELLED, _DELETED)
        else:
            await self._ledger.playable(job.id)
            await self._ledger.move(job.id, JobState.LIVE)


def asset_of_job(job_id: JobId) -> AssetId:
    """Returns the asset that a job for a master makes."""
    return AssetId(f"ast_{job_id.partition('_')[2]}")
