"""The parts of a job that any worker may do: trials, chunks, joining them.

A part's output is an object named by what it read (see `encoding`), so a part that runs again finds
its work done. One of which a worker has died before is done with as little at once as can be.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from vitascope.encoding import (
    ChunkRef,
    ChunkScores,
    Encoding,
    JoinChunks,
    PlaceFailed,
    RenditionRef,
    RunTrial,
    TrialResult,
)
from vitascope.engines.cpu import metered
from vitascope.engines.work import Steps, Worker
from vitascope.publishing.contract import JobState
from vitascope.publishing.ledger import Ledger
from vitascope.publishing.plans import EncodingPlan, EncodingPlans
from vitascope.publishing.room import RoomWaits
from vitascope.publishing.settings import PublishingSettings
from vitascope.publishing.tasks import CHUNK, JOIN, TRIAL, ChunkOrder, JoinOrder, TrialOrder

T = TypeVar("T")


class PartSteps:
    def __init__(
        self,
        *,
        encoding: Encoding,
        plans: EncodingPlans,
        ledger: Ledger,
        settings: PublishingSettings,
        room: RoomWaits,
    ) -> None:
        self._encoding = encoding
        self._plans = plans
        self._ledger = ledger
        self._settings = settings
        self._room = room

    def enlist(self, worker: Worker) -> None:
        worker.on(TRIAL, self.trial)
        worker.on(CHUNK, self.chunk)
        worker.on(JOIN, self.join)

    async def trial(self, steps: Steps, order: TrialOrder) -> TrialResult:
        async def run() -> TrialResult:
            plan = await self._plans.read(order.plan_key)
            request = RunTrial(
                source=plan.source,
                picture=plan.shots.picture,
                trial=order.trial,
                effort=plan.effort,
                small=steps.taken > 1,
            )
            with metered() as meter:
                result = await self._encoding.run(request)
            name = order.trial.name
            await self._ledger.part_done(order.job_id, order.step, name, meter.seconds)
            return result

        return await self._done(steps, "trial", order, JobState.ANALYSING, run, TrialResult)

    async def chunk(self, steps: Steps, order: ChunkOrder) -> tuple[float, ...]:
        async def encode() -> tuple[float, ...]:
            plan = await self._plans.read(order.plan_key)
            with metered() as meter:
                _, scores = await self._encoded(
                    steps, plan, order.index, order.rungs, rough=order.rough
                )
            part = f"{order.index} {order.rungs[0]}"  # a chunk is a part in each format
            await self._ledger.part_done(order.job_id, order.step, part, meter.seconds)
            return tuple(each.vmaf for each in scores)

        returns = tuple[float, ...]
        return await self._done(steps, "encode", order, JobState.ENCODING, encode, returns)

    async def join(self, steps: Steps, order: JoinOrder) -> RenditionRef:
        """Join a rung's chunks. They are asked for by name once more, which holds the version of
        the encoder of this worker: what another version encoded is encoded anew, and chunks of two
        are never joined."""

        async def assemble() -> RenditionRef:
            with metered() as meter:
                made = await joined()
            step = "first" if order.rough else "encode"
            await self._ledger.spent(order.job_id, step, meter.seconds)
            return made

        async def joined() -> RenditionRef:
            plan = await self._plans.read(order.plan_key)
            chunks: list[ChunkRef] = []
            scores: list[ChunkScores] = []
            for chunk in plan.shots.chunks:
                ref, score = await self._encoded(
                    steps, plan, chunk.index, (order.rung,), rough=order.rough
                )
                chunks += ref
                scores += score
            request = JoinChunks(
                source=plan.source,
                shots=plan.shots,
                rung=plan.rung(order.rung),
                chunks=tuple(chunks),
                scores=tuple(scores),
                effort=plan.effort,
            )
            return await self._encoding.run(request)

        return await self._done(steps, "join", order, JobState.ENCODING, assemble, RenditionRef)

    async def _done(
        self,
        steps: Steps,
        name: str,
        order: TrialOrder | ChunkOrder | JoinOrder,
        state: JobState,
        work: Callable[[], Awaitable[T]],
        returns: type[T],
    ) -> T:
        async def run() -> T:
            try:
                return await self._room.run(order.job_id, state, work)
            except PlaceFailed as failure:
                if not isinstance(order, JoinOrder):  # told now: the other parts may take hours
                    await self._ledger.note(order.job_id, order.step, failure.detail)
                raise

        return await steps.step(name, run, returns, attempts=self._settings.attempts)

    async def _encoded(
        self, steps: Steps, plan: EncodingPlan, index: int, rungs: tuple[str, ...], *, rough: bool
    ) -> tuple[tuple[ChunkRef, ...], tuple[ChunkScores, ...]]:
        small = steps.taken > 1
        refs = await self._encoding.run(plan.encoding_of(index, *rungs, small=small))
        format = plan.rung(rungs[0]).format
        measuring = plan.measuring_of(index, refs, rough=rough, format=format, small=small)
        return refs, await self._encoding.run(measuring)
