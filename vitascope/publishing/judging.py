"""Whether a master is fit: what its findings weigh in its catalogue, and what somebody decided."""

from collections.abc import Sequence

from vitascope.encoding import Finding, Severity
from vitascope.publishing import store
from vitascope.publishing.reviews import rules_for
from vitascope.publishing.rules import judged, judgement_of
from vitascope.publishing.running import Running


class JudgeSteps:
    def __init__(self, running: Running) -> None:
        self._running = running
        self._job_id = running.job_id
        self._tools = running.tools
        self._ledger = running.tools.ledger

    async def weighed(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Returns the findings as they weigh in the catalogue of this master."""

        async def work() -> tuple[Finding, ...]:
            job = await self._ledger.job(self._job_id)
            told = await rules_for(self._ledger.rows, self._tools.settings, job.partner_id)
            found = judged(findings, told.rules)
            verdict = judgement_of(found)
            await self._ledger.report(self._job_id, findings=found, judgement=verdict)
            return found

        attempts = self._tools.settings.attempts
        return await self._running.quietly("judge", work, tuple[Finding, ...], attempts=attempts)

    async def approved(self) -> bool:
        """Returns what somebody decided about the master, when they have: whatever happens until
        then, the job waits in no worker."""

        async def decision() -> bool | None:
            report = await self._ledger.rows.read(lambda c: store.report(c, self._job_id))
            return report.review.approved if report.review else None

        async def decided() -> bool:
            return await decision() is True

        if await decision() is None:
            await self._ledger.ask_review(self._job_id)
            await self._running.hold()
        return await self._running.quietly("review", decided, bool)

    def refused(self, findings: Sequence[Finding]) -> bool:
        return any(one.severity is Severity.REFUSAL for one in findings)

    def needs_review(self, findings: Sequence[Finding]) -> bool:
        return any(one.severity is Severity.REVIEW for one in findings)
