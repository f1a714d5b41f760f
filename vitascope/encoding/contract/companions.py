"""What goes with the picture: sound, subtitles, seek previews."""

import msgspec

from vitascope.encoding.contract.master import (
    Finding,
    QcReport,
    SoundSource,
    Source,
    TextSource,
)
from vitascope.encoding.contract.picture import RenditionRef
from vitascope.encoding.contract.programme import Programme
from vitascope.encoding.contract.request import Request
from vitascope.kernel.media import AudioTrack, TextTrack


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


class EncodeAudio(Request[tuple[AudioRef, ...]], frozen=True, kw_only=True):
    """AAC, stereo and where the sound has it 5.1, for every language; loudness normalised where
    `qc` measured it (an empty report leaves loudness as it is: the quick version)."""

    sound: SoundSource
    qc: QcReport


class SoundLag(msgspec.Struct, frozen=True, kw_only=True):
    """How late a sound is beside another one; None where the two do not tell."""

    lag_ms: float | None
    allowed_ms: float


class CompareSound(Request[SoundLag], frozen=True, kw_only=True):
    """Listen to a file of sound and to a track of the same film. Dubbed versions share music and
    effects, by which they can be laid beside each other; others have nothing in common."""

    sound: SoundSource
    beside: AudioRef


class MakeSubtitles(Request[tuple[TextRef, ...]], frozen=True, kw_only=True):
    """Embedded text tracks and side files as WebVTT. `source` is needed for embedded ones only."""

    programme: Programme
    text: tuple[TextSource, ...]
    source: Source | None = None


class MakeThumbnails(Request[ThumbnailSet], frozen=True, kw_only=True):
    """Make seek previews from the keyframes of a small rendition."""

    source: Source
    rendition: RenditionRef
