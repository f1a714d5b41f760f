"""How a film's pictures are tried and encoded: by any worker, part by part."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from fractions import Fraction

import msgspec

from vitascope.encoding import (
    Chunk,
    Correction,
    LadderPlan,
    OnProgress,
    PlanCorrections,
    PlannedRung,
    PlanTrials,
    RenditionRef,
    ShotPlan,
    Source,
    Trial,
    TrialResult,
)
from vitascope.engines.work import ENDED_WORKERS, StepFailed
from vitascope.kernel.media import Format
from vitascope.publishing.contract import JobState
from vitascope.publishing.plans import EncodingPlan
from vitascope.publishing.running import Running
from vitascope.publishing.tasks import CHUNK, JOIN, TRIAL, ChunkOrder, JoinOrder, TrialOrder

_AT_ONCE = 200  # children waited for together
_DISPLAY_LINES = 1080
_TO_DO = "Give workers more memory, or export this part of the film again."


class PictureSteps:
    def __init__(self, running: Running) -> None:
        self._running = running
        self._job_id = running.job_id
        self._tools = running.tools
        self._ledger = running.tools.ledger

    async def trials(
        self, plan_key: str, source: Source, shots: ShotPlan, formats: tuple[Format, ...]
    ) -> list[TrialResult]:
        """Try samples: a few over a wide range, then others near the rungs that they lead to."""
        request = PlanTrials(source=source, shots=shots, formats=formats)
        wide = await self._tried("trials", request, plan_key)
        near = msgspec.structs.replace(request, known=tuple(wide))
        return [*wide, *await self._tried("trials near the rungs", near, plan_key)]

    async def _tried(self, step: str, request: PlanTrials, plan_key: str) -> list[TrialResult]:
        async def work(progress: OnProgress) -> tuple[Trial, ...]:
            trials = await self._running.ask(request, progress)
            if trials:
                await self._ledger.expect(
                    self._job_id, step, len(trials), unit="trials", state=JobState.ANALYSING
                )
            return trials

        name = step.replace("trials", "samples")
        trials = await self._running.step(name, JobState.ANALYSING, work, tuple[Trial, ...])
        orders = {
            f"{step.replace(' ', '-')}-{n:03}": TrialOrder(
                job_id=self._job_id, plan_key=plan_key, trial=trial, step=step
            )
            for n, trial in enumerate(trials)
        }
        try:
            results = await self._running.fan_out(TRIAL, orders, self._running.parts)
        except StepFailed as failure:
            samples = {name: order.trial.sample for name, order in orders.items()}
            raise _placed(failure, samples, request.source) from failure
        await self._running.ended(step, trials)
        return results

    async def encode(
        self, source: Source, shots: ShotPlan, ladder: LadderPlan, *, first: bool = False
    ) -> list[RenditionRef]:
        """Encode all rungs, chunk by chunk, and what missed its plan once more; then join them."""
        kind = "first" if first else "encode"
        effort = self._running.effort
        plan = EncodingPlan(source=source, shots=shots, rungs=ladder.rungs, effort=effort)
        plan_key = await self._filed(kind, plan)
        by_format = _by_format(ladder.rungs)
        whole = [
            ChunkOrder(
                job_id=self._job_id,
                plan_key=plan_key,
                index=chunk.index,
                rungs=tuple(rung.name for rung in rungs),
                rough=first,
                step=kind,
            )
            for chunk in shots.chunks
            for rungs in by_format
        ]
        scores = await self._chunks(kind, whole)
        request = PlanCorrections(
            rungs=ladder.rungs,
            shots=shots,
            scores=tuple(_scores_of(rung.name, whole, scores) for rung in ladder.rungs),
        )
        if not first:
            plan_key = await self._corrected(plan, plan_key, request)
        joins = {
            f"{kind}-{rung.name}": JoinOrder(
                job_id=self._job_id, plan_key=plan_key, rung=rung.name, rough=first
            )
            for rung in ladder.rungs
        }
        made = await self._running.fan_out(JOIN, joins, self._running.parts)
        predicted = any(rung.predicted for rung in ladder.rungs)
        return worth_having(made) if predicted and not first else made

    async def _corrected(self, plan: EncodingPlan, plan_key: str, request: PlanCorrections) -> str:
        """Returns where the plan is by which all chunks are encoded in the end."""
        returns = tuple[Correction, ...]
        found = await self._running.encoding(
            "compare with the plan", JobState.ENCODING, request, returns, light=True
        )
        if not found:
            return plan_key
        better = {correction.rung.name: correction.rung for correction in found}
        rungs = tuple(better.get(rung.name, rung) for rung in plan.rungs)
        plan_key = await self._filed("again", msgspec.structs.replace(plan, rungs=rungs))
        again = [
            ChunkOrder(
                job_id=self._job_id,
                plan_key=plan_key,
                index=index,
                rungs=tuple(c.rung.name for c in found if index in c.chunks and c.rung in group),
                rough=False,
                step="encode again",
            )
            for index in sorted({index for correction in found for index in correction.chunks})
            for group in _by_format(rungs)
        ]
        await self._chunks("encode again", [order for order in again if order.rungs])
        return plan_key

    async def _filed(self, name: str, plan: EncodingPlan) -> str:
        async def file() -> str:
            return await self._tools.plans.file(self._job_id, name, plan)

        return await self._running.quietly(f"file {name}", file, str)

    async def _chunks(self, step: str, orders: Sequence[ChunkOrder]) -> list[tuple[float, ...]]:
        async def expect() -> None:
            await self._ledger.expect(self._job_id, step, len(orders))

        await self._running.quietly(f"expect {step}", expect, type(None))
        results: list[tuple[float, ...]] = []
        for at in range(0, len(orders), _AT_ONCE):
            some = {
                f"{step.replace(' ', '-')}-{at + n:05}": order
                for n, order in enumerate(orders[at : at + _AT_ONCE])
            }
            try:
                results += await self._running.fan_out(CHUNK, some, self._running.parts)
            except StepFailed as failure:
                plan = await self._tools.plans.read(orders[0].plan_key)
                chunks = {name: plan.shots.chunks[order.index] for name, order in some.items()}
                raise _placed(failure, chunks, plan.source) from failure
        await self._running.ended(step, orders)
        return results


def worth_having(made: Sequence[RenditionRef]) -> list[RenditionRef]:
    """Returns the renditions without those that another of their format beats, which needs no more
    bits and is worth no less: what was predicted only may turn out so. Beyond 1080 lines scores,
    which are for a display of as many, tell nothing."""
    return [one for one in made if not any(_beats(other, one) for other in made)]


def _beats(other: RenditionRef, one: RenditionRef) -> bool:
    a, b = other.rung, one.rung
    if a.format != b.format or max(a.height, b.height) > _DISPLAY_LINES or a.name == b.name:
        return False
    if a.vmaf is None or b.vmaf is None:
        return False
    told = (-a.bitrate_kbps, a.vmaf, a.name), (-b.bitrate_kbps, b.vmaf, b.name)
    return told[0][0] >= told[1][0] and told[0][1] >= told[1][1] and told[0] > told[1]


def _by_format(rungs: Sequence[PlannedRung]) -> list[list[PlannedRung]]:
    formats = dict.fromkeys(rung.format for rung in rungs)
    return [[rung for rung in rungs if rung.format == format] for format in formats]


def _scores_of(
    rung: str, orders: Sequence[ChunkOrder], scores: Sequence[tuple[float, ...]]
) -> tuple[float, ...]:
    """Returns what a rung's chunks are worth, in their order."""
    return tuple(
        told[order.rungs.index(rung)]
        for order, told in zip(orders, scores, strict=True)
        if rung in order.rungs
    )


def _placed(failure: StepFailed, parts: Mapping[str, Chunk], source: Source) -> StepFailed:
    """Returns the failure of a part that ended its workers, with its place in the film."""
    part = parts.get(failure.extra.get("part", ""))
    if part is None or failure.extra.get("code") != ENDED_WORKERS:
        return failure
    rate = Fraction(source.frame_rate)
    begins, ends = (timedelta(seconds=int(frame / rate)) for frame in (part.start, part.end))
    told = f"The picture from {begins} to {ends} ended every worker that encoded it."
    return StepFailed(f"{told} It is not tried again. {_TO_DO}", **failure.extra)
