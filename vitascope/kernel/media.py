"""The nouns of encoding that more than one domain speaks of."""

import enum
from collections.abc import Collection
from typing import Literal, NewType

import msgspec

Language = NewType("Language", str)  # BCP 47, "und" when unknown
Scheme = Literal["none", "cbcs", "cenc"]  # how a package is protected: not, or by ISO/IEC 23001-7
# What a ladder is ordered by: `hevc-hdr` is in the range of the master, HDR10 or HLG.
FormatName = Literal["h264", "vp9", "hevc", "av1", "hevc-hdr", "av1-hdr"]
SoundRole = Literal["main", "description", "commentary"]  # what a sound track is for
SoundOrigin = Literal["unknown", "original", "dub"]  # whether it is the film's own language


class Codec(enum.StrEnum):
    H264 = "h264"
    HEVC = "hevc"
    VP9 = "vp9"
    AV1 = "av1"
    AAC = "aac"
    OPUS = "opus"


class DynamicRange(enum.StrEnum):
    SDR = "sdr"
    HDR10 = "hdr10"
    HLG = "hlg"


class Format(msgspec.Struct, frozen=True, order=True):
    """How a picture is coded. A ladder is of one format, and a device plays it or does not."""

    codec: Codec
    dynamic_range: DynamicRange = DynamicRange.SDR

    @property
    def name(self) -> str:
        """Returns `h264`, `hevc-hdr10`."""
        ranged = self.dynamic_range is not DynamicRange.SDR
        return f"{self.codec}-{self.dynamic_range}" if ranged else str(self.codec)


H264_SDR = Format(Codec.H264)


def codec_named(name: FormatName) -> Codec:
    return Codec(name.removesuffix("-hdr"))


def is_of_hdr(name: FormatName) -> bool:
    return name.endswith("-hdr")


def format_named(name: FormatName, master: DynamicRange) -> Format | None:
    """Returns what this name means for a master of this range; None for HDR of one in SDR."""
    if not is_of_hdr(name):
        return Format(codec_named(name))
    return None if master is DynamicRange.SDR else Format(codec_named(name), master)


class KeyLabel(enum.StrEnum):
    """What a content key opens. A cap is a withheld key, so the classes follow the caps."""

    AUDIO = "AUDIO"
    SD = "SD"  # up to 576 lines
    HD = "HD"  # up to 720 lines
    FHD = "FHD"  # up to 1080 lines; packages made before there was this class have HD for both
    UHD = "UHD"

    @classmethod
    def of_height(cls, height: int) -> "KeyLabel":
        tops = ((576, cls.SD), (720, cls.HD), (1080, cls.FHD))
        return next((label for top, label in tops if height <= top), cls.UHD)


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a ladder as it was encoded and measured.

    `bitrate_kbps` is the average over the whole rendition, `peak_kbps` the highest segment.
    `vmaf` is the mean score at display size under `vmaf_model`; None where nobody measured it.
    Versions of before there was a measurement say 0 under no model, which is read as None.
    """

    name: str  # file stem: "v720"
    width: int
    height: int
    codec: Codec
    bitrate_kbps: int
    peak_kbps: int
    vmaf: float | None
    vmaf_model: str
    dynamic_range: DynamicRange = DynamicRange.SDR
    codec_string: str = ""  # RFC 6381: "avc1.640028"
    frame_rate: float = 0.0
    bit_depth: int = 8  # of a sample; a device that decodes a codec may not decode it in 10 bits

    def __post_init__(self) -> None:
        if not self.vmaf_model:
            msgspec.structs.force_setattr(self, "vmaf", None)

    @property
    def format(self) -> Format:
        return Format(self.codec, self.dynamic_range)

    @property
    def key_label(self) -> KeyLabel:
        """Returns the key that a package made now has for this rung."""
        return KeyLabel.of_height(self.height)

    def key_label_in(self, held: Collection[KeyLabel]) -> KeyLabel:
        """Returns the key that opens this rung in a package with the keys `held`, new or old."""
        label = self.key_label
        return KeyLabel.HD if label is KeyLabel.FHD and label not in held else label


Ladder = tuple[Rung, ...]  # lowest bitrate first


class AudioTrack(msgspec.Struct, frozen=True, kw_only=True):
    name: str  # file stem: "a-en-51"
    language: Language
    channels: int
    codec: Codec
    bitrate_kbps: int
    descriptive: bool = False
    commentary: bool = False
    origin: SoundOrigin = "unknown"
    label: str = ""  # what viewers read beside the language: "Director's commentary"
    member: int = 1  # counts tracks of one language and role; its stereo and 5.1 have the same

    @property
    def role(self) -> SoundRole:
        return role_of(descriptive=self.descriptive, commentary=self.commentary)


def role_of(*, descriptive: bool, commentary: bool) -> SoundRole:
    return "description" if descriptive else "commentary" if commentary else "main"


class TextTrack(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    language: Language
    forced: bool = False
    closed_captions: bool = False
