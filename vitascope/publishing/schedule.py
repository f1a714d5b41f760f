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
from vitascope.publishing.ledger import OVERTAKEN, REPLACED, Ledger

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
        """Publish a verified version, or let it wait. Returns True if it is live now. What was
        delivered later never gives way to it, whichever is done first."""
        job = await self._ledger.job(job_id)
        while True:
            live = await self._catalog.asset(job.content_id)
            if await self._is_later(job, live):
                await self._wait(job, asset)
                await self._ledger.move(job_id, JobState.CANCELLED, REPLACED)
                return False
            asks = live is not None and live.id != asset.id and not job.replaces
            if asks or not self.is_due(job):
                if await self._wait(job, asset):
                    await self._ledger.ready(job, ask=ASK if asks and self.is_due(job) else "")
                else:
                    await self._ledger.move(job_id, JobState.CANCELLED, OVERTAKEN)
                return False
            if await self._flip(job, asset, live):
                return True
            await self._clock.sleep(_MOMENT_S)  # what this process knows may be a moment old

    async def file_first(self, job_id: JobId, asset: Asset) -> None:
        """Publish a first version, unless what is live is whole or was delivered later."""
        job = await self._ledger.job(job_id)
        while True:
            live = await self._catalog.asset(job.content_id)
            whole = live is not None and not live.partial
            if whole or await self._is_later(job, live):
                return
            if await self._flip(job, asset, live):
                return
            await self._clock.sleep(_MOMENT_S)

    async def _flip(self, job: Job, asset: Asset, live: Asset | None) -> bool:
        """Returns False if something else went live since `live` did."""
        instead_of = live.version if live else ""
        if not await self._catalog.publish(job.title_id, asset, instead_of=instead_of):
            return False
        await self._ledger.playable(job.id)
        return True

    async def _wait(self, job: Job, asset: Asset) -> bool:
        """Keep a version that is not live. Returns False where one that was delivered later is."""
        while True:
            there = await self._catalog.prepared(job.content_id)
            if await self._is_later(job, there):
                return False
            instead_of = there.version if there else ""
            if await self._catalog.prepare(job.title_id, asset, instead_of=instead_of):
                return True
            await self._clock.sleep(_MOMENT_S)

    async def _is_later(self, job: Job, there: Asset | None) -> bool:
        """Returns True if a version is of a later delivery than a job."""
        if there is None:
            return False
        of = JobId(f"job_{there.id.partition('_')[2]}")
        return await self._ledger.rows.read(lambda c: store.is_later(c, job, of))

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
