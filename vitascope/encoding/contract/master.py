"""The master: what was found in it, how it is read, how loud it is."""

import enum
from typing import Any, Literal

import msgspec

from vitascope.encoding.contract.finding_codes import KeptCode
from vitascope.encoding.contract.programme import Programme
from vitascope.encoding.contract.request import Request
from vitascope.kernel.media import DynamicRange, Language, SoundOrigin


class Severity(enum.StrEnum):
    REFUSAL = "refusal"
    REVIEW = "review"  # somebody decides whether the film is published
    WARNING = "warning"
    NOTE = "note"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something seen in a master. `code` is stable; `sentence` says what to fix."""

    code: KeptCode  # "no-video", "truncated", "black"
    severity: Severity
    sentence: str
    from_ms: int | None = None
    until_ms: int | None = None
    value: float | None = None
    unit: str = ""
    picture: str = ""  # the name of one that shows the place, where it is kept with a job


FieldOrder = Literal["auto", "tff", "bff"]  # auto: as each picture says of itself


class AudioSource(msgspec.Struct, frozen=True, kw_only=True):
    """One audio stream of a master. `index` is its place among all streams. A mix that lies in
    several mono streams has them as `parts`, in the order of its layout ("FL+FR")."""

    index: int
    language: Language
    channels: int
    sample_rate: int
    codec: str  # ffmpeg's name: "aac"
    layout: str = ""  # ffmpeg's name: "5.1(side)"
    descriptive: bool = False
    commentary: bool = False
    origin: SoundOrigin = "unknown"
    label: str = ""
    default: bool = False
    apart: bool = False  # a stereo that was heard to be no mix of the 5.1 beside it
    parts: tuple[int, ...] = ()
    # nothing tells that the parts are one mix. Unset elsewhere: older names of steps stay
    guessed: bool | msgspec.UnsetType = msgspec.UNSET

    def alone(self, part: int) -> "AudioSource":
        """Returns one of the mono streams of a mix by itself."""
        return msgspec.structs.replace(
            self, index=part, channels=1, layout="mono", parts=(), guessed=msgspec.UNSET
        )


class TextSource(msgspec.Struct, frozen=True, kw_only=True):
    """One subtitle track: a stream of the master (`index`), or a side file (`key`)."""

    language: Language
    codec: str  # ffmpeg's name: "subrip"
    index: int | None = None
    key: str | None = None
    forced: bool = False
    closed_captions: bool = False
    moved_ms: int = 0  # by which a side file's times are to be later


class SoundSource(msgspec.Struct, frozen=True):
    """Sound to be encoded, and the picture that it goes with: of a master, or a file by itself for
    a film that is published. `starts_s` is when the first frame shows, in seconds after the file's
    own start. `picture` is its stream in the same file, None where there is none."""

    key: str
    sha256: str  # of the file's bytes
    format: str  # ffmpeg's demuxer: "wav"
    programme: Programme
    streams: tuple[AudioSource, ...]
    starts_s: float = 0.0
    picture: int | None = None


class MasteringDisplay(msgspec.Struct, frozen=True, kw_only=True):
    """The display that a master was graded on (SMPTE ST 2086): x and y in steps of 0.00002,
    luminance in steps of 0.0001 cd/m2."""

    red: tuple[int, int]
    green: tuple[int, int]
    blue: tuple[int, int]
    white: tuple[int, int]
    most: int
    least: int


class ContentLight(msgspec.Struct, frozen=True, kw_only=True):
    """The brightest pixel, and the brightest picture by its mean, in cd/m2 (CTA-861.3: MaxCLL and
    MaxFALL)."""

    pixel: int
    picture: int


class StaticMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a master in HDR says of all of itself. Nothing is made up where it says nothing."""

    display: MasteringDisplay | None = None
    light: ContentLight | None = None


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A master as inspection understood it; every later step reads it by this.

    `width` and `height` are what a viewer sees: after rotation, in square pixels, even numbers.
    `frame_rate` is the constant rate we encode at, as ffmpeg writes it: "24000/1001".
    `frames` is the number of frames at that rate. `video_start_s` is when the first frame shows,
    in seconds after the file's own start; sound is cut or padded to begin with that frame.
    `vfr` says that frames are not the master's pictures one by one: their rate varies, is above 60
    or below 10 a second, or the last one stays for sound that goes on.
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
    interlaced: bool = False  # every field becomes a frame
    field_order: FieldOrder = "auto"
    pulled_down: bool = False  # film in the fields of video, from which its frames are taken back
    rotation: int = 0
    sample_aspect: str = "1:1"
    dynamic_range: DynamicRange = DynamicRange.SDR
    primaries: str = "bt709"  # colour tags as they are or were decided, in ffmpeg's words
    transfer: str = "bt709"
    matrix: str = "bt709"
    coded_matrix: str = ""  # what it is converted from; empty where it is kept
    full_range: bool = False
    rgb: bool = False  # the tags are those of what it becomes
    pictures: int = 0  # in the master; 0 when they were not counted
    clear_changes: int | None = None  # those that clearly differ from the one before, as decoded
    static: StaticMetadata = StaticMetadata()  # of HDR
    audio: tuple[AudioSource, ...] = ()
    text: tuple[TextSource, ...] = ()

    @property
    def programme(self) -> Programme:
        told = (self.sha256, self.frames, self.frame_rate, self.duration_ms)
        return Programme(*told)

    @property
    def sound(self) -> SoundSource:
        told = (self.master_key, self.sha256, self.format, self.programme, self.audio)
        return SoundSource(*told, starts_s=self.video_start_s, picture=self.video_index)


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """`source` is there unless a finding is a refusal. `master` is the technical metadata."""

    findings: tuple[Finding, ...]
    source: Source | None
    master: dict[str, Any] = {}


class Loudness(msgspec.Struct, frozen=True, kw_only=True):
    """EBU R128 figures of one audio stream, as it was delivered."""

    index: int  # the stream's place among all streams of the master
    integrated_lufs: float
    true_peak_dbtp: float
    range_lu: float
    threshold_lufs: float
    offset_lu: float = 0.0


class QcReport(msgspec.Struct, frozen=True, kw_only=True):
    findings: tuple[Finding, ...] = ()
    loudness: tuple[Loudness, ...] = ()
    damaged: bool = False  # in parts, fewer than make a refusal
    clear_changes: int | None = None  # pictures that clearly differ from the one before
    apart: tuple[int, ...] = ()  # streams of stereo that are no mixes of the 5.1 beside them
    split: tuple[tuple[int, ...], ...] = ()  # mono streams that are no mix, or one that is heard

    @property
    def loudness_lufs(self) -> float | None:
        return self.loudness[0].integrated_lufs if self.loudness else None

    def as_decoded(self, source: Source) -> Source:
        """Returns the master as it is to be read, with what was counted of it: one that is damaged
        in parts is decoded once, from its beginning, since a decoder that begins in the middle
        sees other damage; and with what was heard of its sound."""
        vfr, clear = source.vfr or self.damaged, self.clear_changes
        audio = self.told_apart(source.audio)
        return msgspec.structs.replace(source, vfr=vfr, clear_changes=clear, audio=audio)

    def _split(self, sound: AudioSource) -> tuple[AudioSource, ...]:
        """Returns the mono streams of what was taken for a mix and is none; else the sound."""
        parts = next((each for each in self.split if each[0] in sound.parts), ())
        return tuple(map(sound.alone, parts)) or (sound,)

    def told_apart(self, sounds: tuple[AudioSource, ...]) -> tuple[AudioSource, ...]:
        """Returns sounds with those marked that are no mixes of a 5.1, and without mixes of mono
        streams that are none."""
        marked = msgspec.structs.replace
        whole = (one for sound in sounds for one in self._split(sound))
        return tuple(marked(sound, apart=sound.index in self.apart) for sound in whole)


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


class FindingPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A small picture of the film at a place, as WebP."""

    key: str
    at_ms: int


class PictureFindings(Request[tuple[FindingPicture, ...]], frozen=True, kw_only=True):
    """Small pictures of a master at these times. What cannot be decoded there has none."""

    source: Source
    at_ms: tuple[int, ...]


class CheckQuality(Request[QcReport], frozen=True, kw_only=True):
    """Integrity, black, freeze, silence, loudness, interlace, colour: a full decode."""

    source: Source
