"""VP9 by libvpx: 8 bits are profile 0, 10 bits profile 2.

Equal `-g` and `-keyint_min` switch the encoder's own keyframes off; frames that are not shown
travel inside the packet of one that is, so packets are frames as everywhere else. A VP9 stream has
no headers of its own: any chunks of one size can be joined.
"""

from fractions import Fraction

import msgspec

from vitascope.encoding.contract.master import StaticMetadata
from vitascope.encoding.picture.frames import Size
from vitascope.encoding.picture.packets import Configuration
from vitascope.encoding.picture.recipes.recipe import NOTHING_SAID
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.timing import timescale
from vitascope.encoding.workspace import Encoder
from vitascope.kernel.media import Codec, Format

# level: luma samples a second, luma samples a frame (VP9 levels, webmproject.org)
_LEVELS = {
    10: (829_440, 36_864),
    11: (2_764_800, 73_728),
    20: (4_608_000, 122_880),
    21: (9_216_000, 245_760),
    30: (20_736_000, 552_960),
    31: (36_864_000, 983_040),
    40: (83_558_400, 2_228_224),
    41: (160_432_128, 2_228_224),
    50: (311_951_360, 8_912_896),
    51: (588_251_136, 8_912_896),
}
_NEVER = "99999"  # frames


class _Parameters(msgspec.Struct, frozen=True, kw_only=True):
    speed: int
    threads: int
    bits: int | msgspec.UnsetType = msgspec.UNSET  # 8 has no word: what is kept has a name already


class VP9:
    format: Format = Format(Codec.VP9)
    encoder: Encoder = Encoder(name="libvpx-vp9", raw="ivf", says=r"libvpx-vp9 @ \S+\] v(\S+)")
    finer: float = 0.0
    crf_range: tuple[float, float] = (10.0, 62.0)

    def trial_crfs(self, settings: EncodingSettings) -> tuple[float, ...]:
        return settings.vp9_trial_crfs

    def quick_crf(self, settings: EncodingSettings) -> float:
        return settings.vp9_quick_crf

    def bit_depth(self, settings: EncodingSettings) -> int:
        return settings.vp9_bits

    def parameters(self, settings: EncodingSettings) -> _Parameters:
        bits = msgspec.UNSET if settings.vp9_bits == 8 else settings.vp9_bits
        return _Parameters(speed=settings.vp9_speed, threads=settings.threads, bits=bits)

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
        # Whole steps only, as libvpx has them; `-b:v` with `-crf` is a ceiling, and 0 is none.
        return [
            *("-c:v", "libvpx-vp9", "-crf", str(round(crf)), "-b:v", f"{max_kbps}k"),
            *("-deadline", "good", "-cpu-used", str(settings.vp9_speed)),
            *("-g", _NEVER, "-keyint_min", _NEVER, "-lag-in-frames", "25"),
            *("-row-mt", "0", "-tile-columns", "0", "-threads", str(settings.threads)),
            *("-video_track_timescale", str(timescale(rate))),
        ]

    def codec_string(self, size: Size, rate: Fraction, told: Configuration) -> str:
        deep = told.profile == "Profile 2"
        return f"vp09.{'02' if deep else '00'}.{level_of(size, rate)}.{'10' if deep else '08'}"


def level_of(size: Size, rate: Fraction) -> int:
    """Returns the lowest VP9 level that carries this size at this rate, ten times."""
    samples = size.width * size.height
    fits = (
        level
        for level, (speed, most) in _LEVELS.items()
        if samples <= most and samples * rate <= speed
    )
    return next(fits, 52)
