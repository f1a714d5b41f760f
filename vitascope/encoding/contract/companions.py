"""What goes with the picture: sound, subtitles, seek previews."""

import msgspec

from vitascope.encoding.contract.master import Finding
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
