"""One job under way: every step durable, told to the studio while it runs, and timed.

Content keys pass through `package` and `verify` within one step and are never kept.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import TypeVar

import msgspec

from vitascope.catalog import TitleRecords
from vitascope.encoding import (
    AudioRef,
    Encoding,
    EncodingFailed,
    Finding,
    Inspection,
    LadderPlan,
    MasterRefused,
    Package,
    Progress,
    QcReport,
    QuickPlan,
    RenditionRef,
    Severity,
    ShotPlan,
    Source,
    TextRef,
    ThumbnailSet,
    Trial,
    TrialResult,
    Verification,
)
from vitascope.engines.guard import Bulkhead
from vitascope.engines.work import StepFailed, Steps
from vitascope.kernel.media import KeyLabel
from vitascope.licensing import ContentKey, Licensing
from vitascope.publishing.beside import with_subtitles
from vitascope.publishing.contract import JobState
from vitascope.publishing.ledger import Ledger
from vitascope.publishing.orders import JobOrder, RungOrder, TrialOrder
from vitascope.publishing.parts import ENCODES, RUNGS
from vitascope.publishing.pictures import Illustrator
from vitascope.publishing.plans import Plan, Plans
from vitascope.publishing.release import asset_of
from vitascope.publishing.settings import PublishingSettings

T = TypeVar("T")

_log = logging.getLogger("vitascope.publishing")


class Tools(msgspec.Struct, frozen=True, kw_only=True):
    """What every job works with. At the `bench` of a worker a few steps are done at a time."""

    encoding: Encoding
    catalog: TitleRecords
    licensing: Licensing
    illustrator: Illustrator
    plans: Plans
    ledger: Ledger
    settings: PublishingSettings
    bench: Bulkhead
    taken_up: Iterator[int]


class Run:
    def __init__(self, tools: Tools, steps: Steps, order: JobOrder) -> None:
        self._tools = tools
        self._encoding = tools.encoding
        self._ledger = tools.ledger
        self._steps = steps
        self._order = order
        self._job_id = order.job_id
        # films are finished one after another, and not all at the end
        self._urgency = (steps.priority, next(tools.taken_up))

    # -- looking at the master

    async def inspect(self) -> Inspection:
        async def work(progress: Progress) -> Inspection:
            found = await self._encoding.inspect(
                self._order.master_key, file_name=self._order.file_name, progress=progress
            )
            await self._ledger.report(self._job_id, findings=found.findings, master=found.master)
            if found.source is None:
                return found
            source = with_subtitles(found.source, self._order.subtitles)
            return msgspec.structs.replace(found, source=source)

        return await self._step("inspect", JobState.INSPECTING, work, Inspection)

    async def quality(self, source: Source, known: Sequence[Finding]) -> QcReport:
        async def work(progress: Progress) -> QcReport:
            found = await self._encoding.quality(source, progress=progress)
            told = (*known, *found.findings)
            loudness = found.loudness_lufs
            await self._ledger.report(self._job_id, findings=told, loudness_lufs=loudness)
            return found

        return await self._step("quality", JobState.INSPECTING, work, QcReport)

    def refused(self, findings: Sequence[Finding]) -> bool:
        return any(one.severity is Severity.REFUSAL for one in findings)

    # -- a first version, to be played soonest

    async def wants_first_version(self) -> bool:
        """Never in the place of a whole version that can be played already."""

        async def look() -> bool:
            there = await self._tools.catalog.asset(self._order.content_id)
            return self._tools.settings.first_version and (there is None or there.partial)

        return await self._steps.step("look", look, bool, attempts=self._tools.settings.attempts)

    async def quick(self, source: Source) -> QuickPlan:
        async def work(progress: Progress) -> QuickPlan:
            return await self._encoding.quick(source, progress=progress)

        return await self._step("first version", JobState.ENCODING, work, QuickPlan)

    async def encode_first(self, source: Source, quick: QuickPlan) -> list[RenditionRef]:
        return await self._encode(source, quick.shots, quick.ladder, first=True)

    async def package_first(
        self, source: Source, renditions: Sequence[RenditionRef], audio: Sequence[AudioRef]
    ) -> Package:
        return await self._package("package first version", source, renditions, audio, (), None)

    # -- the title's own ladder

    async def shots(self, source: Source) -> ShotPlan:
        async def work(progress: Progress) -> ShotPlan:
            return await self._encoding.shots(source, progress=progress)

        return await self._step("shots", JobState.ANALYSING, work, ShotPlan)

    async def file_plan(self, source: Source, shots: ShotPlan) -> str:
        async def file() -> str:
            plan = Plan(source=source, shots=shots)
            return await self._tools.plans.file(self._job_id, "shots", plan)

        return await self._steps.step("file shots", file, str)

    async def plan_trials(self, source: Source, shots: ShotPlan) -> tuple[Trial, ...]:
        async def work(_: Progress) -> tuple[Trial, ...]:
            trials = await self._encoding.plan_trials(source, shots)
            await self._ledger.expect(
                self._job_id, "trials", len(trials), unit="trials", state=JobState.ANALYSING
            )
            return trials

        return await self._step("samples", JobState.ANALYSING, work, tuple[Trial, ...])

    async def trials(self, plan_key: str, trials: Sequence[Trial]) -> list[TrialResult]:
        orders = {
            f"trial-{n:03}": TrialOrder(job_id=self._job_id, plan_key=plan_key, trial=trial)
            for n, trial in enumerate(trials)
        }
        found = await self._steps.fan_out("trial", orders, TrialResult, queue=ENCODES)
        return list(found.values())

    async def ladder(
        self, source: Source, shots: ShotPlan, results: Sequence[TrialResult]
    ) -> LadderPlan:
        async def work(_: Progress) -> LadderPlan:
            await self._ledger.end(self._job_id, "trials")
            plan = await self._encoding.ladder(source, shots, results)
            await self._ledger.report(self._job_id, trials=plan.trials)
            return plan

        return await self._step("ladder", JobState.ANALYSING, work, LadderPlan, light=True)

    async def encode(
        self, source: Source, shots: ShotPlan, ladder: LadderPlan
    ) -> list[RenditionRef]:
        renditions = await self._encode(source, shots, ladder)

        async def report() -> None:
            rungs = tuple(one.rung for one in renditions)
            await self._ledger.report(self._job_id, rungs=rungs)

        await self._steps.step("report rungs", report, type(None))
        return renditions

    # -- pictures for the title's tile

    async def artwork(
        self,
        source: Source,
        shots: ShotPlan,
        renditions: Sequence[RenditionRef],
        state: JobState,
    ) -> None:
        """What cannot be made is told, and the title does without: it is published all the same."""
        if not self._order.artwork:
            return

        async def work(progress: Progress) -> bool:
            title_id, content_id = self._order.title_id, self._order.content_id
            return await self._tools.illustrator.illustrate(
                title_id, content_id, source, shots, renditions, progress
            )

        try:
            if not await self._step("artwork", state, work, bool):
                await self._remark("no-artwork", "No frame of the film is fit for a poster.")
        except StepFailed as failure:
            _log.warning("no artwork for %s: %s", self._order.title_id, failure.detail)
            reason = f"Pictures could not be taken from the film: {failure.detail}"
            await self._remark("artwork-failed", reason)

    async def _remark(self, code: str, sentence: str) -> None:
        async def remark() -> None:
            note = Finding(code=code, severity=Severity.NOTE, sentence=sentence)
            await self._ledger.remark(self._job_id, note)

        await self._steps.step("remark", remark, type(None))

    # -- what goes with the pictures

    async def audio(self, source: Source, qc: QcReport) -> tuple[AudioRef, ...]:
        async def work(progress: Progress) -> tuple[AudioRef, ...]:
            return await self._encoding.audio(source, qc, progress=progress)

        return await self._step("audio", JobState.ENCODING, work, tuple[AudioRef, ...])

    async def subtitles(self, source: Source) -> tuple[TextRef, ...]:
        async def work(_: Progress) -> tuple[TextRef, ...]:
            return await self._encoding.subtitles(source)

        return await self._step("subtitles", JobState.PACKAGING, work, tuple[TextRef, ...])

    async def thumbnails(self, source: Source, renditions: Sequence[RenditionRef]) -> ThumbnailSet:
        async def work(_: Progress) -> ThumbnailSet:
            return await self._encoding.thumbnails(source, renditions[0])

        return await self._step("thumbnails", JobState.PACKAGING, work, ThumbnailSet)

    # -- out to the viewers

    async def package(
        self,
        source: Source,
        renditions: Sequence[RenditionRef],
        audio: Sequence[AudioRef],
        text: Sequence[TextRef],
        thumbnails: ThumbnailSet,
    ) -> Package:
        return await self._package("package", source, renditions, audio, text, thumbnails)

    async def verify(self, package: Package, *, first: bool = False) -> None:
        async def work(progress: Progress) -> Verification:
            keys = await self._keys(tuple(package.key_ids))
            found = await self._encoding.verify(package, keys, progress=progress)
            checks = {
                f"{one.name} {one.subject}".strip(): msgspec.to_builtins(one)
                for one in found.checks
            }
            await self._ledger.report(self._job_id, checks=checks)
            if not found.passed:
                raise EncodingFailed(" ".join(one.sentence for one in found.failures))
            return found

        name = "verify first version" if first else "verify"
        await self._step(name, JobState.VERIFYING, work, Verification)

    async def publish(self, package: Package, *, first: bool = False) -> None:
        asset = asset_of(package, self._order.content_id, partial=first)

        async def work(_: Progress) -> None:
            await self._tools.catalog.publish(self._order.title_id, asset)
            await self._ledger.playable(self._job_id)

        name = "publish first version" if first else "publish"
        await self._step(name, JobState.VERIFYING, work, type(None), light=True)

    async def tidy(self, source: Source) -> None:
        async def work() -> None:
            if self._tools.settings.tidy:
                await self._encoding.forget(source)
                await self._tools.plans.forget(self._job_id)
            await self._ledger.move(self._job_id, JobState.LIVE)

        await self._steps.step("tidy", work, type(None), attempts=self._tools.settings.attempts)

    # -- other ends

    async def reject(self, findings: Sequence[Finding]) -> None:
        refusals = [one for one in findings if one.severity is Severity.REFUSAL]
        reason = " ".join(one.sentence for one in refusals)

        async def work() -> None:
            await self._ledger.move(self._job_id, JobState.REJECTED, reason)

        await self._steps.step("reject", work, type(None))

    async def fail(self, failure: StepFailed) -> None:
        refused = failure.extra.get("code") == MasterRefused.code
        state = JobState.REJECTED if refused else JobState.FAILED
        await self._ledger.move(self._job_id, state, failure.detail)

    # -- how a step is done

    async def _step(
        self,
        name: str,
        state: JobState,
        work: Callable[[Progress], Awaitable[T]],
        returns: type[T],
        *,
        light: bool = False,
    ) -> T:
        """`light` steps cost next to nothing, and wait for no turn."""

        async def in_turn() -> T:
            return await self._tools.bench.run(told, self._urgency)

        async def told() -> T:
            await self._ledger.begin(self._job_id, name, state=state, total=100, unit="%")
            every_s = self._tools.settings.progress_s
            teller = self._ledger.teller(self._job_id, name, every_s)
            try:
                done = await work(teller)
            except MasterRefused as refusal:
                await self._refusal(name, refusal)
                raise
            except Exception as error:
                await self._ledger.end(self._job_id, name, state="failed", detail=str(error))
                raise
            finally:
                await teller.stop()
            await self._ledger.end(self._job_id, name)
            return done

        run = told if light else in_turn
        return await self._steps.step(name, run, returns, attempts=self._tools.settings.attempts)

    async def _refusal(self, name: str, refusal: MasterRefused) -> None:
        found = refusal.extra.get("findings") or [
            {"code": refusal.code, "sentence": refusal.detail}
        ]
        told = tuple(
            Finding(code=one["code"], severity=Severity.REFUSAL, sentence=one["sentence"])
            for one in found
        )
        await self._ledger.report(self._job_id, findings=told)
        await self._ledger.end(self._job_id, name, state="failed", detail=refusal.detail)

    async def _encode(
        self, source: Source, shots: ShotPlan, ladder: LadderPlan, *, first: bool = False
    ) -> list[RenditionRef]:
        kind = "first" if first else "encode"

        async def file() -> str:
            for rung in ladder.rungs:
                chunks = len(shots.chunks)
                await self._ledger.expect(self._job_id, f"{kind} {rung.name}", chunks)
            plan = Plan(source=source, shots=shots, rungs=ladder.rungs)
            return await self._tools.plans.file(self._job_id, kind, plan)

        plan_key = await self._steps.step(f"file {kind}", file, str)
        orders = {
            f"{kind}-{rung.name}": RungOrder(
                job_id=self._job_id,
                plan_key=plan_key,
                rung=rung.name,
                step=f"{kind} {rung.name}",
                measure=not first,
            )
            for rung in ladder.rungs
        }
        found = await self._steps.fan_out("rung", orders, RenditionRef, queue=RUNGS)
        return list(found.values())

    async def _package(
        self,
        name: str,
        source: Source,
        renditions: Sequence[RenditionRef],
        audio: Sequence[AudioRef],
        text: Sequence[TextRef],
        thumbnails: ThumbnailSet | None,
    ) -> Package:
        labels = dict.fromkeys([KeyLabel.AUDIO, *(one.rung.key_label for one in renditions)])

        async def work(progress: Progress) -> Package:
            return await self._encoding.package(
                self._order.asset_id,
                source,
                renditions,
                audio,
                text,
                await self._keys(tuple(labels)),
                thumbnails=thumbnails,
                progress=progress,
            )

        return await self._step(name, JobState.PACKAGING, work, Package)

    async def _keys(self, labels: tuple[KeyLabel, ...]) -> list[ContentKey]:
        return await self._tools.licensing.keys_for(self._order.asset_id, labels)
