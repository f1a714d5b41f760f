"""Whether a master is fit: what its findings weigh in its catalogue, and what somebody decided."""

import logging
from collections.abc import Sequence

from vitascope.encoding import Finding, OnProgress, PictureFindings, Severity, Source
from vitascope.engines.work import StepFailed
from vitascope.publishing import store
from vitascope.publishing.contract import JobState
from vitascope.publishing.finding_pictures import places_of
from vitascope.publishing.reviews import rules_for
from vitascope.publishing.rules import judged, judgement_of
from vitascope.publishing.running import Running

_log = logging.getLogger("vitascope.publishing")


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

    async def picture(self, source: Source, findings: Sequence[Finding]) -> None:
        """Take pictures of where something was found. One that cannot be made is left out."""
        places = places_of(findings)
        if not places:
            return

        async def work(progress: OnProgress) -> None:
            job = await self._ledger.job(self._job_id)
            request = PictureFindings(source=source, at_ms=tuple(dict.fromkeys(places.values())))
            made = await self._running.ask(request, progress)
            told = await self._tools.finding_pictures.keep(job, findings, made)
            await self._ledger.report(self._job_id, findings=told)

        try:
            await self._running.step("pictures of findings", JobState.INSPECTING, work, type(None))
        except StepFailed as failure:
            _log.warning("no pictures of findings for %s: %s", self._job_id, failure.detail)

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
