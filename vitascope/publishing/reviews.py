"""Masters about which somebody decides: by which rules, who may, and how the job goes on.

A job that waits has put itself in the queue `held`, of which no worker takes anything. A decision
is one transaction; what was held is put back in its queue after it, and by `Reviews.release` again
where a process was killed in between.
"""

from vitascope.engines.rows import Rows
from vitascope.engines.work import Priority, Work, WorkState, WorkStatus
from vitascope.kernel.ids import AccountId, JobId
from vitascope.publishing import store
from vitascope.publishing.contract import (
    BadRules,
    Job,
    JobState,
    NotInReview,
    ReviewedByOperators,
)
from vitascope.publishing.judgement import AppliedRules, MasterRules, Reviewer
from vitascope.publishing.ledger import Ledger
from vitascope.publishing.rules import applied, wrong_rules
from vitascope.publishing.settings import PublishingSettings
from vitascope.publishing.tasks import is_held, queue_to_go_on


async def rules_for(
    rows: Rows, settings: PublishingSettings, catalogue_id: AccountId
) -> AppliedRules:
    own = await rows.read(lambda c: store.rules_of(c, catalogue_id))
    return applied(settings.rules, settings.reviewers, own)


class Reviews:
    """Any number of processes may have one."""

    def __init__(
        self, *, rows: Rows, ledger: Ledger, work: Work, settings: PublishingSettings
    ) -> None:
        self._rows = rows
        self._ledger = ledger
        self._work = work
        self._settings = settings

    async def rules(self, catalogue_id: AccountId) -> AppliedRules:
        return await rules_for(self._rows, self._settings, catalogue_id)

    async def set_rules(self, catalogue_id: AccountId, own: MasterRules) -> AppliedRules:
        if wrong := wrong_rules(own.rules):
            raise BadRules(" ".join(wrong), field="rules")
        await self._rows.write(lambda c: store.set_rules(c, catalogue_id, own))
        return await self.rules(catalogue_id)

    async def decide(self, job: Job, *, approved: bool, reason: str, reviewer: Reviewer) -> None:
        """Raises `NotInReview`, `ReviewedByOperators`."""
        who = (await self.rules(job.partner_id)).reviewers
        if who == "operator" and not reviewer.is_operator:
            raise ReviewedByOperators("Only operators of this service decide about this master.")
        if not await self._ledger.decide(
            job.id, approved=approved, reason=reason, reviewer=reviewer
        ):
            raise NotInReview(f"This job is {job.state}; there is nothing to decide.")
        if approved:
            await self._release(job.id)
        else:
            await self._work.cancel(job.id)
        for other in await self._rows.read(lambda c: store.of_title_under_way(c, job.title_id)):
            await self._release(other.id)

    async def _release(self, job_id: JobId) -> None:
        job = await self._ledger.job(job_id)
        if status := await self._work.status(job_id):
            await self.release(job, status)

    async def release(self, job: Job, status: WorkStatus) -> bool:
        """Let a job go on that is held without a reason. Returns True for one that is held."""
        if status.state is not WorkState.QUEUED or not is_held(status.queue):
            return False
        behind = await self._rows.read(lambda c: store.is_behind_review(c, job.id))
        if job.state is not JobState.NEEDS_REVIEW and not (job.kind == "change" and behind):
            to = queue_to_go_on(job.kind, Priority.named(job.priority), status.queue)
            await self._work.move(job.id, from_queue=status.queue, to_queue=to)
        return True
