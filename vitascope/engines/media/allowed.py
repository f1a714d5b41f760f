"""What may be opened when nobody vouches for a file. See docs/decisions/0008.

A playlist or a concat script names other files, so only containers that carry their own bytes are
allowed; a decoder that is not listed is never started.
"""

from vitascope.engines.media.contract import Limits

CONTAINERS = (
    *("mov", "matroska", "webm", "mpegts", "mxf", "avi", "mpeg"),
    *("wav", "w64", "flac", "ac3", "eac3", "ogg"),  # sound by itself
)

PICTURE_CODECS = (
    "h264",
    "hevc",
    "vp8",
    "vp9",
    "libvpx",
    "libvpx-vp9",
    "av1",
    "libdav1d",
    "mpeg1video",
    "mpeg2video",
    "mpeg4",
    "prores",
    "dnxhd",
    "ffv1",
    "mjpeg",
    "png",  # cover pictures
    "rawvideo",
    "v210",
    "cfhd",
)
SOUND_CODECS = (
    "aac",
    "ac3",
    "eac3",
    "mp2",
    "mp2float",
    "mp3",
    "mp3float",
    "opus",
    "libopus",
    "vorbis",
    "libvorbis",
    "flac",
    "alac",
    "dca",
    "truehd",
    "pcm_s16le",
    "pcm_s16be",
    "pcm_s24le",
    "pcm_s24be",
    "pcm_s32le",
    "pcm_s32be",
    "pcm_f32le",
    "pcm_f32be",
    "pcm_u8",
    "pcm_bluray",
)
# The last three are pictures: opened to be recognised, never shown.
TEXT_CODECS = (
    "subrip",
    "srt",
    "ass",
    "ssa",
    "mov_text",
    "webvtt",
    "text",
    "pgssub",
    "dvdsub",
    "dvbsub",
)

_GUARD = (
    ("-protocol_whitelist", "file"),
    ("-format_whitelist", ",".join(CONTAINERS)),
    ("-codec_whitelist", ",".join(PICTURE_CODECS + SOUND_CODECS + TEXT_CODECS)),
)


def guard(limits: Limits) -> list[str]:
    """Returns the options that go before `-i` of an input that is not trusted."""
    listed = [word for pair in _GUARD for word in pair]
    return [*listed, "-max_pixels", str(limits.max_pixels)]


def own() -> list[str]:
    """Returns the options that go before `-i` of a trusted input: still no network, no other
    protocol."""
    return ["-protocol_whitelist", "file"]
