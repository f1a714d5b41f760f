"""The master: what was found in it, how it is read, how loud it is."""

import enum
from typing import Any

import msgspec

from vitascope.encoding.contract.programme import Programme
from vitascope.encoding.contract.request import Request
from vitascope.kernel.media import DynamicRange, Language


class Severity(enum.StrEnum):
    REFUSAL = "refusal"
    WARNING = "warning"
    NOTE = "note"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something seen in a master. `code` is stable; `sentence` says what to fix."""

    code: str  # "no-video", "truncated", "black"
    severity: Severity
    sentence: str
    from_ms: int | None = None
    until_ms: int | None = None
    value: float | None = None
    unit: str = ""


class AudioSource(msgspec.Struct, frozen=True, kw_only=True):
    """One audio stream of a master. `index` is its place among all streams."""

    index: int
    language: Language
    channels: int
    sample_rate: int
    codec: str  # ffmpeg's name: "aac"
    layout: str = ""  # ffmpeg's name: "5.1(side)"
    descriptive: bool = False
    default: bool = False


class TextSource(msgspec.Struct, frozen=True, kw_only=True):
    """One subtitle track: a stream of the master (`index`), or a side file (`key`)."""

    language: Language
    codec: str  # ffmpeg's name: "subrip"
    index: int | None = None
    key: str | None = None
    forced: bool = False
    closed_captions: bool = False


class SoundSource(msgspec.Struct, frozen=True):
    """Sound to be encoded, and the picture that it goes with: of a master, or a file by itself for
    a film that is published. `starts_s` is when the first frame shows, in seconds after the file's
    own start. `commentary` and `label` are told with a file by itself."""

    key: str
    sha256: str  # of the file's bytes
    format: str  # ffmpeg's demuxer: "wav"
    programme: Programme
    streams: tuple[AudioSource, ...]
    starts_s: float = 0.0
    commentary: bool = False
    label: str = ""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A master as inspection understood it; every later step reads it by this.

    `width` and `height` are what a viewer sees: after rotation, in square pixels, even numbers.
    `frame_rate` is the constant rate we encode at, as ffmpeg writes it: "24000/1001".
    `frames` is the number of frames at that rate. `video_start_s` is when the first frame shows,
    in seconds after the file's own start; sound is cut or padded to begin with that frame.
    """

    master_key: str
    sha256: str  # of the master's bytes; names it in every later step
    size: int
    format: str  # ffmpeg's demuxer, given with -f: "mov", "matroska"
    duration_ms: int
    video_index: int
    width: int
    height: int
    frame_rate: str
    frames: int
    video_start_s: float = 0.0
    codec: str = ""
    vfr: bool = False
    interlaced: bool = False
    rotation: int = 0
    sample_aspect: str = "1:1"
    dynamic_range: DynamicRange = DynamicRange.SDR
    primaries: str = "bt709"  # colour tags as they are or were decided, in ffmpeg's words
    transfer: str = "bt709"
    matrix: str = "bt709"
    full_range: bool = False
    audio: tuple[AudioSource, ...] = ()
    text: tuple[TextSource, ...] = ()

    @property
    def programme(self) -> Programme:
        told = (self.sha256, self.frames, self.frame_rate, self.duration_ms)
        return Programme(*told)

    @property
    def sound(self) -> SoundSource:
        told = (self.master_key, self.sha256, self.format, self.programme, self.audio)
        return SoundSource(*told, starts_s=self.video_start_s)


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """`source` is there unless a finding is a refusal. `master` is the technical metadata."""

    findings: tuple[Finding, ...]
    source: Source | None
    master: dict[str, Any] = {}


class Loudness(msgspec.Struct, frozen=True, kw_only=True):
    """EBU R128 figures of one audio stream, as loudnorm's first pass measured them."""

    index: int  # the stream's place among all streams of the master
    integrated_lufs: float
    true_peak_dbtp: float
    range_lu: float
    threshold_lufs: float
    offset_lu: float = 0.0


class QcReport(msgspec.Struct, frozen=True, kw_only=True):
    findings: tuple[Finding, ...] = ()
    loudness: tuple[Loudness, ...] = ()

    @property
    def loudness_lufs(self) -> float | None:
        return self.loudness[0].integrated_lufs if self.loudness else None


class SoundInspection(msgspec.Struct, frozen=True, kw_only=True):
    """`stream` is there unless a finding is a refusal. `file` is the technical metadata."""

    findings: tuple[Finding, ...]
    stream: AudioSource | None = None
    sha256: str = ""
    format: str = ""
    qc: QcReport = QcReport()
    file: dict[str, Any] = {}


class InspectSound(Request[SoundInspection], frozen=True, kw_only=True):
    """Validate a file of sound for a film that is published: a full decode, its length beside that
    of the picture, silence, loudness. What the file says of language and role does not count.
    Never raises for what is in the file, as `Inspect`."""

    key: str
    duration_ms: int  # of the picture
    language: Language
    descriptive: bool = False


class Inspect(Request[Inspection], frozen=True, kw_only=True):
    """Validate, and decide how the master is read. Never raises for what is in the file: a bad
    master has findings of severity `refusal` and no source."""

    master_key: str
    file_name: str = ""


class CheckQuality(Request[QcReport], frozen=True, kw_only=True):
    """Integrity, black, freeze, silence, loudness, interlace, colour: a full decode."""

    source: Source
