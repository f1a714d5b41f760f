"""What is done to publish a master, step by step. How a step is done is in `running.py`.

Content keys pass through `package` and `verify` within one step and are never kept.
"""

import logging
from collections.abc import Sequence
from fractions import Fraction

import msgspec

from vitascope.encoding import (
    AudioRef,
    BuildPackage,
    CheckQuality,
    EncodeAudio,
    EncodingFailed,
    FilmToEncode,
    Finding,
    FindShots,
    Inspect,
    Inspection,
    LadderPlan,
    MakeSubtitles,
    MakeThumbnails,
    OnProgress,
    Package,
    PlanLadder,
    PlanQuick,
    QcReport,
    QuickPlan,
    RenditionRef,
    Severity,
    ShotPlan,
    Source,
    TextRef,
    ThumbnailSet,
    TrialResult,
    Verification,
    VerifyPackage,
)
from vitascope.engines.work import StepFailed
from vitascope.kernel.ids import AssetId
from vitascope.kernel.media import DynamicRange, Format, KeyLabel, Scheme
from vitascope.licensing import ContentKey
from vitascope.publishing.contract import JobState
from vitascope.publishing.picture_steps import PictureSteps
from vitascope.publishing.plans import EncodingPlan
from vitascope.publishing.release import asset_of
from vitascope.publishing.running import Running
from vitascope.publishing.subtitles import with_subtitles
from vitascope.publishing.tasks import JobOrder

_log = logging.getLogger("vitascope.publishing")


class PublishSteps:
    def __init__(self, running: Running, order: JobOrder) -> None:
        self._running = running
        self._order = order
        self._job_id = order.job_id
        self._tools = running.tools
        self._ledger = running.tools.ledger
        self._pictures = PictureSteps(running)

    # -- looking at the master

    async def inspect(self) -> Inspection:
        request = Inspect(master_key=self._order.master_key, file_name=self._order.file_name)

        async def work(progress: OnProgress) -> Inspection:
            found = await self._running.ask(request, progress)
            await self._ledger.report(self._job_id, findings=found.findings, master=found.master)
            if found.source is None:
                return found
            source = with_subtitles(found.source, self._order.subtitles)
            await self._foretell(source)
            return msgspec.structs.replace(found, source=source)

        return await self._running.step("inspect", JobState.INSPECTING, work, Inspection)

    async def _foretell(self, source: Source) -> None:
        """Note what the job is expected to take."""
        film = FilmToEncode(
            frames=source.frames,
            width=source.width,
            height=source.height,
            frame_rate=float(Fraction(source.frame_rate)),
            sounds=len(source.audio),
            hdr=source.dynamic_range is not DynamicRange.SDR,
        )
        wanted, told = await self._tools.forecaster.of_job(
            await self._ledger.job(self._job_id),
            film,
            self._running.effort,
            first_version=await self._first_is_wanted(),
        )
        await self._ledger.expect_phases(self._job_id, wanted.film, wanted, told)

    async def quality(self, source: Source, known: Sequence[Finding]) -> QcReport:
        async def work(progress: OnProgress) -> QcReport:
            found = await self._running.ask(CheckQuality(source=source), progress)
            told = (*known, *found.findings)
            loudness = found.loudness_lufs
            await self._ledger.report(self._job_id, findings=told, loudness_lufs=loudness)
            return found

        return await self._running.step("quality", JobState.INSPECTING, work, QcReport)

    # -- a first version, to be played soonest

    async def wants_first_version(self) -> bool:
        """Returns True if a quick first version is wanted: never in the place of a whole version
        that can be played already, nor of what waits to be published."""

        attempts = self._tools.settings.attempts
        return await self._running.quietly("look", self._first_is_wanted, bool, attempts=attempts)

    async def _first_is_wanted(self) -> bool:
        job = await self._ledger.job(self._job_id)
        if self._order.scheduled and not self._tools.schedule.is_due(job):
            return False
        there = await self._tools.catalog.asset(self._order.content_id)
        return self._tools.settings.first_version and (there is None or there.partial)

    async def quick(self, source: Source) -> QuickPlan:
        request = PlanQuick(source=source)
        return await self._running.encoding("first version", JobState.ENCODING, request, QuickPlan)

    async def encode_first(self, source: Source, quick: QuickPlan) -> list[RenditionRef]:
        return await self._pictures.encode(source, quick.shots, quick.ladder, first=True)

    async def package_first(
        self, source: Source, renditions: Sequence[RenditionRef], audio: Sequence[AudioRef]
    ) -> Package:
        return await self._package("package first version", source, renditions, audio, (), None)

    # -- the title's own ladder

    async def give_way(self) -> None:
        await self._running.give_way()

    async def shots(self, source: Source) -> ShotPlan:
        request = FindShots(source=source)
        return await self._running.encoding("shots", JobState.ANALYSING, request, ShotPlan)

    async def file_plan(self, source: Source, shots: ShotPlan) -> str:
        async def file() -> str:
            plan = EncodingPlan(source=source, shots=shots, effort=self._running.effort)
            return await self._tools.plans.file(self._job_id, "shots", plan)

        return await self._running.quietly("file shots", file, str)

    async def trials(
        self, plan_key: str, source: Source, shots: ShotPlan, formats: tuple[Format, ...] = ()
    ) -> list[TrialResult]:
        """Returns the trials of these formats; of those of the settings where none is named."""
        return await self._pictures.trials(plan_key, source, shots, formats)

    async def ladder(
        self,
        source: Source,
        shots: ShotPlan,
        results: Sequence[TrialResult],
        formats: tuple[Format, ...] = (),
        made: Sequence[RenditionRef] = (),
    ) -> LadderPlan:
        """Returns the ladders that the trials lead to; where nothing was tried, predicted ones, by
        what was `made` of them."""
        request = PlanLadder(
            source=source, shots=shots, results=tuple(results), formats=formats, made=tuple(made)
        )

        async def work(progress: OnProgress) -> LadderPlan:
            plan = await self._running.ask(request, progress)
            await self._ledger.report(self._job_id, trials=plan.trials, saving=plan.saving)
            return plan

        return await self._running.step("ladder", JobState.ANALYSING, work, LadderPlan, light=True)

    async def encode(
        self, source: Source, shots: ShotPlan, ladder: LadderPlan
    ) -> list[RenditionRef]:
        renditions = await self._pictures.encode(source, shots, ladder)

        async def report() -> None:
            rungs = tuple(one.rung for one in renditions)
            quality = {one.rung.name: one.quality for one in renditions if one.quality}
            await self._ledger.report(self._job_id, rungs=rungs, quality=quality)

        await self._running.quietly("report rungs", report, type(None))
        return renditions

    # -- pictures for the title's tile

    async def artwork(
        self,
        source: Source,
        shots: ShotPlan,
        renditions: Sequence[RenditionRef],
        state: JobState,
    ) -> None:
        """Take the title's pictures from the film. What cannot be made is told, and the title does
        without: it is published all the same."""
        if not self._order.artwork:
            return

        async def work(progress: OnProgress) -> bool:
            title_id, content_id = self._order.title_id, self._order.content_id
            return await self._tools.illustrator.illustrate(
                self._job_id, title_id, content_id, source, shots, renditions, progress
            )

        try:
            if not await self._running.step("artwork", state, work, bool):
                await self._running.remark(
                    "no-artwork", "No frame of the film is good enough for a poster."
                )
        except StepFailed as failure:
            if failure.is_of_other_steps:
                raise
            _log.warning("no artwork for %s: %s", self._order.title_id, failure.detail)
            reason = f"Pictures could not be taken from the film: {failure.detail}"
            await self._running.remark("artwork-failed", reason)

    # -- what goes with the pictures

    async def audio(self, source: Source, qc: QcReport) -> tuple[AudioRef, ...]:
        request = EncodeAudio(sound=source.sound, qc=qc)
        return await self._running.encoding(
            "audio", JobState.ENCODING, request, tuple[AudioRef, ...]
        )

    async def subtitles(self, source: Source) -> tuple[TextRef, ...]:
        request = MakeSubtitles(programme=source.programme, text=source.text, source=source)
        made = await self._running.encoding(
            "subtitles", JobState.PACKAGING, request, tuple[TextRef, ...]
        )
        await self._running.report(*(found for one in made for found in one.findings))
        return made

    async def thumbnails(self, source: Source, renditions: Sequence[RenditionRef]) -> ThumbnailSet:
        request = MakeThumbnails(source=source, rendition=renditions[0])
        return await self._running.encoding("thumbnails", JobState.PACKAGING, request, ThumbnailSet)

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
        async def work(progress: OnProgress) -> Verification:
            keys = await self._keys(package.asset_id, tuple(package.key_ids))
            return await verified(self._running, package, keys, progress)

        name = "verify first version" if first else "verify"
        await self._running.step(name, JobState.VERIFYING, work, Verification)

    async def waits(self) -> bool:
        """Returns True if the version is to be published later."""

        async def look() -> bool:
            return not self._tools.schedule.is_due(await self._ledger.job(self._job_id))

        return await self._running.quietly("waits", look, bool)

    async def publish(self, package: Package, *, first: bool = False) -> bool:
        """Returns False when the version waits to be published."""
        asset = asset_of(package, self._order.content_id, partial=first)

        async def work(_: OnProgress) -> bool | None:
            schedule = self._tools.schedule
            if not first:
                return await schedule.file(self._job_id, asset)
            await schedule.file_first(self._job_id, asset)
            return True

        name = "publish first version" if first else "publish"
        returns: type[bool | None] = bool | None  # type: ignore[assignment]
        live = await self._running.step(name, JobState.VERIFYING, work, returns, light=True)
        return live is not False  # an earlier version noted nothing here

    async def finish(self, *, live: bool) -> None:
        """End the job. The intermediates stay for a while: the same master may be sent again."""

        async def work() -> None:
            await self._tools.plans.forget(self._job_id)
            if live:
                await self._ledger.move(self._job_id, JobState.LIVE)

        attempts = self._tools.settings.attempts
        await self._running.quietly("tidy", work, type(None), attempts=attempts)

    # -- other ends

    async def reject(self, findings: Sequence[Finding]) -> None:
        refusals = [one for one in findings if one.severity is Severity.REFUSAL]
        reason = " ".join(one.sentence for one in refusals)

        async def work() -> None:
            await self._ledger.report(self._job_id, judgement="refused")
            await self._ledger.move(self._job_id, JobState.REJECTED, reason)

        await self._running.quietly("reject", work, type(None))

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

        async def work(progress: OnProgress) -> Package:
            scheme = await self._scheme()
            wanted = () if scheme == "none" else tuple(labels)
            request = BuildPackage(
                asset_id=self._order.asset_id,
                programme=source.programme,
                source=source,
                renditions=tuple(renditions),
                audio=tuple(audio),
                text=tuple(text),
                keys=tuple(await self._keys(self._order.asset_id, wanted)),
                scheme=scheme,
                thumbnails=thumbnails,
            )
            made = await self._running.ask(request, progress)
            await self._ledger.report(self._job_id, size=sum(made.sizes.values()))
            return made

        return await self._running.step(name, JobState.PACKAGING, work, Package)

    async def _scheme(self) -> Scheme:
        """Returns how the title is protected: a new version as the one that is live, a first one as
        its partner said."""
        catalog = self._tools.catalog
        live = await catalog.asset(self._order.content_id)
        if live is not None:
            return live.scheme
        title = next(iter(await catalog.titles([self._order.title_id])), None)
        return (title and title.protection) or self._tools.scheme

    async def _keys(self, asset_id: AssetId, labels: tuple[KeyLabel, ...]) -> list[ContentKey]:
        return await self._tools.licensing.keys_for(asset_id, labels)


async def verified(
    running: Running, package: Package, keys: Sequence[ContentKey], progress: OnProgress
) -> Verification:
    """Returns what was seen of the package, told in the report. Raises `EncodingFailed` unless all
    is as it should be."""
    request = VerifyPackage(package=package, keys=tuple(keys))
    found = await running.ask(request, progress)
    checks = {f"{one.name} {one.subject}".strip(): msgspec.to_builtins(one) for one in found.checks}
    await running.tools.ledger.report(running.job_id, checks=checks)
    if not found.passed:
        raise EncodingFailed(" ".join(one.sentence for one in found.failures))
    return found
