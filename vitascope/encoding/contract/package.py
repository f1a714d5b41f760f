"""The package as viewers get it, and what was verified of it."""

import msgspec

from vitascope.encoding.contract.companions import AudioRef, TextRef, ThumbnailSet
from vitascope.encoding.contract.master import SoundSource, Source
from vitascope.encoding.contract.picture import RenditionRef
from vitascope.encoding.contract.programme import Programme
from vitascope.encoding.contract.request import Request
from vitascope.kernel.ids import AssetId
from vitascope.kernel.media import AudioTrack, KeyLabel, Rung, Scheme, TextTrack
from vitascope.licensing import ContentKey


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
    scheme: Scheme
    files: dict[str, str]  # name -> SHA-256 hex
    sizes: dict[str, int]  # name -> bytes
    clear: dict[str, str] = {}  # rendition name -> blob key of the clear stream, for verifying
    thumbnails: ThumbnailSet | None = None
    frames: int = 0
    frame_rate: str = ""
    phone_vmaf: dict[str, float] = {}  # rung name -> VMAF on a phone, where it was assessed
    planned_vmaf: dict[str, float] = {}  # rung name -> VMAF, where there was a plan
    source: Source | None = None  # what it was made from, for verifying
    sounds: tuple[SoundSource, ...] = ()  # and files of sound that came later


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing verified. `sentence` says what was seen. One that could not be `decided` has
    passed, and says why it could not."""

    name: str  # "integrity", "frames", "decrypts", "locked", "key", "aligned", "range", "vmaf", ...
    subject: str  # a file or a rung
    passed: bool
    sentence: str
    decided: bool = True
    value: float | None = None
    wanted: float | None = None


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """May be published only when `passed`."""

    passed: bool
    checks: tuple[Check, ...]

    @property
    def failures(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)


class BuildPackage(Request[Package], frozen=True, kw_only=True):
    """`keys` must hold one for each label in use, and none where the scheme is `none`; `scheme` is
    empty for the setting's. The keys are used and forgotten. Raises `EncodingFailed`."""

    asset_id: AssetId
    programme: Programme
    renditions: tuple[RenditionRef, ...]
    audio: tuple[AudioRef, ...]
    text: tuple[TextRef, ...]
    keys: tuple[ContentKey, ...]
    scheme: Scheme | None = None
    thumbnails: ThumbnailSet | None = None
    source: Source | None = None  # to compare the sound with, when it is verified
    sounds: tuple[SoundSource, ...] = ()  # the same, for files of sound that came later


class OpenedPackage(msgspec.Struct, frozen=True, kw_only=True):
    """A version that was published, clear again: what another one can be made from."""

    programme: Programme
    renditions: tuple[RenditionRef, ...]
    audio: tuple[AudioRef, ...]
    text: tuple[TextRef, ...]
    thumbnails: ThumbnailSet | None = None


class OpenPackage(Request[OpenedPackage], frozen=True, kw_only=True):
    """Decrypt a published version, packet by packet, and read its subtitles; nothing is encoded.
    `keys` must hold one for each label in use where it is protected. Raises `EncodingFailed`."""

    prefix: str
    duration_ms: int
    ladder: tuple[Rung, ...]
    audio: tuple[AudioTrack, ...]
    text: tuple[TextTrack, ...]
    files: dict[str, str]  # name -> SHA-256 hex
    keys: tuple[ContentKey, ...]
    scheme: Scheme = "cbcs"  # `none` when nothing is to be decrypted


class VerifyPackage(Request[Verification], frozen=True, kw_only=True):
    """Decrypt and decode every rendition, compare with the clear one frame by frame, and see that
    it stays locked without the key; or that it needs none where it is not protected."""

    package: Package
    keys: tuple[ContentKey, ...]
