"""What a recipe says of its encoder."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol

import msgspec

from vitascope.encoding.contract.master import StaticMetadata
from vitascope.encoding.picture.frames import Size
from vitascope.encoding.picture.packets import Configuration
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.workspace import Encoder
from vitascope.kernel.media import Format

NOTHING_SAID = StaticMetadata()


def finer_by(crfs: Sequence[float], steps: float) -> tuple[float, ...]:
    """Returns qualities that are finer by so many steps, down to a quarter of what they were."""
    return tuple(max(crf - steps, crf / 4) for crf in crfs)


class Recipe(Protocol):
    """All chunks of a rung are encoded alike but for their CRF, begin with a keyframe, have others
    only where they are told to, and can be joined without encoding."""

    @property
    def format(self) -> Format: ...

    @property
    def encoder(self) -> Encoder: ...

    @property
    def finer(self) -> float:
        """Returns the steps of CRF by which the same picture is coded finer than in SDR for as many
        bits and the same score: HDR spreads the levels of SDR over a part of its own."""
        ...

    def trial_crfs(self, settings: EncodingSettings) -> tuple[float, ...]:
        """Returns the qualities to try at each height, the finest first; at least four."""
        ...

    def quick_crf(self, settings: EncodingSettings) -> float:
        """Returns the quality of the first playable version."""
        ...

    @property
    def crf_range(self) -> tuple[float, float]:
        """Returns the finest and the coarsest that a correction may go to."""
        ...

    def bit_depth(self, settings: EncodingSettings) -> int:
        """Returns 8 or 10: bits of a sample, which players are told by the codec string."""
        ...

    def parameters(self, settings: EncodingSettings) -> msgspec.Struct:
        """Returns those of the settings on which the output depends: part of a chunk's name."""
        ...

    def arguments(
        self,
        size: Size,
        rate: Fraction,
        crf: float,
        settings: EncodingSettings,
        *,
        max_kbps: int = 0,
        static: StaticMetadata = NOTHING_SAID,
    ) -> list[str]:
        """Returns ffmpeg's arguments for one output into MP4. `static` is what is written into the
        stream, where it has a place for that."""
        ...

    def codec_string(self, size: Size, rate: Fraction, told: Configuration) -> str:
        """Returns the codec string of RFC 6381, by which a player is asked whether it can play."""
        ...
