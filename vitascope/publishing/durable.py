"""`Publishing` over rows and durable work."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import msgspec

from vitascope.catalog import Asset, NoSuchTitle, TitleFilter, TitlePublished, TitleRecords
from vitascope.encoding import Effort
from vitascope.engines.leases import Leases
from vitascope.engines.rows import Rows
from vitascope.engines.trust import NO_SANDBOX
from vitascope.engines.work import NoSuchWork, Priority, Work, WorkNotRetryable, WorkState
from vitascope.ingest import (
    AlreadyLive,
    MasterReceived,
    SoundReceived,
    SubtitlesChanged,
)
from vitascope.kernel.errors import Conflict
from vitascope.kernel.ids import AccountId, ContentId, JobId, TitleId, new_id
from vitascope.kernel.media import FormatName
from vitascope.publishing import store
from vitascope.publishing.contract import (
    Change,
    Job,
    JobFilter,
    JobNotRunning,
    JobPage,
    JobReport,
    JobState,
    JobsWanted,
    LiveVersion,
    NewSound,
    NoSuchJob,
    NothingPublished,
    NothingToChange,
    NotScheduled,
    OfferedStill,
    QueueStatus,
    TextSlot,
)
from vitascope.publishing.estimates import Estimate, FilmTold
from vitascope.publishing.finding_pictures import FindingPictures
from vitascope.publishing.forecaster import Forecaster
from vitascope.publishing.formats import missing
from vitascope.publishing.judgement import AppliedRules, MasterRules, Reviewer
from vitascope.publishing.ledger import Ledger
from vitascope.publishing.new_jobs import (
    change_job,
    job_for,
    need_new_formats,
    need_reason,
    told_of,
)
from vitascope.publishing.offers import offers
from vitascope.publishing.overview import (
    job_page,
    none_has_sandbox,
    queue_status,
)
from vitascope.publishing.quality_page import QualityPage
from vitascope.publishing.reviews import Reviews
from vitascope.publishing.schedule import Schedule, asset_of_job
from vitascope.publishing.sharing import QualityPages
from vitascope.publishing.stills import Stills
from vitascope.publishing.store import NewJob
from vitascope.publishing.tasks import (
    PUBLISH,
    REPUBLISH,
    JobOrder,
    RepublishOrder,
    is_sandboxed,
    queue_of_jobs,
    queue_of_ladders,
    sandboxed,
)

_MOST_NAMED = 100
_OVER = (WorkState.DONE, WorkState.FAILED, WorkState.CANCELLED)
_LOST = "The worker stopped without a result. Try again: finished steps are not repeated."


class DurablePublishing:
    """Starts a job for each `MasterReceived`. Any number of processes may have one."""

    def __init__(
        self,
        *,
        rows: Rows,
        ledger: Ledger,
        work: Work,
        leases: Leases,
        forecaster: Forecaster,
        catalog: TitleRecords,
        schedule: Schedule,
        stills: Stills,
        reviews: Reviews,
        finding_pictures: FindingPictures,
        quality_pages: QualityPages,
        later_formats: Sequence[FormatName] = (),
        effort: Effort = "balanced",
    ) -> None:
        self._rows = rows
        self._reviews = reviews
        self._finding_pictures = finding_pictures
        self._quality_pages = quality_pages
        self._later_formats = later_formats
        self._effort = effort
        self._stills = stills
        self._schedule = schedule
        self._leases = leases
        self._forecaster = forecaster
        self._catalog = catalog
        self._ledger = ledger
        self._work = work

    async def receive(self, event: MasterReceived) -> None:
        """Start a job for the master; harmless when heard again."""
        tail = event.master_id.partition("_")[2]
        job_id = JobId(f"job_{tail}")
        # where nothing is live yet, what will be is an earlier delivery, and gives way to this one
        first = await self._catalog.asset(event.content_id) is None
        await self._ledger.open(job_for(job_id, event, replaces=event.replaces or first))
        order = JobOrder(
            job_id=job_id,
            title_id=event.title_id,
            content_id=event.content_id,
            asset_id=asset_of_job(job_id),
            master_key=event.blob_key,
            file_name=event.file_name,
            artwork=True,
            scheduled=True,
            judged=True,
            pictured=True,
            subtitles=event.subtitles,
            by_operator=event.by_operator,
            effort=self._effort,
        )
        priority = Priority.named(event.priority)
        queue = sandboxed(queue_of_jobs(priority), by_operator=event.by_operator)
        party = event.partner_id
        await self._work.start(
            PUBLISH, order, id=job_id, queue=queue, priority=priority, party=party
        )
        job = await self.job(event.partner_id, job_id)
        if job.state is JobState.CANCELLED:
            await self._work.cancel(job_id)

    async def receive_subtitles(self, event: SubtitlesChanged, event_id: str) -> None:
        """Start a job that publishes them, where something is live or about to be; otherwise they
        wait for the first master. Harmless when heard again."""
        live = await self._catalog.asset(event.content_id)
        coming = await self._rows.read(lambda c: store.under_way_of(c, event.content_id))
        waiting = await self._rows.read(lambda c: store.ready_of(c, event.content_id))
        if live is None and not coming:
            return
        slot = TextSlot(language=event.language, kind=event.kind)
        there = (slot.language, slot.kind) in {(one.language, one.kind) for one in event.subtitles}
        change = Change(subtitles=event.subtitles, without_text=() if there else (slot,))
        job = NewJob(
            id=JobId(f"job_{event_id}"),
            partner_id=event.partner_id,
            title_id=event.title_id,
            content_id=event.content_id,
            file_name=told_of(change),
        )
        await self._start(job, change, by_operator=event.by_operator)
        if live is not None and waiting is not None:
            second = msgspec.structs.replace(job, id=JobId(f"{job.id}w"))
            await self._start(second, change, waiting=True, by_operator=event.by_operator)

    async def receive_published(self, event: TitlePublished, event_id: str) -> None:
        """Start a job for each format that the title is to have and has not. Harmless when heard
        again."""
        asset = await self._catalog.asset(event.content_id)
        lacks = await self._later(event.content_id, asset)
        busy = await self._rows.read(lambda c: store.adds_formats(c, event.content_id))
        title = next(iter(await self._catalog.titles([event.title_id])), None) if lacks else None
        if busy or title is None or title.partner_id is None:
            return
        for codec in lacks:
            change, job_id = Change(formats=(codec,)), JobId(f"job_{event_id}{codec}")
            partner, content_id = title.partner_id, event.content_id
            job = change_job(job_id, partner, event.title_id, content_id, change)
            await self._start(job, change, by_operator=False)

    async def _later(self, content_id: ContentId, asset: Asset | None) -> tuple[FormatName, ...]:
        if asset is None or asset.partial:
            return ()
        in_hdr = await self._is_in_hdr(content_id, asset)
        return missing(asset, self._later_formats, in_hdr=in_hdr)

    async def _is_in_hdr(self, content_id: ContentId, asset: Asset) -> bool:
        return await self._rows.read(lambda c: store.is_in_hdr(c, content_id, asset.id))

    async def live(
        self, partner_id: AccountId, title_id: TitleId, content_id: ContentId
    ) -> LiveVersion:
        contents = await self._contents(partner_id, title_id)
        asset = await self._catalog.asset(content_id)
        if asset is None or content_id not in contents:
            raise NothingPublished("Nothing is published yet, so there is nothing to change.")
        in_hdr = await self._is_in_hdr(content_id, asset)
        return LiveVersion(
            version=asset.version,
            audio=asset.audio,
            text=asset.text,
            scheme=asset.scheme,
            partial=asset.partial,
            formats=tuple(dict.fromkeys(rung.format for rung in asset.ladder)),
            offers=await self._forecaster.with_costs(
                offers(asset, in_hdr=in_hdr), asset, self._effort, in_hdr=in_hdr
            ),
        )

    async def _contents(self, partner_id: AccountId, title_id: TitleId) -> set[ContentId]:
        """Returns what of a partner's own title can be played. Raises `NoSuchTitle`."""
        title = next(iter(await self._catalog.titles([title_id])), None)
        if title is None or title.partner_id != partner_id:
            raise NoSuchTitle(f"You have no title {title_id}.")
        return {ContentId(title_id), *(ContentId(episode.id) for episode in title.episodes)}

    async def stills(
        self, partner_id: AccountId, title_id: TitleId, content_id: ContentId
    ) -> Sequence[OfferedStill]:
        if content_id not in await self._contents(partner_id, title_id):
            raise NoSuchTitle(f"{title_id} has no content called {content_id}.")
        return await self._stills.of(content_id)

    async def still(
        self,
        partner_id: AccountId,
        title_id: TitleId,
        content_id: ContentId,
        name: str,
        *,
        small: bool = False,
    ) -> bytes:
        if content_id not in await self._contents(partner_id, title_id):
            raise NoSuchTitle(f"{title_id} has no content called {content_id}.")
        return await self._stills.picture(title_id, content_id, name, small=small)

    async def receive_sound(self, event: SoundReceived) -> None:
        """A job that publishes what is live with this sound track. Harmless when heard again."""
        change = Change(
            sound=NewSound(draft=event.sound, file_name=event.file_name, blob_key=event.blob_key)
        )
        job = NewJob(
            id=JobId(f"job_{event.master_id.partition('_')[2]}"),
            master_id=event.master_id,
            partner_id=event.partner_id,
            title_id=event.title_id,
            content_id=event.content_id,
            file_name=f"{event.file_name}: {told_of(change)}",
        )
        await self._start(job, change, by_operator=event.by_operator)

    async def republish(
        self,
        partner_id: AccountId,
        title_id: TitleId,
        content_id: ContentId,
        change: Change,
        *,
        by_operator: bool = False,
    ) -> Job:
        if change == Change():
            raise NothingToChange("Name at least one change to the published version.")
        live = await self.live(partner_id, title_id, content_id)
        need_new_formats(change, live)
        job = change_job(JobId(new_id("job")), partner_id, title_id, content_id, change)
        await self._start(job, change, by_operator=by_operator)
        return await self.job(partner_id, job.id)

    async def _start(
        self, job: NewJob, change: Change, *, waiting: bool = False, by_operator: bool
    ) -> None:
        await self._ledger.open(job)
        order = RepublishOrder(
            job_id=job.id,
            title_id=job.title_id,
            content_id=job.content_id,
            change=change,
            waiting=waiting,
            by_operator=by_operator,
            effort=self._effort,
        )
        priority = Priority.named(job.priority)
        long = queue_of_ladders(priority) if change.formats else REPUBLISH.queue
        queue = sandboxed(long, by_operator=by_operator)
        party = job.partner_id
        await self._work.start(
            REPUBLISH, order, id=job.id, queue=queue, priority=priority, party=party
        )

    async def jobs(
        self,
        partner_id: AccountId,
        wanted: JobsWanted = JobsWanted(),  # noqa: B008 - it is frozen
        *,
        page_token: str | None = None,
        limit: int = 40,
    ) -> JobPage:
        named: list[TitleId] = []
        if wanted.text:
            by_name = TitleFilter(name=wanted.text)
            found = await self._catalog.titles_of(partner_id, by_name, limit=_MOST_NAMED)
            named = [title.id for title in found.titles]
        return await job_page(self._rows, partner_id, wanted, page_token, limit, named)

    async def changed(self, partner_id: AccountId, since: int) -> Sequence[Job]:
        return await self._rows.read(lambda c: store.changed(c, partner_id, since, 200))

    async def all_jobs(
        self,
        wanted: JobFilter = JobFilter.ALL,
        *,
        page_token: str | None = None,
        limit: int = 50,
    ) -> JobPage:
        return await job_page(self._rows, None, JobsWanted(filter=wanted), page_token, limit)

    async def estimate(self, film: FilmTold) -> Estimate:
        return await self._forecaster.of_film(film, self._effort)

    async def queue(self) -> QueueStatus:
        return await queue_status(self._rows, self._work, self._leases)

    async def none_has_sandbox(self) -> Sequence[str]:
        return await none_has_sandbox(self._leases)

    async def job(self, partner_id: AccountId | None, job_id: JobId) -> Job:
        job = await self._rows.read(lambda c: store.job(c, job_id))
        if job is None or partner_id not in (None, job.partner_id):
            raise NoSuchJob(f"There is no job {job_id}.")
        return job

    async def report(self, partner_id: AccountId | None, job_id: JobId) -> JobReport:
        await self.job(partner_id, job_id)
        return await self._rows.read(lambda c: store.report(c, job_id))

    async def share(self, partner_id: AccountId, job_id: JobId, *, on: bool) -> JobReport:
        return await self._quality_pages.share(await self.job(partner_id, job_id), on=on)

    async def quality_page(self, name: str) -> QualityPage:
        return await self._quality_pages.page(name)

    async def finding_picture(
        self, partner_id: AccountId | None, job_id: JobId, name: str
    ) -> bytes:
        return await self._finding_pictures.picture(await self.job(partner_id, job_id), name)

    async def rules(self, catalogue_id: AccountId) -> AppliedRules:
        return await self._reviews.rules(catalogue_id)

    async def set_rules(self, catalogue_id: AccountId, own: MasterRules) -> AppliedRules:
        return await self._reviews.set_rules(catalogue_id, own)

    async def review(
        self,
        partner_id: AccountId | None,
        job_id: JobId,
        *,
        approved: bool,
        reason: str,
        reviewer: Reviewer,
    ) -> Job:
        need_reason(reason)
        job = await self.job(partner_id, job_id)
        await self._reviews.decide(job, approved=approved, reason=reason, reviewer=reviewer)
        return await self.job(partner_id, job_id)

    async def schedule(
        self, partner_id: AccountId, job_id: JobId, at_ms: int | None, *, replace: bool = False
    ) -> Job:
        job = await self.job(partner_id, job_id)
        if job.kind == "change":
            raise NotScheduled("Changes to what is live are published as soon as they are ready.")
        told = msgspec.structs.replace(job, replaces=job.replaces or replace)
        if at_ms is not None and await self._schedule.would_replace(told, asset_of_job(job_id)):
            raise AlreadyLive("Another version is live. Say that this one replaces it.")
        if not await self._ledger.schedule(job_id, at_ms, replaces=told.replaces, reason=""):
            raise JobNotRunning(f"This job is {job.state}; there is nothing to publish.")
        job = await self.job(partner_id, job_id)
        if job.state is JobState.READY and self._schedule.is_due(job):
            await self._schedule.publish(job)
        return await self.job(partner_id, job_id)

    async def publish_due(self) -> int:
        """Publish what is ready and due. Returns how many jobs that were."""
        return await self._schedule.publish_due()

    async def seconds_until_due(self) -> float:
        """Returns how long nothing is to be published that is known now."""
        return await self._schedule.seconds_until_due()

    async def forget_title(self, title_id: TitleId) -> None:
        """Cancel what is under way for a title that was deleted, and delete what was kept for
        it."""
        await self._end_all(title_id, "The title was deleted.")
        await self._stills.forget(title_id)
        await self._finding_pictures.forget(title_id)

    async def forget_episode(self, title_id: TitleId, content_id: ContentId) -> None:
        """The same for an episode that was removed from its series."""
        await self._end_all(title_id, "The episode was removed.", content_id)
        await self._stills.forget_content(title_id, content_id)
        await self._finding_pictures.forget_content(title_id, content_id)

    async def _end_all(
        self, title_id: TitleId, reason: str, content_id: ContentId | None = None
    ) -> None:
        for job in await self._rows.read(lambda c: store.of_title_under_way(c, title_id)):
            if content_id in (None, job.content_id):
                with suppress(JobNotRunning):
                    await self.cancel(None, job.id, reason)

    async def cancel(self, partner_id: AccountId | None, job_id: JobId, reason: str) -> Job:
        need_reason(reason)
        job = await self.job(partner_id, job_id)
        if not await self._ledger.move(job_id, JobState.CANCELLED, reason):
            raise JobNotRunning(f"This job is {job.state}; only a job under way can be cancelled.")
        if job.state is not JobState.READY:
            with suppress(NoSuchWork):  # `receive` is about to start it, and looks afterwards
                await self._work.cancel(job_id)
        return await self.job(partner_id, job_id)

    async def retry(self, partner_id: AccountId | None, job_id: JobId, reason: str) -> Job:
        need_reason(reason)
        job = await self.job(partner_id, job_id)
        if job.state not in (JobState.FAILED, JobState.CANCELLED):
            raise Conflict(
                f"This job is {job.state}; only one that failed or was cancelled can run again."
            )
        waiting = await self._catalog.prepared(job.content_id)
        if waiting is not None and waiting.id == asset_of_job(job_id):
            await self._ledger.schedule(job_id, None)
            await self._ledger.reopen(job_id, reason, JobState.READY)
            return await self.job(partner_id, job_id)
        await self._until_ended(job_id)
        status = await self._work.status(job_id)
        if status is not None and status.state is WorkState.DONE:
            raise Conflict("A later delivery took its place. Deliver this master again.")
        if await self._ledger.reopen(job_id, reason):
            await self._work.retry(job_id)
        return await self.job(partner_id, job_id)

    async def reconcile(self) -> int:
        """Fail jobs whose work ended without telling (its workers died over and over), and those
        that no worker may do; queue what was reopened but not put in its queue again, and what an
        earlier version began with other steps. Returns how many failed."""
        lost = 0
        bare = await none_has_sandbox(self._leases)
        for job in await self._rows.read(store.under_way):
            status = await self._work.status(job.id)
            if status is None or await self._reviews.release(job, status):
                continue
            if status.state is WorkState.CANCELLED and job.state is JobState.QUEUED:
                await self._work.retry(job.id)
            elif status.has_other_steps and job.state is not JobState.READY:
                await self._begin_anew(job.id)
            elif status.state in (WorkState.FAILED, WorkState.CANCELLED):
                lost += await self._ledger.move(job.id, JobState.FAILED, status.error or _LOST)
            elif bare and status.state is WorkState.QUEUED and is_sandboxed(status.queue):
                reason = NO_SANDBOX.format(", ".join(bare))
                if await self._ledger.move(job.id, JobState.FAILED, reason):
                    await self._work.cancel(job.id)
                    lost += 1
        return lost

    async def _begin_anew(self, job_id: JobId) -> None:
        """What was encoded is found again by its name."""
        if await self._ledger.begin_anew(job_id):
            with suppress(WorkNotRetryable):  # another instance was first
                await self._work.retry(job_id, anew=True)

    async def forget(self, before_ms: int) -> int:
        """Let go of how jobs that went well were worked on; the jobs themselves stay."""
        return await self._work.forget(before_ms)

    async def _until_ended(self, job_id: JobId) -> None:
        """A job is told failed a moment before its work is over."""
        for pause_s in (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 1.6):
            status = await self._work.status(job_id)
            if status is None or status.state in _OVER:
                return
            await asyncio.sleep(pause_s)
        raise WorkNotRetryable("The last attempt is not over yet. Try again in a moment.")
