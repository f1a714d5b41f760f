"""Why a master is refused, and the sentences that tell a partner what to do about it."""

import re
from collections.abc import Sequence
from typing import Any

from vitascope.encoding.contract.master import Finding
from vitascope.encoding.master.findings import refuse
from vitascope.encoding.master.listing import MOST_PACKETS, MOST_PICTURES
from vitascope.engines import media

VARIABLE = (
    "The frame rate varies. It is converted to a constant {rate} fps: {kept} of {all} pictures "
    "keep a frame of their own, and some are repeated. Send a master with a constant frame rate "
    "for smoother motion."
)
REPEATED = "There are fewer than 10 pictures a second. Each is repeated, at {rate} fps."
CLOCK = (
    "The clock of the recording jumps {how} by {by:.1f} s at {seconds:.1f} s. The film goes on "
    "there without a gap. Check the sound around it."
)
INSIDE = (
    "The recording begins between two keyframes. Its first {} pictures can't be decoded and are "
    "left out; the film begins with the first keyframe."
)
TAIL = "The audio goes on for {seconds:.1f} s after the last picture, which stays until it ends."
HALVED = "The frame rate is above 60 fps. Every other frame is dropped; {rate} fps remain."
INTERLACED = (
    "The video is interlaced and is deinterlaced: each field becomes a frame, at {rate} fps. Send "
    "a progressive master if you have one: it looks better."
)
PULLED_DOWN = (
    "The video is film in the fields of 30 fps video (2:3 pulldown). The frames of the film are "
    "restored, at {rate} fps. Send the film's own frames if you have them."
)
ROTATED = "The video is marked as rotated. It is encoded upright, as players show it."
ANAMORPHIC = "The pixels are not square ({}). The video is scaled to square pixels."
COLOUR = "The colour tags are incomplete; {} is assumed. Send a tagged master if that is wrong."
MATRIX = "The colours are stored with a matrix that few players know ({}). They are converted."
WIDE = (
    "The colours are those of a wider range ({}), which many players take for Rec. 709. They are "
    "converted to Rec. 709."
)
FULL_RANGE = "The video has full-range levels. They are converted to limited range."
HDR = "The video is {}. It is converted to SDR, and kept as it is for the formats in HDR."
SILENT = "The file has no sound. Send a master with sound, unless the film is silent."
EMPTY = "Audio stream {} has no data and is left out."
PROGRAMS = (
    "The recording has several programmes. One is taken; audio and subtitles of the others are "
    "left out."
)
UNHEARD = (
    "Audio stream {} ({}) has no sound that can be read in the first ten minutes (or 256 MiB) of "
    "the file and is left out. If it begins later, let it begin with the film, in silence."
)
EARLY = (
    "{audio} begins {seconds:.1f} s before the first picture. The film begins "
    "with its picture: what is heard before is left out."
)
UNEVEN = "{audio} ends {seconds:.1f} s {how} the video. Check that it is complete."
SOUND = "AAC, AC-3, PCM, FLAC or Opus"
_NARROWEST = 16  # of 240 lines a column of 15 pixels is left
_KINDS = "QuickTime or MP4, Matroska or WebM, MXF, MPEG-TS, MPEG-PS, AVI, DV, FLV or WMV"
_SOUND_KINDS = "WAV, FLAC, AC-3, E-AC-3, M4A or Ogg, or a film with this audio"


def of_bytes(size: int, head: bytes) -> Finding | None:
    """Returns what the first bytes alone rule out."""
    if size == 0:
        return refuse("empty", "The file is empty. Upload it again.")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    playlist = text.startswith((b"#extm3u", b"ffconcat", b"[playlist]", b"<smil", b"<mpd"))
    if playlist or (text.startswith(b"<?xml") and b"<mpd" in text):
        return refuse(
            "playlist-not-media",
            "This is a playlist, which only refers to other files. Upload the film itself.",
        )
    return None


def of_opening(failure: media.ToolFailed) -> Finding:
    """Returns what the reader's last words mean."""
    said = "\n".join(failure.extra.get("last_lines", ()))
    if "not on whitelist" in said:
        found = re.search(r"Codec \((\S+?)\) not on whitelist", said)
        return unsupported_codec(found[1]) if found else _container()
    if "exceeds specified max pixel count" in said:
        return too_large(None, None)
    if "moov atom not found" in said or "ended prematurely" in said or "End of file" in said:
        return truncated(None, None)
    return refuse("not-media", f"This file is not a video that can be read. Upload {_KINDS}.")


def too_many_packets() -> Finding:
    return refuse(
        "too-many-packets",
        f"The file has more than {MOST_PACKETS // 1_000_000} million packets, or "
        f"{MOST_PICTURES // 1_000_000} million pictures. Send the film in parts.",
    )


def of_opening_sound(failure: media.ToolFailed) -> Finding:
    """Returns the same for a file of sound."""
    found = of_opening(failure)
    if found.code == "truncated":
        return found
    if found.code == "unsupported-codec":
        return unsupported_sound()
    return refuse("not-media", f"The file can't be read as audio. Upload {_SOUND_KINDS}.")


def no_sound() -> Finding:
    return refuse("no-sound", f"The file has no audio. Upload {_SOUND_KINDS}.")


def mute() -> Finding:
    return refuse("mute", "The audio is silent from beginning to end. Export it again.")


def damaged_sound(position_ms: int) -> Finding:
    return refuse(
        "damaged",
        f"The audio is damaged about {position_ms / 1000:.1f} s in and cannot be decoded to its "
        "end. Export it again, or check the copy.",
    )


def other_length(sound_ms: int, picture_ms: int, allowed_s: float) -> Finding:
    return refuse(
        "audio-length",
        f"The audio lasts {sound_ms / 1000:.2f} s and the picture {picture_ms / 1000:.2f} s. They "
        f"may differ by {allowed_s:g} s. Upload the audio of this version, from its first picture "
        "to its last.",
    )


def of_picture(picture: dict[str, Any], most_pixels: int) -> list[Finding]:
    if not picture:
        return []
    width, height = int(picture.get("width", 0)), int(picture.get("height", 0))
    if not width * height:
        return [undecodable(picture)]
    if width * height > most_pixels or max(width, height) > 16384:
        return [too_large(width, height)]
    if min(width, height) < 16:
        sentence = f"The video is only {width}x{height} pixels. Upload the full-size master."
        return [refuse("too-small-picture", sentence)]
    if max(width, height) > _NARROWEST * min(width, height):
        sentence = (
            f"The video is {width}x{height} pixels, too narrow to be shown. The long side may be "
            f"{_NARROWEST} times the short one at most."
        )
        return [refuse("too-narrow-picture", sentence)]
    return []


def too_large(width: int | None, height: int | None) -> Finding:
    size = f" ({width}x{height})" if width else ""
    return refuse(
        "too-large-picture",
        f"The video is too large{size}. The maximum is 8192x4320: scale it down, then upload it.",
    )


def truncated(promised_s: float | None, got_s: float | None) -> Finding:
    lacking = (
        f": it should be {promised_s:.1f} s long and has {got_s:.1f} s"
        if promised_s is not None and got_s is not None
        else ""
    )
    return refuse(
        "truncated",
        f"The file is incomplete{lacking}. Export or copy it again, and upload the whole file.",
    )


def undecodable(picture: dict[str, Any]) -> Finding:
    name = picture.get("codec_name", "unknown")
    return refuse(
        "undecodable",
        f"The video ({name}) can't be decoded: it is damaged or encrypted. Export it again.",
    )


def unsupported_codec(name: str) -> Finding:
    return refuse(
        "unsupported-codec",
        f"The codec '{name}' is not supported. Use H.264, H.265, ProRes, DNxHD, VP9, AV1, MPEG-2, "
        f"JPEG 2000, DV or FFV1 for video, and {SOUND} for audio.",
    )


def unsupported_sound() -> Finding:
    return refuse(
        "unsupported-codec",
        f"None of the audio tracks can be read. Use {SOUND}, with 1 to 16 channels.",
    )


def would_be_silent(codecs: Sequence[str]) -> Finding:
    """Returns a refusal of a film of which no sound can be read: nobody asked for a silent one."""
    return refuse(
        "unsupported-codec",
        f"The film would be silent: none of its audio tracks can be read ({', '.join(codecs)}). "
        f"Export the audio as {SOUND}, with 1 to 16 channels. If the film is meant to be silent, "
        "upload it without audio.",
    )


def _container() -> Finding:
    return refuse("unsupported-container", f"This file format is not supported. Upload {_KINDS}.")
