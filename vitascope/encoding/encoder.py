"""The `Encoding` contract, step by step. Each step lives in the module that bears its name."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

from vitascope.encoding.artwork import pictures as artwork
from vitascope.encoding.companions import kept as companions
from vitascope.encoding.contract.artwork import ArtworkRefs
from vitascope.encoding.contract.companions import AudioRef, TextRef, ThumbnailSet
from vitascope.encoding.contract.encoding import Progress
from vitascope.encoding.contract.master import Inspection, QcReport, Source
from vitascope.encoding.contract.package import Package, Verification
from vitascope.encoding.contract.picture import (
    Assessment,
    Chunk,
    ChunkRef,
    LadderPlan,
    PlannedRung,
    QuickPlan,
    RenditionRef,
    ShotPlan,
    Trial,
    TrialResult,
)
from vitascope.encoding.master import inspect, qc
from vitascope.encoding.package import build as package
from vitascope.encoding.package import verify
from vitascope.encoding.picture import assemble, assess, ladder, shots, trials
from vitascope.encoding.picture import chunks as encode
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.workbench import Workbench, prefix_of, sha256_of
from vitascope.engines.blobs import Blobs
from vitascope.engines.media import Media
from vitascope.kernel.ids import AssetId
from vitascope.licensing import ContentKey


class Encoder:
    """Encodes with the tools of this machine, over shared blobs; `folder` is for work in hand."""

    def __init__(
        self,
        *,
        blobs: Blobs,
        media: Media,
        folder: Path,
        settings: EncodingSettings = EncodingSettings(),  # noqa: B008 (frozen)
    ) -> None:
        self._bench = Workbench(blobs=blobs, tools=media, folder=folder, settings=settings)

    async def inspect(
        self, master_key: str, *, file_name: str = "", progress: Progress | None = None
    ) -> Inspection:
        async with self._bench.folder() as folder:
            path = await self._bench.local(master_key, folder)
            digest = await sha256_of(path)
            return await inspect.inspect(
                self._bench.tools, path, master_key=master_key, sha256=digest
            )

    async def quality(self, source: Source, *, progress: Progress | None = None) -> QcReport:
        name = await self._bench.name(source, "quality")

        async def make() -> QcReport:
            async with self._bench.folder() as folder:
                path = await self._bench.local(source.master_key, folder)
                return await qc.quality(self._bench.tools, path, source, progress=progress)

        return await self._bench.once(name, QcReport, make)

    async def quick(self, source: Source, *, progress: Progress | None = None) -> QuickPlan:
        return await shots.plan_quick(self._bench, source, progress)

    async def shots(self, source: Source, *, progress: Progress | None = None) -> ShotPlan:
        return await shots.find_shots(self._bench, source, progress)

    async def plan_trials(self, source: Source, shots: ShotPlan) -> tuple[Trial, ...]:
        return await trials.plan_trials(self._bench, source, shots)

    async def run_trial(
        self, source: Source, trial: Trial, *, progress: Progress | None = None
    ) -> TrialResult:
        return await trials.run_trial(self._bench, source, trial, progress)

    async def ladder(
        self, source: Source, shots: ShotPlan, results: Sequence[TrialResult]
    ) -> LadderPlan:
        return ladder.plan_ladder(source, shots, results, self._bench.settings)

    async def encode_chunk(
        self,
        source: Source,
        shots: ShotPlan,
        rung: PlannedRung,
        chunk: Chunk,
        *,
        progress: Progress | None = None,
    ) -> ChunkRef:
        return await encode.encode_chunk(self._bench, source, shots, rung, chunk, progress)

    async def assemble(
        self, source: Source, shots: ShotPlan, rung: PlannedRung, chunks: Sequence[ChunkRef]
    ) -> RenditionRef:
        return await assemble.assemble(self._bench, source, shots, rung, chunks)

    async def assess(
        self,
        source: Source,
        shots: ShotPlan,
        rung: PlannedRung,
        rendition: RenditionRef,
        *,
        progress: Progress | None = None,
    ) -> Assessment:
        return await assess.assess(self._bench, source, shots, rung, rendition, progress)

    async def audio(
        self, source: Source, qc: QcReport, *, progress: Progress | None = None
    ) -> tuple[AudioRef, ...]:
        return await companions.audio(self._bench, source, bool(qc.loudness), progress)

    async def subtitles(self, source: Source) -> tuple[TextRef, ...]:
        return await companions.subtitles(self._bench, source)

    async def thumbnails(self, source: Source, rendition: RenditionRef) -> ThumbnailSet:
        return await companions.thumbnails(self._bench, source, rendition)

    async def artwork(
        self,
        source: Source,
        shots: ShotPlan,
        renditions: Sequence[RenditionRef],
        *,
        progress: Progress | None = None,
    ) -> ArtworkRefs:
        return await artwork.make_artwork(self._bench, source, shots, renditions, progress)

    async def package(
        self,
        asset_id: AssetId,
        source: Source,
        renditions: Sequence[RenditionRef],
        audio: Sequence[AudioRef],
        text: Sequence[TextRef],
        keys: Sequence[ContentKey],
        *,
        scheme: str = "",
        thumbnails: ThumbnailSet | None = None,
        progress: Progress | None = None,
    ) -> Package:
        parts = package.Parts(
            asset_id=asset_id,
            renditions=tuple(renditions),
            audio=tuple(audio),
            text=tuple(track for track in text if track.cues),
            thumbnails=thumbnails,
            scheme=scheme or self._bench.settings.scheme,
            key_ids={key.label: key.key_id for key in keys},
        )
        return await package.package(self._bench, source, parts, keys, progress)

    async def verify(
        self,
        package: Package,
        keys: Sequence[ContentKey],
        *,
        progress: Progress | None = None,
    ) -> Verification:
        return await verify.verify(self._bench, package, keys, progress)

    async def forget(self, source: Source) -> None:
        with contextlib.suppress(FileNotFoundError):
            await self._bench.blobs.delete_prefix(prefix_of(source))
