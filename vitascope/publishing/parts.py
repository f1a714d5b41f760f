"""The parts of a job that any worker may do: rungs, chunks, trials, measurements.

    publish (queues `jobs...`) -> rung (queue `rungs`) -> chunk, measure (queue `encodes`)
                               -> trial (queue `encodes`)

Jobs of each priority have a queue of their own, so that none waits for a place behind one that is
less urgent: a bad master is refused, and a new release begun, while a back catalog is encoded.
Parts have the priority of their job. Only the queue `encodes` costs processor time; the others
wait (what a job's leader does itself is bounded by the worker's `bench`). A part's output is an
object named by what went into it (see `encoding`), so a part that runs again finds its work done.
"""

from collections.abc import Mapping

import msgspec

from vitascope.encoding import (
    Assessment,
    Chunk,
    ChunkRef,
    Encoding,
    PlannedRung,
    RenditionRef,
    TrialResult,
)
from vitascope.engines.work import Crew, Priority, Queue, Steps
from vitascope.publishing.ledger import Ledger
from vitascope.publishing.orders import ChunkOrder, MeasureOrder, RungOrder, TrialOrder
from vitascope.publishing.plans import Plan, Plans
from vitascope.publishing.settings import PublishingSettings

JOBS = {
    Priority.NEW_RELEASE: "jobs-new-release",
    Priority.NORMAL: "jobs",
    Priority.BACK_CATALOG: "jobs-back-catalog",
}
RUNGS, ENCODES = "rungs", "encodes"

_AT_ONCE = 200  # children waited for together
_RUNGS_OF_A_JOB = 8


def queues(settings: PublishingSettings) -> tuple[Queue, ...]:
    """Rungs only wait, but each of a job's rungs must be able to."""
    return (
        *(Queue(name=name, at_once=settings.jobs_at_once) for name in JOBS.values()),
        Queue(name=RUNGS, at_once=settings.jobs_at_once * len(JOBS) * _RUNGS_OF_A_JOB),
        Queue(name=ENCODES, at_once=settings.encodes_at_once),
    )


class Parts:
    def __init__(
        self, *, encoding: Encoding, plans: Plans, ledger: Ledger, settings: PublishingSettings
    ) -> None:
        self._encoding = encoding
        self._plans = plans
        self._ledger = ledger
        self._settings = settings

    def enlist(self, crew: Crew) -> None:
        crew.on("rung", RungOrder, self.rung)
        crew.on("chunk", ChunkOrder, self.chunk)
        crew.on("measure", MeasureOrder, self.measure)
        crew.on("trial", TrialOrder, self.trial)

    async def rung(self, steps: Steps, order: RungOrder) -> RenditionRef:
        rendition = await self._encode(steps, order)
        if not order.measure:
            return rendition
        assessment = await self._measure(steps, order, rendition)
        if assessment.correction is None:
            return assessment.rendition
        better = await self._corrected(steps, order, assessment.correction)
        rendition = await self._encode(steps, better)
        return (await self._measure(steps, better, rendition)).rendition

    async def chunk(self, steps: Steps, order: ChunkOrder) -> ChunkRef:
        async def encode() -> ChunkRef:
            plan = await self._plans.read(order.plan_key)
            chunk, rung = _chunk(plan, order.index), plan.rung(order.rung)
            ref = await self._encoding.encode_chunk(plan.source, plan.shots, rung, chunk)
            await self._ledger.part_done(order.job_id, order.step, str(order.index))
            return ref

        return await steps.step("encode", encode, ChunkRef, attempts=self._settings.attempts)

    async def measure(self, steps: Steps, order: MeasureOrder) -> Assessment:
        async def assess() -> Assessment:
            plan = await self._plans.read(order.plan_key)
            rung = plan.rung(order.rung)
            return await self._encoding.assess(plan.source, plan.shots, rung, order.rendition)

        return await steps.step("assess", assess, Assessment, attempts=self._settings.attempts)

    async def trial(self, steps: Steps, order: TrialOrder) -> TrialResult:
        async def run() -> TrialResult:
            plan = await self._plans.read(order.plan_key)
            result = await self._encoding.run_trial(plan.source, order.trial)
            await self._ledger.part_done(order.job_id, "trials", order.trial.name)
            return result

        return await steps.step("trial", run, TrialResult, attempts=self._settings.attempts)

    async def _encode(self, steps: Steps, order: RungOrder) -> RenditionRef:
        plan = await self._plans.read(order.plan_key)
        refs: list[ChunkRef] = []
        for some in _slices(_chunk_orders(plan, order)):
            found = await steps.fan_out("chunk", some, ChunkRef, queue=ENCODES)
            refs += found.values()

        async def assemble() -> RenditionRef:
            plan = await self._plans.read(order.plan_key)
            rung = plan.rung(order.rung)
            rendition = await self._encoding.assemble(plan.source, plan.shots, rung, refs)
            await self._ledger.end(order.job_id, order.step)
            return rendition

        return await steps.step(
            f"assemble {order.step}", assemble, RenditionRef, attempts=self._settings.attempts
        )

    async def _measure(self, steps: Steps, order: RungOrder, rendition: RenditionRef) -> Assessment:
        ask = MeasureOrder(
            job_id=order.job_id, plan_key=order.plan_key, rung=order.rung, rendition=rendition
        )
        name = f"measure-{_slug(order.step)}"
        found = await steps.fan_out("measure", {name: ask}, Assessment, queue=ENCODES)
        return found[name]

    async def _corrected(self, steps: Steps, order: RungOrder, rung: PlannedRung) -> RungOrder:
        """The same rung by another plan, as a line of its own in the job."""
        again = f"{order.step} again"

        async def file() -> str:
            plan = await self._plans.read(order.plan_key)
            better = msgspec.structs.replace(plan, rungs=(rung,))
            chunks = len(plan.shots.chunks)
            await self._ledger.expect(order.job_id, again, chunks)
            return await self._plans.file(order.job_id, f"again-{rung.name}", better)

        key = await steps.step(f"correct {order.step}", file, str)
        return msgspec.structs.replace(order, plan_key=key, step=again)


def _chunk_orders(plan: Plan, order: RungOrder) -> dict[str, ChunkOrder]:
    again = "again-" if order.step.endswith(" again") else ""
    return {
        f"{again}{chunk.index:05}": ChunkOrder(
            job_id=order.job_id,
            plan_key=order.plan_key,
            rung=order.rung,
            step=order.step,
            index=chunk.index,
        )
        for chunk in plan.shots.chunks
    }


def _slices(orders: Mapping[str, ChunkOrder]) -> list[dict[str, ChunkOrder]]:
    names = list(orders)
    return [
        {name: orders[name] for name in names[at : at + _AT_ONCE]}
        for at in range(0, len(names), _AT_ONCE)
    ]


def _chunk(plan: Plan, index: int) -> Chunk:
    return next(chunk for chunk in plan.shots.chunks if chunk.index == index)


def _slug(step: str) -> str:
    return step.replace(" ", "-")
