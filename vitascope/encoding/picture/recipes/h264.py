"""H.264 by x264.

`stitchable` keeps x264 from writing what differs by quality into the stream's headers, so that
chunks of different CRFs are one stream.
"""

from fractions import Fraction

import msgspec

from vitascope.encoding.contract.master import StaticMetadata
from vitascope.encoding.picture.frames import Size
from vitascope.encoding.picture.packets import Configuration
from vitascope.encoding.picture.recipes.recipe import NOTHING_SAID
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.timing import timescale
from vitascope.encoding.workspace import X264, Encoder
from vitascope.kernel.media import H264_SDR, Format

# level: macroblocks a second, macroblocks a frame (H.264, table A-1)
_LEVELS = {
    "3.0": (40_500, 1_620),
    "3.1": (108_000, 3_600),
    "3.2": (216_000, 5_120),
    "4.0": (245_760, 8_192),
    "4.2": (522_240, 8_704),
    "5.1": (983_040, 36_864),
    "5.2": (2_073_600, 36_864),
}
# profile_idc and constraint flags of what x264 writes
_PROFILES = {"Constrained Baseline": "42c0", "Main": "4d40", "High": "6400"}

TUNING = "trellis=1:aq-strength=0.6"
"""What is set beside the preset. Trellis quantisation, which the fast presets leave out, saves a
tenth and costs next to nothing; weaker adaptive quantisation moves bits from flat parts to those
that people look at."""


class _Parameters(msgspec.Struct, frozen=True, kw_only=True):
    preset: str
    tuning: str
    threads: int  # x264's output depends on it


class H264:
    format: Format = H264_SDR
    encoder: Encoder = X264
    finer: float = 0.0
    crf_range: tuple[float, float] = (12.0, 45.0)

    def trial_crfs(self, settings: EncodingSettings) -> tuple[float, ...]:
        return settings.trial_crfs

    def quick_crf(self, settings: EncodingSettings) -> float:
        return settings.quick_crf

    def bit_depth(self, settings: EncodingSettings) -> int:
        return 8  # nearly no decoder of H.264 in hardware reads more

    def parameters(self, settings: EncodingSettings) -> _Parameters:
        return _Parameters(preset=settings.preset, tuning=TUNING, threads=settings.threads)

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
        structure = "stitchable=1:keyint=infinite:scenecut=0:open-gop=0"
        params = f"{structure}:{TUNING}:threads={settings.threads}"
        cap = ["-maxrate", f"{max_kbps}k", "-bufsize", f"{2 * max_kbps}k"] if max_kbps else []
        return [
            *("-c:v", "libx264", "-preset", settings.preset, "-crf", f"{crf:.2f}"),
            *("-profile:v", "high", "-level", level_of(size, rate), *cap),
            *("-x264-params", params, "-video_track_timescale", str(timescale(rate))),
        ]

    def codec_string(self, size: Size, rate: Fraction, told: Configuration) -> str:
        profile = _PROFILES.get(told.profile, "6400")
        return f"avc1.{profile}{told.level:02x}"


def level_of(size: Size, rate: Fraction) -> str:
    """Returns the lowest H.264 level that carries this size at this rate. Named, not left to x264,
    so that every chunk of a rung says the same."""
    blocks = -(-size.width // 16) * -(-size.height // 16)
    fits = (
        level
        for level, (speed, most) in _LEVELS.items()
        if blocks <= most and blocks * rate <= speed
    )
    return next(fits, "5.2")
