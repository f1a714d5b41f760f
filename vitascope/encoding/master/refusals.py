"""Why a master is refused, and the sentences that tell a partner what to do about it."""

import re
from typing import Any

from vitascope.encoding.contract.master import Finding
from vitascope.encoding.master.findings import refuse
from vitascope.engines import media

VARIABLE = (
    "The frame rate varies. We encode at {rate} pictures a second, repeating or leaving out "
    "pictures; send a master of constant frame rate for the smoothest motion."
)
HALVED = "More than 60 pictures a second: every other picture is left out, {rate} remain."
INTERLACED = (
    "The picture is interlaced. We make full pictures of it; send a progressive master if there "
    "is one, it will look better."
)
ROTATED = "The picture is marked as turned; we turn it and plan sizes by what a viewer sees."
ANAMORPHIC = "Pixels are not square ({}); we widen the picture to square ones."
COLOUR = "The colour tags are incomplete. We assume {}; send a tagged master if that is wrong."
FULL_RANGE = "The picture uses the full range of values; we convert it to the video range."
HDR = "The picture is {}."
SILENT = "There is no sound. That is fine for a silent film; otherwise send a master with sound."
UNEVEN = "The sound in '{language}' ends {seconds:.1f} s {how} the picture; check that it is whole."

_KINDS = "QuickTime or MP4, Matroska or WebM, MXF, MPEG-TS, MPEG-PS or AVI"


def of_bytes(size: int, head: bytes) -> Finding | None:
    """Returns what the first bytes alone rule out."""
    if size == 0:
        return refuse("empty", "The file is empty. Upload it again.")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    playlist = text.startswith((b"#extm3u", b"ffconcat", b"[playlist]", b"<smil", b"<mpd"))
    if playlist or (text.startswith(b"<?xml") and b"<mpd" in text):
        return refuse(
            "playlist-not-media",
            "This is a playlist, which only names other files. Send the film itself.",
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
    return refuse("not-media", f"This is not a film that we can read. Send {_KINDS}.")


def of_picture(picture: dict[str, Any], most_pixels: int) -> list[Finding]:
    if not picture:
        return []
    width, height = int(picture.get("width", 0)), int(picture.get("height", 0))
    if width * height > most_pixels or max(width, height) > 16384:
        return [too_large(width, height)]
    if min(width, height) < 16:
        sentence = f"The picture is {width}x{height}, too small to show. Send the real master."
        return [refuse("too-small-picture", sentence)]
    return []


def too_large(width: int | None, height: int | None) -> Finding:
    size = f" ({width}x{height})" if width else ""
    return refuse(
        "too-large-picture",
        f"The picture is larger than we take{size}: at most 8192x4320. Scale it down and send it "
        "again.",
    )


def truncated(promised_s: float | None, got_s: float | None) -> Finding:
    lacking = (
        f": it promises {promised_s:.1f} s and holds {got_s:.1f} s"
        if promised_s is not None and got_s is not None
        else ""
    )
    return refuse(
        "truncated",
        f"The file is cut off{lacking}. Export it again, or check the copy, and upload it whole.",
    )


def undecodable(picture: dict[str, Any]) -> Finding:
    name = picture.get("codec_name", "unknown")
    return refuse(
        "undecodable",
        f"The picture ({name}) cannot be decoded: it is damaged or protected. Export it again.",
    )


def unsupported_codec(name: str) -> Finding:
    return refuse(
        "unsupported-codec",
        f"We do not take the codec '{name}'. Send H.264, H.265, ProRes, DNxHD, VP9, AV1, MPEG-2 or "
        "FFV1, with sound as AAC, AC-3, PCM, FLAC or Opus.",
    )


def _container() -> Finding:
    return refuse("unsupported-container", f"We do not take this kind of file. Send {_KINDS}.")
