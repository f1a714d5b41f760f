"""The parts of a job that any worker may do: rungs, chunks, trials, measurements.

A part's output is an object named by what it read (see `encoding`), so a part that runs again finds
its work done.
"""

from collections.abc import Mapping

import msgspec

from vitascope.encoding import (
    Assess,
    Assessment,
    ChunkRef,
    EncodeChunk,
    Encoding,
    JoinChunks,
    PlannedRung,
    RenditionRef,
    RunTrial,
    TrialResult,
)
from vitascope.engines.work import Steps, Worker
from vitascope.publishing.ledger import Ledger
from vitascope.publishing.plans import EncodingPlan, EncodingPlans
from vitascope.publishing.settings import PublishingSettings
from vitascope.publishing.tasks import (
    CHUNK,
    MEASURE,
    RUNG,
    TRIAL,
    ChunkOrder,
    MeasureOrder,
    RungOrder,
    TrialOrder,
)

_AT_ONCE = 200  # children waited for together


class PartSteps:
    def __init__(
        self,
        *,
        encoding: Encoding,
        plans: EncodingPlans,
        ledger: Ledger,
        settings: PublishingSettings,
    ) -> None:
        self._encoding = encoding
        self._plans = plans
        self._ledger = ledger
        self._settings = settings

    def enlist(self, worker: Worker) -> None:
        worker.on(RUNG, self.rung)
        worker.on(CHUNK, self.chunk)
        worker.on(MEASURE, self.measure)
        worker.on(TRIAL, self.trial)

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
            ref = await self._encoding.run(order.request or await self._planned(order))
            await self._ledger.part_done(order.job_id, order.step, str(order.index))
            return ref

        return await steps.step("encode", encode, ChunkRef, attempts=self._settings.attempts)

    async def _planned(self, order: ChunkOrder) -> EncodeChunk:
        """Returns what an order of an earlier version asks for."""
        plan = await self._plans.read(order.plan_key)
        chunk = next(chunk for chunk in plan.shots.chunks if chunk.index == order.index)
        return plan.chunk(plan.rung(order.rung), chunk)

    async def measure(self, steps: Steps, order: MeasureOrder) -> Assessment:
        async def assess() -> Assessment:
            plan = await self._plans.read(order.plan_key)
            request = Assess(
                source=plan.source,
                shots=plan.shots,
                rung=plan.rung(order.rung),
                rendition=order.rendition,
            )
            return await self._encoding.run(request)

        return await steps.step("assess", assess, Assessment, attempts=self._settings.attempts)

    async def trial(self, steps: Steps, order: TrialOrder) -> TrialResult:
        async def run() -> TrialResult:
            plan = await self._plans.read(order.plan_key)
            request = RunTrial(source=plan.source, trial=order.trial)
            result = await self._encoding.run(request)
            await self._ledger.part_done(order.job_id, "trials", order.trial.name)
            return result

        return await steps.step("trial", run, TrialResult, attempts=self._settings.attempts)

    async def _encode(self, steps: Steps, order: RungOrder) -> RenditionRef:
        plan = await self._plans.read(order.plan_key)
        refs: list[ChunkRef] = []
        for some in _slices(_chunk_orders(plan, order)):
            found = await steps.fan_out(CHUNK, some, queue=order.queue)
            refs += found.values()

        async def assemble() -> RenditionRef:
            plan = await self._plans.read(order.plan_key)
            request = JoinChunks(
                source=plan.source,
                shots=plan.shots,
                rung=plan.rung(order.rung),
                chunks=tuple(refs),
            )
            rendition = await self._encoding.run(request)
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
        found = await steps.fan_out(MEASURE, {name: ask}, queue=order.queue)
        return found[name]

    async def _corrected(self, steps: Steps, order: RungOrder, rung: PlannedRung) -> RungOrder:
        """Returns the same rung by another plan, as a line of its own in the job."""
        again = f"{order.step} again"

        async def file() -> str:
            plan = await self._plans.read(order.plan_key)
            better = msgspec.structs.replace(plan, rungs=(rung,))
            chunks = len(plan.shots.chunks)
            await self._ledger.expect(order.job_id, again, chunks)
            return await self._plans.file(order.job_id, f"again-{rung.name}", better)

        key = await steps.step(f"correct {order.step}", file, str)
        return msgspec.structs.replace(order, plan_key=key, step=again)


def _chunk_orders(plan: EncodingPlan, order: RungOrder) -> dict[str, ChunkOrder]:
    again = "again-" if order.step.endswith(" again") else ""
    rung = plan.rung(order.rung)
    return {
        f"{again}{chunk.index:05}": ChunkOrder(
            job_id=order.job_id,
            step=order.step,
            index=chunk.index,
            request=plan.chunk(rung, chunk),
        )
        for chunk in plan.shots.chunks
    }


def _slices(orders: Mapping[str, ChunkOrder]) -> list[dict[str, ChunkOrder]]:
    names = list(orders)
    return [
        {name: orders[name] for name in names[at : at + _AT_ONCE]}
        for at in range(0, len(names), _AT_ONCE)
    ]


def _slug(step: str) -> str:
    return step.replace(" ", "-")
