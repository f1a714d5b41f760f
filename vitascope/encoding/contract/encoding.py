"""From a master to a verified package: the pipeline's steps, in the order in which they run.

Every step takes and returns small frozen values with blob keys in them (references, never bytes),
so that a durable workflow can keep them. Every step is idempotent: what it writes is named by the
hash of its inputs, parameters and tool versions, and a step whose output exists is done. So a
killed job repeats only what was in flight, whatever the queue above does.

Cancelling the awaiting task kills the tool that runs. `progress` hears fractions from 0.0 to 1.0.

    inspect -> quality -> quick -> [encode_chunk.. assemble audio package verify]   first playable
            -> shots -> artwork
            -> plan_trials -> run_trial.. -> ladder
            -> encode_chunk.. -> assemble -> assess (once more when the plan was missed)
            -> audio, subtitles, thumbnails -> package -> verify
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from vitascope.encoding.contract.artwork import ArtworkRefs
from vitascope.encoding.contract.companions import AudioRef, TextRef, ThumbnailSet
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
from vitascope.kernel.errors import Trouble, Unprocessable
from vitascope.kernel.ids import AssetId
from vitascope.licensing import ContentKey

Progress = Callable[[float], None]


class MasterRefused(Unprocessable):
    """The master cannot be encoded. `extra["findings"]` says why: [{"code", "sentence"}]."""

    code = "master-refused"


class EncodingFailed(Trouble):
    """A tool failed, or what it wrote is not what was planned. May be tried again."""

    status = 500
    code = "encoding-failed"


class Encoding(Protocol):
    """Safe to call from many tasks and many processes at once over the same blobs."""

    async def inspect(
        self, master_key: str, *, file_name: str = "", progress: Progress | None = None
    ) -> Inspection:
        """Validate, and decide how the master is read. Never raises for what is in the file:
        a bad master has findings of severity `refusal` and no source."""
        ...

    async def quality(self, source: Source, *, progress: Progress | None = None) -> QcReport:
        """Integrity, black, freeze, silence, loudness, interlace, colour: a full decode."""
        ...

    async def quick(self, source: Source, *, progress: Progress | None = None) -> QuickPlan:
        """The first playable version's plan; costs no decoding where the master is plain."""
        ...

    async def shots(self, source: Source, *, progress: Progress | None = None) -> ShotPlan:
        """Find the cuts and plan the chunks."""
        ...

    async def plan_trials(self, source: Source, shots: ShotPlan) -> tuple[Trial, ...]:
        """Choose and cut the samples, and say which trials to run; each may run anywhere."""
        ...

    async def run_trial(
        self, source: Source, trial: Trial, *, progress: Progress | None = None
    ) -> TrialResult: ...

    async def ladder(
        self, source: Source, shots: ShotPlan, results: Sequence[TrialResult]
    ) -> LadderPlan:
        """The title's own ladder: convex hull over the trials, equal slope across shots."""
        ...

    async def encode_chunk(
        self,
        source: Source,
        shots: ShotPlan,
        rung: PlannedRung,
        chunk: Chunk,
        *,
        progress: Progress | None = None,
    ) -> ChunkRef:
        """Raises `EncodingFailed`, also when the packets are not as planned."""
        ...

    async def assemble(
        self, source: Source, shots: ShotPlan, rung: PlannedRung, chunks: Sequence[ChunkRef]
    ) -> RenditionRef:
        """Join a rung's chunks without encoding. Raises `EncodingFailed` when they do not fit."""
        ...

    async def assess(
        self,
        source: Source,
        shots: ShotPlan,
        rung: PlannedRung,
        rendition: RenditionRef,
        *,
        progress: Progress | None = None,
    ) -> Assessment:
        """VMAF against the source at display size."""
        ...

    async def audio(
        self, source: Source, qc: QcReport, *, progress: Progress | None = None
    ) -> tuple[AudioRef, ...]:
        """AAC, stereo and where the master has it 5.1, for every language; loudness normalised
        where `qc` measured it (an empty report leaves loudness as it is: the quick version)."""
        ...

    async def subtitles(self, source: Source) -> tuple[TextRef, ...]:
        """Embedded text tracks and side files as WebVTT. Pictures as subtitles are left out."""
        ...

    async def thumbnails(self, source: Source, rendition: RenditionRef) -> ThumbnailSet:
        """From the keyframes of a small rendition."""
        ...

    async def artwork(
        self,
        source: Source,
        shots: ShotPlan,
        renditions: Sequence[RenditionRef],
        *,
        progress: Progress | None = None,
    ) -> ArtworkRefs:
        """Stills and a preview of the whole film, in the background: raises `EncodingFailed`."""
        ...

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
        """`keys` must hold one for each label in use; `scheme` is `cbcs`, `cenc`, or empty for
        the setting's. The keys are used and forgotten. Raises `EncodingFailed`."""
        ...

    async def verify(
        self,
        package: Package,
        keys: Sequence[ContentKey],
        *,
        progress: Progress | None = None,
    ) -> Verification:
        """Decrypt and decode every rendition, compare with the clear one frame by frame, and see
        that it stays locked without the key."""
        ...

    async def forget(self, source: Source) -> None:
        """Delete the intermediates (chunks, trials, clear renditions) of a published master."""
        ...
