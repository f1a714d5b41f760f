"""The nouns of encoding that more than one domain speaks of."""

import enum
from typing import Literal, NewType

import msgspec

Language = NewType("Language", str)  # BCP 47, "und" when unknown
Scheme = Literal["cbcs", "cenc"]  # protection schemes of ISO/IEC 23001-7
SoundRole = Literal["main", "description", "commentary"]  # what a sound track is for


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


class KeyLabel(enum.StrEnum):
    """What a content key opens. A cap is a withheld key, so the classes follow the caps."""

    AUDIO = "AUDIO"
    SD = "SD"  # up to 576 lines
    HD = "HD"  # up to 1080 lines
    UHD = "UHD"

    @classmethod
    def of_height(cls, height: int) -> "KeyLabel":
        return cls.SD if height <= 576 else cls.HD if height <= 1080 else cls.UHD


class Rung(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a ladder as it was encoded and measured.

    `bitrate_kbps` is the average over the whole rendition, `peak_kbps` the highest segment.
    `vmaf` is the mean score at display size under `vmaf_model`.
    """

    name: str  # file stem: "v720"
    width: int
    height: int
    codec: Codec
    bitrate_kbps: int
    peak_kbps: int
    vmaf: float
    vmaf_model: str
    dynamic_range: DynamicRange = DynamicRange.SDR
    codec_string: str = ""  # RFC 6381: "avc1.640028"
    frame_rate: float = 0.0

    @property
    def format(self) -> Format:
        return Format(self.codec, self.dynamic_range)

    @property
    def key_label(self) -> KeyLabel:
        return KeyLabel.of_height(self.height)


Ladder = tuple[Rung, ...]  # lowest bitrate first


class AudioTrack(msgspec.Struct, frozen=True, kw_only=True):
    name: str  # file stem: "a-en-51"
    language: Language
    channels: int
    codec: Codec
    bitrate_kbps: int
    descriptive: bool = False
    commentary: bool = False
    label: str = ""  # what viewers read beside the language: "Director's commentary"

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
