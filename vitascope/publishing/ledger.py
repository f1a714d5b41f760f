"""Writing down what happens to a job, from whichever process it happens in."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from vitascope.encoding import Finding
from vitascope.engines.bus import Outbox
from vitascope.engines.notices import Notices
from vitascope.engines.rows import Connection, Rows
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.ids import JobId
from vitascope.publishing import store
from vitascope.publishing.contract import Job, JobChanged, JobState, NoSuchJob, StepState, StepUnit
from vitascope.publishing.estimate import FilmSize
from vitascope.publishing.estimates import Estimate
from vitascope.publishing.forecast import FilmJob
from vitascope.publishing.judgement import Review, Reviewer
from vitascope.publishing.store import NewJob

T = TypeVar("T")

CHANGED = "publishing.changed"
"""The topic of notices that a job has changed."""
DUE = "publishing.due"
"""The topic of notices that another job may be the next one to be published."""

OVERTAKEN = "A later delivery is ready to be published in its place."
REPLACED = "A later delivery of this title is live."
_log = logging.getLogger("vitascope.publishing")


class Ledger:
    """Each entry is one transaction; changes of state are announced in it."""

    def __init__(self, *, rows: Rows, outbox: Outbox, notices: Notices, clock: Clock) -> None:
        self.rows = rows
        self._outbox = outbox
        self._notices = notices
        self._clock = clock

    async def open(self, job: NewJob) -> None:
        """Add a job; harmless when there is one of that id."""

        def work(connection: Connection) -> None:
            if store.add(connection, job, self._now()):
                self._announce(connection, job.id, JobState.QUEUED)

        await self._write(work)

    async def has_earlier(self, job_id: JobId) -> bool:
        """Returns True if a job for the same film is under way that began before this one."""
        return await self.rows.read(lambda c: store.has_earlier(c, job_id))

    async def move(self, job_id: JobId, state: JobState, reason: str = "") -> bool:
        def work(connection: Connection) -> bool:
            moved = store.move(connection, job_id, self._now(), state=state, reason=reason)
            if moved:
                self._announce(connection, job_id, state)
            return moved

        return await self._write(work)

    async def job(self, job_id: JobId) -> Job:
        """Returns a job that is known to be there."""
        job = await self.rows.read(lambda c: store.job(c, job_id))
        if job is None:
            raise NoSuchJob(f"There is no job {job_id}.")
        return job

    async def schedule(self, job_id: JobId, at_ms: int | None, **changes: Any) -> bool:
        """Set when a job is published, and what `changes` names. Returns False if it has ended."""
        return await self._write(
            lambda c: store.schedule(c, job_id, at_ms, self._now(), **changes), due=True
        )

    async def ready(self, job: Job, *, ask: str = "") -> None:
        """Let a job wait to be published; earlier ones of the same content wait no longer, and it
        does not beside a later one. With `ask`, which says why, it waits until its partner says,
        whatever was said before."""
        cancelled = JobState.CANCELLED

        def work(connection: Connection) -> None:
            others = store.ready_beside(connection, job)
            if any(store.is_later(connection, job, other.id) for other in others):
                if store.move(connection, job.id, self._now(), state=cancelled, reason=OVERTAKEN):
                    self._announce(connection, job.id, cancelled)
                return
            for other in others:
                store.move(connection, other.id, self._now(), state=cancelled, reason=OVERTAKEN)
                self._announce(connection, other.id, cancelled)
            if store.move(connection, job.id, self._now(), state=JobState.READY, reason=ask):
                self._announce(connection, job.id, JobState.READY)
            if ask:
                store.schedule(connection, job.id, None, self._now(), reason=ask)

        await self._write(work, due=True)

    async def ask_review(self, job_id: JobId) -> None:
        """Let a job wait for a decision; harmless where there is one."""

        def work(connection: Connection) -> None:
            if store.ask(connection, job_id, self._now()):
                self._announce(connection, job_id, JobState.NEEDS_REVIEW)

        await self._write(work)

    async def decide(
        self, job_id: JobId, *, approved: bool, reason: str, reviewer: Reviewer
    ) -> bool:
        """Note what somebody decided. Returns False where nobody asks, or somebody was faster."""
        review = Review(approved=approved, reason=reason, by=reviewer, at_ms=self._now())

        def work(connection: Connection) -> bool:
            state = store.decide(connection, job_id, self._now(), review)
            if state is not None:
                self._announce(connection, job_id, state)
            return state is not None

        return await self._write(work)

    async def reopen(self, job_id: JobId, reason: str, state: JobState = JobState.QUEUED) -> bool:
        def work(connection: Connection) -> bool:
            again = store.reopen(connection, job_id, self._now(), reason, state)
            if again:
                self._announce(connection, job_id, state)
            return again

        return await self._write(work, due=True)

    async def begin_anew(self, job_id: JobId) -> bool:
        """Let a job that has not ended wait to be begun once more, with nothing done of it. Returns
        False for one that has ended, and where another process was first."""

        def work(connection: Connection) -> bool:
            anew = store.begin_anew(connection, job_id, self._now())
            if anew:
                self._announce(connection, job_id, JobState.QUEUED)
            return anew

        return await self._write(work)

    async def begin(
        self, job_id: JobId, name: str, *, state: JobState, total: int = 0, unit: StepUnit = ""
    ) -> None:
        def work(connection: Connection) -> None:
            if store.move(connection, job_id, self._now(), state=state):
                self._announce(connection, job_id, state)
            store.begin_step(connection, job_id, name, self._now(), total=total, unit=unit)

        await self._write(work)

    async def expect(
        self,
        job_id: JobId,
        name: str,
        total: int,
        *,
        unit: StepUnit = "chunks",
        state: JobState = JobState.ENCODING,
    ) -> None:
        """Add a step that other workers will do part by part."""
        await self.begin(job_id, name, state=state, total=total, unit=unit)

    async def end(
        self,
        job_id: JobId,
        name: str,
        *,
        state: StepState = "done",
        detail: str = "",
        cpu_s: float = 0.0,
    ) -> None:
        """End a step, on which `cpu_s` was spent."""

        def work(connection: Connection) -> None:
            now = self._now()
            store.end_step(connection, job_id, name, now, state=state, detail=detail, cpu_s=cpu_s)

        await self._write(work)

    async def expect_phases(
        self,
        job_id: JobId,
        size: FilmSize,
        wanted: FilmJob | None = None,
        told: Estimate | None = None,
    ) -> None:
        """Settle what the phases of a job are expected to take, by what earlier ones took, and what
        was told of it."""
        await self._write(lambda c: store.expect_phases(c, job_id, size, self._now(), wanted, told))

    async def part_done(self, job_id: JobId, name: str, part: str, cpu_s: float = 0.0) -> None:
        def work(connection: Connection) -> None:
            store.spend(connection, job_id, name, cpu_s)
            store.part_done(connection, job_id, name, part, self._now())

        await self._write(work)

    async def spent(self, job_id: JobId, name: str, cpu_s: float) -> None:
        """Note what was spent on a step besides."""
        await self._write(lambda c: store.spend(c, job_id, name, cpu_s))

    async def playable(self, job_id: JobId) -> None:
        await self._write(lambda c: store.playable(c, job_id, self._now()))

    async def report(self, job_id: JobId, **news: Any) -> None:
        await self._write(lambda c: store.add_to_report(c, job_id, self._now(), **news))

    async def remark(self, job_id: JobId, finding: Finding) -> None:
        """Add a finding to the report; harmless when it is there."""

        def work(connection: Connection) -> None:
            known = store.report(connection, job_id).findings
            if finding not in known:
                store.add_to_report(connection, job_id, self._now(), findings=(*known, finding))

        await self._write(work)

    async def note(self, job_id: JobId, name: str, detail: str) -> None:
        """Tell something of a step that goes on."""
        await self._write(lambda c: store.note_step(c, job_id, name, detail, self._now()))

    async def tell(self, job_id: JobId, name: str, percent: int) -> None:
        await self._write(lambda c: store.tell_step(c, job_id, name, percent, self._now()))

    def teller(self, job_id: JobId, name: str, every_s: float) -> "Teller":
        return Teller(self, job_id, name, every_s, self._clock)

    async def _write(self, work: Callable[[Connection], T], *, due: bool = False) -> T:
        """Run a transaction, and then tell who waits for what it changed."""
        done = await self.rows.write(work)
        for topic in (CHANGED, DUE) if due else (CHANGED,):
            await asyncio.to_thread(self._notices.tell, topic)
        return done

    def _announce(self, connection: Connection, job_id: JobId, state: JobState) -> None:
        self._outbox.put(connection, JobChanged(job_id=job_id, state=state))

    def _now(self) -> int:
        return self._clock.now_ms()


class Teller:
    """Takes fractions as often as they come, and writes percents at a bounded rate."""

    def __init__(
        self, ledger: Ledger, job_id: JobId, name: str, every_s: float, clock: Clock
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._job_id = job_id
        self._name = name
        self._every_s = every_s
        self._percent = 0
        self._writing: asyncio.Task[None] | None = None

    def __call__(self, fraction: float) -> None:
        self._percent = max(self._percent, min(100, int(fraction * 100)))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        try:
            await self._ledger.tell(self._job_id, self._name, self._percent)
        except VitascopeError as error:
            _log.warning("progress of %s was not written: %s", self._job_id, error.detail)
        await self._clock.sleep(self._every_s)

    async def stop(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
