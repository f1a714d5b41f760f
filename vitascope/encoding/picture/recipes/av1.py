"""AV1 by SVT-AV1, Main profile in 8 or 10 bits.

What SVT-AV1 writes does not depend on its threads, unless a rate buffer is set: then it does, so
that a chunk with one is encoded by a single thread, which costs nothing where several chunks are
encoded at once. Frames that are not shown travel inside the temporal unit of one that is, so
packets are frames. The sequence header is the same for all qualities. CRF goes in quarter steps.

What a master says of its HDR is not written into the frames: the packager can't encrypt such. It is
added to the configuration of what is packaged.
"""

from fractions import Fraction

import msgspec

from vitascope.encoding.contract.master import StaticMetadata
from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.picture.frames import Size
from vitascope.encoding.picture.packets import Configuration
from vitascope.encoding.picture.recipes.recipe import NOTHING_SAID, finer_by
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.timing import timescale
from vitascope.encoding.workspace import Encoder
from vitascope.kernel.media import Codec, DynamicRange, Format

# Measured on two films of SDR, brought to PQ and HLG: as many bytes, and a score within a point.
_FINER = {DynamicRange.HDR10: 15.0, DynamicRange.HLG: 7.0}


class _Parameters(msgspec.Struct, frozen=True, kw_only=True):
    preset: int
    bits: int


class Av1:
    """In SDR, or in a range of HDR, which has ten bits whatever is set."""

    encoder: Encoder = Encoder(name="libsvtav1", raw="ivf", says=r"SVT-AV1 Encoder Lib v(\S+)")

    def __init__(self, dynamic_range: DynamicRange = DynamicRange.SDR) -> None:
        self.format = Format(Codec.AV1, dynamic_range)
        self.finer = _FINER.get(dynamic_range, 0.0)
        (finest,) = finer_by([10.0], self.finer)
        self.crf_range: tuple[float, float] = (finest, 63.0)

    def trial_crfs(self, settings: EncodingSettings) -> tuple[float, ...]:
        return finer_by(settings.av1_trial_crfs, self.finer)

    def quick_crf(self, settings: EncodingSettings) -> float:
        return settings.av1_quick_crf

    def bit_depth(self, settings: EncodingSettings) -> int:
        return settings.av1_bits if self.format.dynamic_range is DynamicRange.SDR else 10

    def parameters(self, settings: EncodingSettings) -> _Parameters:
        return _Parameters(preset=settings.av1_preset, bits=self.bit_depth(settings))

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
        cap = ["-maxrate", f"{max_kbps}k", "-bufsize", f"{2 * max_kbps}k"] if max_kbps else []
        threads = 1 if max_kbps else settings.threads
        params = f"crf={round(crf * 4) / 4:g}:keyint=-1:scd=0:lp={threads}"
        return [
            *("-c:v", "libsvtav1", "-preset", str(settings.av1_preset), *cap),
            *("-svtav1-params", params, "-video_track_timescale", str(timescale(rate))),
        ]

    def codec_string(self, size: Size, rate: Fraction, told: Configuration) -> str:
        return codec_string_of(told.extradata)


def codec_string_of(av1c: bytes) -> str:
    """Returns `av01.0.08M.10` from a decoder configuration (AV1 in ISO BMFF, 2.3 and 5)."""
    if len(av1c) < 4:
        raise EncodingFailed("The AV1 stream has no decoder configuration.")
    profile, level = av1c[1] >> 5, av1c[1] & 0x1F
    tier, deep, twelve = av1c[2] >> 7, av1c[2] >> 6 & 1, av1c[2] >> 5 & 1
    bits = 12 if deep and twelve else 10 if deep else 8
    return f"av01.{profile}.{level:02}{'H' if tier else 'M'}.{bits:02}"
