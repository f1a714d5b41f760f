"""What a film is expected to cost."""

from collections.abc import Callable

import msgspec

from vitascope.encoding.contract.effort import Effort
from vitascope.kernel.media import FormatName


class FilmToEncode(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a film as is known before it is read."""

    frames: int
    width: int
    height: int
    frame_rate: float
    sounds: int = 1  # tracks
    hdr: bool = False


class EncodingCost(msgspec.Struct, frozen=True, kw_only=True):
    """Processor seconds by kind of work, and the bytes of what is published."""

    inspect: float
    quality: float
    audio: float
    first: float
    shots: float
    artwork: float
    trials: float
    encode: float
    thumbnails: float
    package: float
    verify: float
    size: float


CostOf = Callable[[Effort, FilmToEncode, tuple[FormatName, ...]], EncodingCost]
"""Tells what a job of this effort costs, by the settings of this service: in these formats, or in
those of the settings where none is named."""
