"""The codes of findings. The OpenAPI document names them, and the web app has a text for each."""

from typing import Annotated, Literal, get_args

import msgspec

FindingCode = Literal[
    # the file
    "empty",
    "playlist-not-media",
    "not-media",
    "too-many-packets",
    "unsupported-container",
    "truncated",
    "damaged",
    "damaged-parts",
    "clock-jumps",
    "clock-jumps-more",
    "starts-inside",
    # the picture
    "no-video",
    "no-picture-data",
    "encrypted-master",
    "several-pictures",
    "undecodable",
    "unsupported-codec",
    "unsupported-colour",
    "too-large-picture",
    "too-small-picture",
    "too-narrow-picture",
    "variable-frame-rate",
    "frames-repeated",
    "frame-rate-halved",
    "last-picture-stays",
    "interlaced",
    "pulled-down",
    "rotated",
    "pixels-not-square",
    "colour-assumed",
    "colour-converted",
    "full-range",
    "hdr",
    "black",
    "freeze",
    # sound
    "no-audio",
    "no-sound",
    "mute",
    "silence",
    "size-changes",
    "several-sounds",
    "sound-left-out",
    "language-unknown",
    "audio-early",
    "audio-length",
    "loudness",
    "loudness-unknown",
    "loudness-unusual",
    "true-peak",
    "mono-joined",
    "mono-apart",
    "stereo-mix",
    "stereo-apart",
    "sound-already-there",
    "sound-out-of-step",
    "sync-unknown",
    # subtitles
    "subtitles-are-pictures",
    "subtitles-left-out",
    "subtitles-empty",
    "subtitles-unreadable",
    "subtitle-charset",
    "subtitle-charset-mixed",
    "subtitle-unreadable-cues",
    "subtitle-without-text",
    "subtitle-backwards",
    "subtitle-no-length",
    "subtitle-hours",
    "subtitle-outside",
    "subtitle-cut",
    "subtitle-overlap",
    "subtitle-too-fast",
    # artwork
    "no-artwork",
    "artwork-failed",
]

FINDING_CODES: tuple[str, ...] = get_args(FindingCode)

# As it is kept: a report of an older version may have a code that no version makes any more.
KeptCode = Annotated[str, msgspec.Meta(examples=list(FINDING_CODES))]
