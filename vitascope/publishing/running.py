"""How the steps of a job are done: durable, told to the studio while they run, and in turn: what
leads to a first version goes before all else."""

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from vitascope.catalog import TitleRecords
from vitascope.encoding import (
    Effort,
    Encoding,
    Finding,
    FindingCode,
    MasterRefused,
    OnProgress,
    Request,
    Severity,
)
from vitascope.engines.cpu import metered
from vitascope.engines.notices import TopicListener
from vitascope.engines.work import StepFailed, Steps, Task
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.ids import JobId
from vitascope.kernel.media import Scheme
from vitascope.licensing import Licensing
from vitascope.publishing.contract import JobState
from vitascope.publishing.finding_pictures import FindingPictures
from vitascope.publishing.forecaster import Forecaster
from vitascope.publishing.ledger import Ledger
from vitascope.publishing.pictures import Illustrator
from vitascope.publishing.plans import EncodingPlans
from vitascope.publishing.room import RoomWaits
from vitascope.publishing.schedule import Schedule
from vitascope.publishing.settings import PublishingSettings
from vitascope.publishing.tasks import held, queue_of_ladders, queue_of_parts, sandboxed
from vitascope.publishing.turns import Turns

_OURS = (
    "Something went wrong in the service, and not in the file ({}). Try again. If that fails too, "
    "tell the operators: they find it under Errors."
)

T = TypeVar("T")
P = TypeVar("P")

_log = logging.getLogger("vitascope.publishing")


class Tools(msgspec.Struct, frozen=True, kw_only=True):
    """What every job works with. `turns` bounds how many steps one worker does at a time; `started`
    counts the jobs that it has begun. `scheme` is how titles are protected that do not say;
    `sandbox` says in which one files are opened; `changed` wakes when a job has changed."""

    encoding: Encoding
    catalog: TitleRecords
    licensing: Licensing
    illustrator: Illustrator
    finding_pictures: FindingPictures
    plans: EncodingPlans
    ledger: Ledger
    forecaster: Forecaster
    schedule: Schedule
    settings: PublishingSettings
    turns: Turns
    room: RoomWaits
    started: Iterator[int]
    scheme: Scheme
    sandbox: Callable[[], Awaitable[str]]
    changed: TopicListener


class Running:
    """One job under way. `by_operator` lets workers without a sandbox do its parts; a `patient`
    one gives way from its beginning. What it asks of encoding is done at its `effort`."""

    def __init__(
        self,
        tools: Tools,
        steps: Steps,
        job_id: JobId,
        *,
        effort: Effort = "balanced",
        by_operator: bool = False,
        patient: bool = False,
    ) -> None:
        self.tools = tools
        self.job_id = job_id
        self.effort = effort
        self._steps = steps
        self._by_operator = by_operator
        self._patient = patient
        # films are finished one after another, and not all at the end
        self._order = (steps.priority, next(tools.started))

    async def ask(self, request: Request[T], progress: OnProgress | None = None) -> T:
        """Returns what encoding answers, at the effort of this job."""
        return await self.tools.encoding.run(
            msgspec.structs.replace(request, effort=self.effort), progress
        )

    async def give_way(self) -> None:
        """Let first versions of other films go before what is still to do. Other steps of this job
        may be done by another worker."""
        await self._steps.move(self._queue(queue_of_ladders(self._steps.priority)))
        self._patient = True

    async def hold(self) -> None:
        """Wait for a person, in no queue's place: this ends the run here, and what comes next is
        done when the job is put back in its queue (`reviews.py`)."""
        await self._steps.move(held(self._steps.queue))

    @property
    def parts(self) -> str:
        """Returns the queue in which parts of this job wait."""
        return self._queue(queue_of_parts(first=not self._patient))

    def _queue(self, name: str) -> str:
        return sandboxed(name, by_operator=self._by_operator)

    async def step(
        self,
        name: str,
        state: JobState,
        work: Callable[[OnProgress], Awaitable[T]],
        returns: type[T],
        *,
        light: bool = False,
    ) -> T:
        """Run a line of the job. `light` steps cost next to nothing, and wait for no turn."""

        async def in_turn() -> T:
            turns, patient = self.tools.turns, self._patient
            return await turns.run(told, self._order, patient=patient, party=self._steps.party)

        async def told() -> T:
            return await self._told(name, state, work)

        run = told if light else in_turn
        return await self._steps.step(name, run, returns, attempts=self.tools.settings.attempts)

    async def encoding(
        self,
        name: str,
        state: JobState,
        request: Request[T],
        returns: type[T],
        *,
        light: bool = False,
    ) -> T:
        """Run a line of the job that is one step of encoding."""

        async def work(progress: OnProgress) -> T:
            return await self.ask(request, progress)

        return await self.step(name, state, work, returns, light=light)

    async def ended(self, name: str, parts: Sequence[object]) -> None:
        """End a line of the job whose parts others did; there is none without parts."""

        async def end() -> None:
            await self.tools.ledger.end(self.job_id, name)

        if parts:
            await self.quietly(f"end {name}", end, type(None))

    async def quietly(
        self, name: str, work: Callable[[], Awaitable[T]], returns: type[T], *, attempts: int = 1
    ) -> T:
        """Run a step that the studio does not show."""
        return await self._steps.step(name, work, returns, attempts=attempts)

    async def fan_out(self, task: Task[P, T], orders: Mapping[str, P], queue: str) -> list[T]:
        """Returns the parts' results, in the order of the orders."""
        found = await self._steps.fan_out(task, orders, queue=self._queue(queue))
        return list(found.values())

    async def remark(self, code: FindingCode, sentence: str) -> None:
        await self.report(Finding(code=code, severity=Severity.NOTE, sentence=sentence))

    async def report(self, *findings: Finding) -> None:
        """Add findings to the report, as they are."""

        async def remark() -> None:
            for found in findings:
                await self.tools.ledger.remark(self.job_id, found)

        if findings:
            await self._steps.step("remark", remark, type(None))

    async def fail(self, failure: StepFailed) -> None:
        if failure.is_of_other_steps:
            return  # it is begun anew, see `DurablePublishing.reconcile`
        refused = failure.extra.get("code") == MasterRefused.code
        state = JobState.REJECTED if refused else JobState.FAILED
        await self.tools.ledger.move(self.job_id, state, _reason(failure))

    async def _told(
        self, name: str, state: JobState, work: Callable[[OnProgress], Awaitable[T]]
    ) -> T:
        ledger = self.tools.ledger
        await ledger.begin(self.job_id, name, state=state, total=100, unit="%")
        teller = ledger.teller(self.job_id, name, self.tools.settings.progress_s)
        with metered() as meter:
            try:
                done = await self.tools.room.run(self.job_id, state, lambda: work(teller))
            except MasterRefused as refusal:
                await self._refusal(name, refusal)
                raise
            except Exception as error:
                if not isinstance(error, VitascopeError):
                    _log.exception("step %r of %s failed", name, self.job_id)
                await ledger.end(self.job_id, name, state="failed", detail=_reason(error))
                raise
            finally:
                await teller.stop()
        await ledger.end(self.job_id, name, cpu_s=meter.seconds)
        return done

    async def _refusal(self, name: str, refusal: MasterRefused) -> None:
        found = refusal.extra.get("findings") or [
            {"code": refusal.code, "sentence": refusal.detail}
        ]
        told = tuple(
            Finding(code=one["code"], severity=Severity.REFUSAL, sentence=one["sentence"])
            for one in found
        )
        await self.tools.ledger.report(self.job_id, findings=told, judgement="refused")
        await self.tools.ledger.end(self.job_id, name, state="failed", detail=refusal.detail)


def _reason(error: Exception) -> str:
    """Returns a sentence for whoever sent the file; what an error of ours said is in the log."""
    if isinstance(error, StepFailed) and error.extra.get("code") == "":
        return _OURS.format(error.extra.get("cause", "unknown"))
    return str(error) if isinstance(error, VitascopeError) else _OURS.format(type(error).__name__)
