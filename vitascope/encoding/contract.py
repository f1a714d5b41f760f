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

import msgspec

from vitascope.encoding.master import Finding, Inspection, QcReport, Source
from vitascope.kernel.errors import Trouble, Unprocessable
from vitascope.kernel.ids import AssetId
from vitascope.kernel.media import AudioTrack, KeyLabel, Rung, TextTrack
from vitascope.licensing import ContentKey

Progress = Callable[[float], None]


class MasterRefused(Unprocessable):
    """The master cannot be encoded. `extra["findings"]` says why: [{"code", "sentence"}]."""

    code = "master-refused"


class EncodingFailed(Trouble):
    """A tool failed, or what it wrote is not what was planned. May be tried again."""

    status = 500
    code = "encoding-failed"


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """Frames `start` to `end` (exclusive) of the source. `keyframes` are frame numbers of the
    source; the first is `start`. `complexity` is bits per frame of a small reference encode."""

    index: int
    start: int
    end: int
    keyframes: tuple[int, ...]
    complexity: float = 0.0

    @property
    def frames(self) -> int:
        return self.end - self.start


class ShotPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The shots, which are the chunks; the same list for every rung, so all rungs align.

    `picture_key` is the video every later step cuts from: the master itself where it is plain,
    else our clean mezzanine of it (constant rate, progressive, SDR, square pixels)."""

    chunks: tuple[Chunk, ...]
    frame_rate: str
    picture_key: str
    mezzanine: bool = False


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One small encode to come: the samples of a few shots at one height and one CRF."""

    name: str  # "480p crf 27"
    height: int
    crf: float
    samples_key: str  # the excerpts, as one lossless file
    samples: tuple[tuple[int, int], ...]  # (chunk index, frames), in the file's order


class TrialResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a trial measured, per sample: bytes of the first frame, of an average later frame,
    and the mean VMAF at display size."""

    height: int
    crf: float
    chunks: tuple[int, ...]
    key_bytes: tuple[float, ...]
    frame_bytes: tuple[float, ...]
    vmaf: tuple[float, ...]
    vmaf_model: str


class HullPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A point of the rate-quality plane, for the whole title."""

    height: int
    crf: float
    bitrate_kbps: float
    vmaf: float
    on_hull: bool
    chosen: bool = False


class PlannedRung(msgspec.Struct, frozen=True, kw_only=True):
    """A rung to be encoded: one resolution, a CRF for every chunk (one common slope)."""

    name: str  # "v720"
    width: int
    height: int
    crfs: tuple[float, ...]  # by chunk index; a single one holds for all chunks
    bitrate_kbps: float  # as planned
    vmaf: float | None = None  # as planned; None when nothing was tried
    max_kbps: int = 0  # cap of the encoder's rate buffer; 0 for none
    vmaf_per_crf: float = 0.0  # what one step of CRF costs here, for a correction

    def crf(self, chunk: int) -> float:
        return self.crfs[chunk] if len(self.crfs) > 1 else self.crfs[0]


class LadderPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The rungs to encode, lowest bitrate first, and the trials that led to them."""

    rungs: tuple[PlannedRung, ...]
    trials: tuple[HullPoint, ...] = ()
    vmaf_model: str = ""


class QuickPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a title playable soonest: one or two low rungs, cut at equal lengths."""

    shots: ShotPlan
    ladder: LadderPlan


class ChunkRef(msgspec.Struct, frozen=True, kw_only=True):
    """An encoded chunk. Equal `extradata_sha256` over a rung lets its chunks be joined."""

    key: str
    rung: str
    index: int
    frames: int
    size: int
    extradata_sha256: str


class RenditionRef(msgspec.Struct, frozen=True, kw_only=True):
    """One whole encoded stream, clear, before packaging. `keyframes` are frame numbers."""

    key: str
    sha256: str
    rung: Rung  # its vmaf is 0.0 until assessed
    frames: int
    keyframes: tuple[int, ...]
    size: int
    vmaf_phone: float = 0.0


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """A rendition measured. `correction` is there when the plan was missed: encode this rung once
    more, and take the second as it is."""

    rendition: RenditionRef  # its rung now carries vmaf and vmaf_model
    vmaf: float
    vmaf_phone: float
    worst_chunk: int
    worst_vmaf: float
    correction: PlannedRung | None = None


class AudioRef(msgspec.Struct, frozen=True, kw_only=True):
    """One audio rendition, clear, whole (sound is never chunked)."""

    key: str
    sha256: str
    track: AudioTrack
    duration_ms: int
    size: int


class TextRef(msgspec.Struct, frozen=True, kw_only=True):
    """One subtitle track as WebVTT, clipped to the programme. One without cues carries only its
    findings, and is left out of the package."""

    key: str
    sha256: str
    track: TextTrack
    cues: int
    findings: tuple[Finding, ...] = ()


class ThumbnailSet(msgspec.Struct, frozen=True, kw_only=True):
    """Seek previews: sprites (JPEG) of `columns` x `rows` pictures, one every `interval_ms`."""

    keys: tuple[str, ...]  # blobs, in order
    width: int
    height: int
    columns: int
    rows: int
    interval_ms: int
    count: int  # pictures in all


class ArtworkRefs(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures taken from the film: WebP, and a silent MP4. Empty where no frame is fit for it."""

    poster: str = ""  # blob keys
    landscape: str = ""
    billboard: str = ""
    preview: str = ""
    tint: str = ""  # a colour: "#5b2a86"


class Package(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a packaged film: what `Asset` is made from. The files lie at
    `prefix/NAME`: one CMAF file a rendition (`v720.mp4`, `a-en-2.mp4`, `t-fr.mp4`), `manifest.mpd`,
    `main.m3u8` and a media playlist each (`v720.m3u8`), `thumbnails.json` and `thumbs-N.jpg`."""

    asset_id: AssetId
    version: str
    prefix: str
    duration_ms: int
    ladder: tuple[Rung, ...]
    audio: tuple[AudioTrack, ...]
    text: tuple[TextTrack, ...]
    key_ids: dict[KeyLabel, str]
    scheme: str
    files: dict[str, str]  # name -> SHA-256 hex
    sizes: dict[str, int]  # name -> bytes
    clear: dict[str, str] = {}  # rendition name -> blob key of the clear stream, for verifying
    thumbnails: ThumbnailSet | None = None
    frames: int = 0
    frame_rate: str = ""
    phone_vmaf: dict[str, float] = {}  # rung name -> VMAF on a phone, where it was assessed
    source: Source | None = None  # what it was made from, for verifying


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing verified. `sentence` says what was seen."""

    name: str  # "integrity", "frames", "decrypts", "locked", "key", "aligned", "vmaf", ...
    subject: str  # a file or a rung
    passed: bool
    sentence: str
    value: float | None = None
    wanted: float | None = None


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """May be published only when `passed`."""

    passed: bool
    checks: tuple[Check, ...]

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)


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
