"""The picture: shots, trials, the ladder, chunks, renditions and what they are worth."""

from typing import Literal

import msgspec

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.request import Request
from vitascope.kernel.media import H264_SDR, Format, Rung


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """Frames `start` to `end` (exclusive) of the source. `keyframes` are frame numbers of the
    source; the first is `start`. `complexity` is bits per frame of a small reference encode.
    `spans` are the bytes of the picture's file that they need, from and until (exclusive); none
    when that is not known, and the whole file is needed."""

    index: int
    start: int
    end: int
    keyframes: tuple[int, ...]
    complexity: float = 0.0
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def frames(self) -> int:
        return self.end - self.start


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The video that later steps cut from: the master itself where it is plain, else our clean
    mezzanine of it (constant rate, progressive, SDR, square pixels)."""

    key: str
    mezzanine: bool


class ShotPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The shots, which are the chunks; the same list for every rung, so all rungs align."""

    chunks: tuple[Chunk, ...]
    frame_rate: str
    picture_key: str
    mezzanine: bool = False

    @property
    def picture(self) -> Picture:
        return Picture(key=self.picture_key, mezzanine=self.mezzanine)


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One small encode to come: the samples of a few shots at one height and one CRF."""

    name: str  # "480p crf 27"
    height: int
    crf: float
    samples_key: str  # the excerpts, as one lossless file
    samples: tuple[tuple[int, int], ...]  # (chunk index, frames), in the file's order
    format: Format = H264_SDR


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
    format: Format = H264_SDR


class HullPoint(msgspec.Struct, frozen=True, kw_only=True):
    """A point of the rate-quality plane, for the whole title."""

    height: int
    crf: float
    bitrate_kbps: float
    vmaf: float
    on_hull: bool
    chosen: bool = False
    format: Format = H264_SDR


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
    format: Format = H264_SDR

    def crf(self, chunk: int) -> float:
        return self.crfs[chunk] if len(self.crfs) > 1 else self.crfs[0]


class SavingRung(msgspec.Struct, frozen=True, kw_only=True):
    """A rung of the fixed ladder, and what the title's own ladder needs for the same VMAF."""

    lines: int
    fixed_kbps: float
    own_kbps: float
    vmaf: float


class Saving(msgspec.Struct, frozen=True, kw_only=True):
    """Bits that a title's own ladder saves against a fixed one at the same quality, in percent;
    below zero it needs more. Predicted from the trials, or measured on finished rungs."""

    percent: float
    basis: Literal["predicted", "measured"]
    rungs: tuple[SavingRung, ...]


class LadderPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The rungs to encode, a ladder for each format and each lowest bitrate first, and the trials
    that led to them."""

    rungs: tuple[PlannedRung, ...]
    trials: tuple[HullPoint, ...] = ()
    vmaf_model: str = ""
    saving: Saving | None = None  # of the first format


class QuickPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a title playable soonest: one or two low rungs, cut at equal lengths."""

    shots: ShotPlan
    ladder: LadderPlan


class ChunkRef(msgspec.Struct, frozen=True, kw_only=True):
    """An encoded chunk. Equal `extradata_sha256` over a rung lets its chunks be joined."""

    key: str
    frames: int
    size: int
    extradata_sha256: str


class RenditionRef(msgspec.Struct, frozen=True, kw_only=True):
    """One whole encoded stream, clear, before packaging. `keyframes` are frame numbers."""

    key: str
    sha256: str
    rung: Rung  # without a vmaf until assessed
    frames: int
    keyframes: tuple[int, ...]
    size: int
    vmaf_phone: float = 0.0
    planned_vmaf: float | None = None


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """A rendition measured. `correction` is there when the plan was missed: encode this rung once
    more, and take the second as it is."""

    rendition: RenditionRef  # its rung now carries vmaf and vmaf_model
    vmaf: float
    vmaf_phone: float
    worst_chunk: int
    worst_vmaf: float
    correction: PlannedRung | None = None


class PlanQuick(Request[QuickPlan], frozen=True, kw_only=True):
    """The first playable version's plan; costs no decoding where the master is plain."""

    source: Source


class FindShots(Request[ShotPlan], frozen=True, kw_only=True):
    """Find the cuts and plan the chunks. With `keyframes`, those of a version that is there, the
    plan has these and no others."""

    source: Source
    keyframes: tuple[int, ...] = ()


class PlanTrials(Request[tuple[Trial, ...]], frozen=True, kw_only=True):
    """Choose and cut the samples, and say which trials to run; each may run anywhere."""

    source: Source
    shots: ShotPlan
    formats: tuple[Format, ...] = ()  # those of the settings where none is named


class RunTrial(Request[TrialResult], frozen=True, kw_only=True):
    source: Source
    trial: Trial


class PlanLadder(Request[LadderPlan], frozen=True, kw_only=True):
    """The title's own ladders: convex hull over the trials, equal slope across shots."""

    source: Source
    shots: ShotPlan
    results: tuple[TrialResult, ...]


class EncodeChunk(Request[ChunkRef], frozen=True, kw_only=True):
    """Raises `EncodingFailed`, also when the packets are not as planned."""

    source: Source
    picture: Picture
    chunk: Chunk
    format: Format
    width: int
    height: int
    crf: float
    max_kbps: int = 0  # cap of the encoder's rate buffer; 0 for none


class JoinChunks(Request[RenditionRef], frozen=True, kw_only=True):
    """Join a rung's chunks, given in their order, without encoding. Raises `EncodingFailed` when
    they do not fit."""

    source: Source
    shots: ShotPlan
    rung: PlannedRung
    chunks: tuple[ChunkRef, ...]


class Assess(Request[Assessment], frozen=True, kw_only=True):
    """VMAF against the source at display size."""

    source: Source
    shots: ShotPlan
    rung: PlannedRung
    rendition: RenditionRef
