"""The picture: shots, trials, the ladder, chunks, renditions and what they are worth."""

from typing import Literal

import msgspec

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.request import Request
from vitascope.kernel.media import H264_SDR, DynamicRange, Format, Rung


class Detail(msgspec.Struct, frozen=True):
    """What short passages of a chunk take at one size, in bits: their first frame, and an average
    later one; in a small encode of good quality and in one of a coarse one."""

    still: float
    moves: float
    still_coarse: float
    moves_coarse: float


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """Frames `start` to `end` (exclusive) of the source. `keyframes` are frame numbers of the
    source; the first is `start`. `complexity` is bits per frame of a small reference encode.
    `spans` are the bytes of the picture's file that they need, from and until (exclusive); none
    when that is not known, and the whole file is needed. `details` are its passages at some
    sizes, the smallest first; only there where ladders are predicted."""

    index: int
    start: int
    end: int
    keyframes: tuple[int, ...]
    complexity: float = 0.0
    spans: tuple[tuple[int, int], ...] = ()
    details: tuple[Detail, ...] = ()

    @property
    def frames(self) -> int:
        return self.end - self.start


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The video that later steps cut from: the master itself where it is plain, else our clean
    mezzanine of it (constant rate, progressive, square pixels). Of HDR there are two: one in
    SDR, and one in the range of the master, for ladders in HDR."""

    key: str
    mezzanine: bool
    dynamic_range: DynamicRange = DynamicRange.SDR


class ShotPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The shots, which are the chunks; the same list for every rung, so all rungs align. The
    picture is the one in SDR: a step for a format in HDR finds the other by itself. `look_key` is
    where the bytes of every frame in a small encode are kept; empty where none was made."""

    chunks: tuple[Chunk, ...]
    frame_rate: str
    picture_key: str
    mezzanine: bool = False
    look_key: str = ""

    @property
    def picture(self) -> Picture:
        return Picture(key=self.picture_key, mezzanine=self.mezzanine)


class Encode(msgspec.Struct, frozen=True, kw_only=True):
    """One of the encodes of the same frames: its size and its quality."""

    width: int
    height: int
    crf: float
    max_kbps: int = 0  # cap of the encoder's rate buffer; 0 for none


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """A sample to be tried: some frames of one chunk, as a chunk of their own, and the encodes to
    make of them. `sample.index` is that of the chunk, `sample.complexity` that of the sample."""

    name: str  # "0:12, h264"
    sample: Chunk
    encodes: tuple[Encode, ...]
    format: Format = H264_SDR


class TrialPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What one encode of a sample weighs and is worth: bytes of the first frame and of an average
    later one, and the mean VMAF at display size."""

    height: int
    crf: float
    key_bytes: float
    frame_bytes: float
    vmaf: float


class TrialResult(msgspec.Struct, frozen=True, kw_only=True):
    chunk: int
    complexity: float
    points: tuple[TrialPoint, ...]
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
    vmafs: tuple[float, ...] = ()  # by chunk index, as planned
    max_kbps: int = 0  # cap of the encoder's rate buffer; 0 for none
    vmaf_per_crf: float = 0.0  # what one step of CRF costs here, for a correction
    format: Format = H264_SDR
    predicted: bool = False  # nothing was tried: what was planned is no promise

    def crf(self, chunk: int) -> float:
        return self.crfs[chunk] if len(self.crfs) > 1 else self.crfs[0]

    def encode(self, chunk: int) -> Encode:
        return Encode(
            width=self.width, height=self.height, crf=self.crf(chunk), max_kbps=self.max_kbps
        )


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


class ChunkScores(msgspec.Struct, frozen=True, kw_only=True):
    """What an encoded chunk is worth. `key` is where the scores of its frames are kept, see
    `FrameScores`; the rest is of these."""

    key: str
    scored: int  # frames
    vmaf: float  # their mean


class FrameScores(msgspec.Struct, frozen=True, kw_only=True):
    """VMAF of some frames at display size, and under the phone model; `frames` are numbers within
    the chunk."""

    frames: tuple[int, ...]
    display: tuple[float, ...]
    phone: tuple[float, ...]


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """What a whole rendition is worth, over all frames that were scored."""

    model: str
    scored: int  # frames
    vmaf: float  # their mean
    harmonic: float  # harmonic mean
    low: float  # 5th percentile
    worst_second: float  # mean of the worst second
    worst_second_ms: int  # where it begins
    phone: float  # mean under the phone model


class RenditionRef(msgspec.Struct, frozen=True, kw_only=True):
    """One whole encoded stream, clear, before packaging. `keyframes` are frame numbers."""

    key: str
    sha256: str
    rung: Rung  # without a vmaf unless measured
    frames: int
    keyframes: tuple[int, ...]
    size: int
    vmaf_phone: float = 0.0
    planned_vmaf: float | None = None
    quality: Quality | None = None


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """Chunks of a rung that are to be encoded once more, and the rung's CRFs by which they are."""

    rung: PlannedRung
    chunks: tuple[int, ...]


class PlanQuick(Request[QuickPlan], frozen=True, kw_only=True):
    """The first playable version's plan; costs no decoding where the master is plain."""

    source: Source


class FindShots(Request[ShotPlan], frozen=True, kw_only=True):
    """Find the cuts and plan the chunks. With `keyframes`, those of a version that is there, the
    plan has these and no others."""

    source: Source
    keyframes: tuple[int, ...] = ()


class PlanTrials(Request[tuple[Trial, ...]], frozen=True, kw_only=True):
    """Choose samples, and say which encodes of them to try; each trial may run anywhere. First some
    at every size and over a wide range; what they tell, `known`, leads to more of them near the
    rungs to come. Nothing more to try is an empty answer."""

    source: Source
    shots: ShotPlan
    known: tuple[TrialResult, ...] = ()
    formats: tuple[Format, ...] = ()  # those of the settings where none is named


class RunTrial(Request[TrialResult], frozen=True, kw_only=True):
    source: Source
    picture: Picture
    trial: Trial
    small: bool = False  # with as little at once as can be: a worker has died of it before


class PlanLadder(Request[LadderPlan], frozen=True, kw_only=True):
    """The title's own ladders: convex hull over the trials, equal slope across shots. Without
    trials they are predicted, for `formats` or, where none is named, for those of the settings;
    rungs that are `made` already, as predicted, tell by how much the others are to be moved."""

    source: Source
    shots: ShotPlan
    results: tuple[TrialResult, ...]
    formats: tuple[Format, ...] = ()
    made: tuple[RenditionRef, ...] = ()


class EncodeChunk(Request[tuple[ChunkRef, ...]], frozen=True, kw_only=True):
    """All encodes of one chunk in one format, in the order asked for: it is decoded once. Raises
    `EncodingFailed`, also when the packets are not as planned."""

    source: Source
    picture: Picture
    chunk: Chunk
    encodes: tuple[Encode, ...]
    format: Format = H264_SDR
    small: bool = False  # with as little at once as can be: a worker has died of it before


class MeasureChunk(Request[tuple[ChunkScores, ...]], frozen=True, kw_only=True):
    """VMAF of a chunk's encodes against the source at display size, in the order asked for; on
    fewer frames where a `rough` figure will do. The encodes are of one format."""

    source: Source
    picture: Picture
    chunk: Chunk
    refs: tuple[ChunkRef, ...]
    rough: bool = False
    format: Format = H264_SDR
    small: bool = False  # with as little at once as can be: a worker has died of it before


class PlanCorrections(Request[tuple[Correction, ...]], frozen=True, kw_only=True):
    """Compare rungs with their plans. `scores` are the mean VMAF of each rung's chunks, in their
    order."""

    rungs: tuple[PlannedRung, ...]
    shots: ShotPlan
    scores: tuple[tuple[float, ...], ...]


class JoinChunks(Request[RenditionRef], frozen=True, kw_only=True):
    """Join a rung's chunks, given in their order, without encoding; `scores` are theirs. Raises
    `EncodingFailed` when they do not fit."""

    source: Source
    shots: ShotPlan
    rung: PlannedRung
    chunks: tuple[ChunkRef, ...]
    scores: tuple[ChunkScores, ...] = ()
