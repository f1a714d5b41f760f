"""What may be opened when nobody vouches for a file. See docs/decisions/0008.

A playlist or a concat script names other files, so only containers that carry their own bytes are
allowed; a decoder that is not listed is never started.
"""

import re
from collections.abc import Sequence

from vitascope.engines.media.contract import Limits

FILM_CONTAINERS = ("mov", "matroska", "webm", "mpegts", "mxf", "avi", "mpeg", "dv", "asf", "flv")
CONTAINERS = (
    *FILM_CONTAINERS,
    *("wav", "w64", "flac", "ac3", "eac3", "ogg"),  # sound by itself
)

PICTURE_CODECS = (
    *("h264", "hevc", "vp8", "vp9", "libvpx", "libvpx-vp9", "av1", "libdav1d", "theora"),
    *("mpeg1video", "mpeg2video", "mpeg4", "msmpeg4v2", "msmpeg4"),
    *("wmv1", "wmv2", "wmv3", "vc1"),
    *("flv", "vp6", "vp6f", "h263", "h263i", "h263p"),  # Flash, telephones
    *("prores", "dnxhd", "cfhd", "mjpeg", "jpeg2000", "dvvideo"),
    *("ffv1", "huffyuv", "ffvhuff", "utvideo", "qtrle", "rawvideo", "v210"),  # archives
)
COVER_CODECS = ("png",)
SOUND_CODECS = (
    *("aac", "aac_latm", "ac3", "eac3", "dca", "truehd", "mlp", "s302m"),
    *("mp1", "mp1float", "mp2", "mp2float", "mp3", "mp3float"),
    *("opus", "libopus", "vorbis", "libvorbis", "flac", "alac", "wavpack", "tta"),
    *("amrnb", "amrwb", "wmav1", "wmav2", "wmapro", "nellymoser", "speex"),  # 3GP, AVI, FLV
    *("pcm_s8", "pcm_s8_planar", "pcm_u8", "pcm_alaw", "pcm_mulaw"),
    *("pcm_s16le", "pcm_s16be", "pcm_s16le_planar", "pcm_s16be_planar", "pcm_u16le", "pcm_u16be"),
    *("pcm_s24le", "pcm_s24be", "pcm_s24le_planar", "pcm_u24le", "pcm_u24be", "pcm_s24daud"),
    *("pcm_s32le", "pcm_s32be", "pcm_s32le_planar", "pcm_u32le", "pcm_u32be"),
    *("pcm_s64le", "pcm_s64be", "pcm_f16le", "pcm_f24le", "pcm_f32le", "pcm_f32be"),
    *("pcm_f64le", "pcm_f64be", "pcm_bluray", "pcm_dvd"),
    *("adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "adpcm_swf", "adpcm_yamaha", "g722", "g726"),
)
# Decoders that have another name than the codec that they read.
_CODECS_OF = {
    **{"libvpx": "vp8", "libvpx-vp9": "vp9", "libdav1d": "av1", "msmpeg4": "msmpeg4v3"},
    **{"dca": "dts", "g722": "adpcm_g722", "g726": "adpcm_g726"},
    **{"amrnb": "amr_nb", "amrwb": "amr_wb", "flv": "flv1"},
}
# The last three are pictures: opened to be recognised, never shown.
TEXT_CODECS = (
    "subrip",
    "srt",
    "ass",
    "ssa",
    "mov_text",
    "webvtt",
    "text",
    "cc_dec",
    "pgssub",
    "dvdsub",
    "dvbsub",
)

_CODECS = (*PICTURE_CODECS, *COVER_CODECS, *SOUND_CODECS, *TEXT_CODECS)

_GUARD = (
    ("-protocol_whitelist", "file"),
    ("-format_whitelist", ",".join(CONTAINERS)),
    ("-codec_whitelist", ",".join(_CODECS)),
)


# Where no header names the streams, they are found by reading, and numbered as they come: each run
# reads as far ahead as the others, for sound that begins after minutes. The packets read wait in
# memory. A named container with a header needs none of it: a track of drawn subtitles without its
# size would have every chunk of a film begin with this much reading.
_WITHOUT_HEADER = ("mpegts", "mpeg", "flv", "")
_READ_AHEAD = ("-probesize", str(256 * 2**20), "-analyzeduration", str(600 * 10**6))


def guard(limits: Limits, demuxer: str = "") -> list[str]:
    """Returns the options that go before `-i` of an input that is not trusted; `demuxer` is empty
    where the container is not known yet."""
    listed = [word for pair in _GUARD for word in pair]
    ahead = _READ_AHEAD if demuxer in _WITHOUT_HEADER else ()
    return [*listed, *ahead, "-max_pixels", str(limits.max_pixels)]


def hears(codec: str) -> bool:
    """Returns True for a codec of sound, by ffprobe's name, that may be decoded."""
    return _reads(SOUND_CODECS, codec)


def sees(codec: str) -> bool:
    """Returns True for a codec of pictures that may be decoded."""
    return _reads(PICTURE_CODECS, codec)


def _reads(decoders: Sequence[str], codec: str) -> bool:
    return any(codec == _CODECS_OF.get(decoder, decoder) for decoder in decoders)


def opening(decoders: Sequence[str]) -> list[str]:
    """Returns options for ffprobe, after those of `guard`, by which it describes a file that has
    streams for other decoders: it opens these and gives them nothing to decode, since what reads
    ahead keeps to the list. Raises `ValueError` for what is no decoder's name."""
    if any(not re.fullmatch(r"[a-z0-9_.-]+", name) for name in decoders):
        raise ValueError("a decoder's name has letters, digits and lines only")
    listed = ",".join((*_CODECS, *decoders))
    kinds = ("v", "a", "s", "d") if decoders else ()
    return [word for kind in kinds for word in (f"-codec_whitelist:{kind}", listed)]


def own() -> list[str]:
    """Returns the options that go before `-i` of a trusted input: still no network, no other
    protocol."""
    return ["-protocol_whitelist", "file"]
