"""HEVC by x265, Main or Main 10.

Headers stand once before the stream and hold nothing that differs by quality; what x265 says of
itself is left out, and so are its own keyframes. It is one thread without a pool: with two, what it
writes under a rate buffer is not the same twice, and on a machine with other work the hand-overs
between them took seven times as long (105 s in place of 14 for twelve frames of 2160 lines).
Several chunks are encoded at once. What a master says of its HDR stands in the headers.
A level goes with a rate buffer only: named alone, x265 would cap trials by the level's own.
"""

from fractions import Fraction

import msgspec

from vitascope.encoding.contract.master import StaticMetadata
from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.picture.frames import Size
from vitascope.encoding.picture.light import of_x265
from vitascope.encoding.picture.packets import Configuration
from vitascope.encoding.picture.recipes.recipe import NOTHING_SAID, finer_by
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.timing import timescale
from vitascope.encoding.workspace import Encoder
from vitascope.kernel.media import Codec, DynamicRange, Format

# level: luma samples a second, luma samples a frame, kbit/s of the main tier (H.265, A-8 and A-9)
_LEVELS = {
    "3.0": (16_588_800, 552_960, 6_000),
    "3.1": (33_177_600, 983_040, 10_000),
    "4.0": (66_846_720, 2_228_224, 12_000),
    "4.1": (133_693_440, 2_228_224, 20_000),
    "5.0": (267_386_880, 8_912_896, 25_000),
    "5.1": (534_773_760, 8_912_896, 40_000),
    "5.2": (1_069_547_520, 8_912_896, 60_000),
}

# Measured on two films of SDR, brought to PQ and HLG: as many bytes, and a score within a point.
_FINER = {DynamicRange.HDR10: 6.0, DynamicRange.HLG: 3.0}


class _Parameters(msgspec.Struct, frozen=True, kw_only=True):
    preset: str
    bits: int


class Hevc:
    """In SDR, or in a range of HDR, which has ten bits whatever is set."""

    encoder: Encoder = Encoder(
        name="libx265", raw="hevc", says=r"x265 \[info\]: HEVC encoder version (\S+)"
    )

    def __init__(self, dynamic_range: DynamicRange = DynamicRange.SDR) -> None:
        self.format = Format(Codec.HEVC, dynamic_range)
        self.finer = _FINER.get(dynamic_range, 0.0)
        (finest,) = finer_by([12.0], self.finer)
        self.crf_range: tuple[float, float] = (finest, 48.0)

    def trial_crfs(self, settings: EncodingSettings) -> tuple[float, ...]:
        return finer_by(settings.hevc_trial_crfs, self.finer)

    def quick_crf(self, settings: EncodingSettings) -> float:
        return settings.hevc_quick_crf

    def bit_depth(self, settings: EncodingSettings) -> int:
        return settings.hevc_bits if self.format.dynamic_range is DynamicRange.SDR else 10

    def parameters(self, settings: EncodingSettings) -> _Parameters:
        return _Parameters(preset=settings.hevc_preset, bits=self.bit_depth(settings))

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
        own = "keyint=-1:scenecut=0:open-gop=0:repeat-headers=0:info=0:log-level=warning"
        cap: list[str] = []
        if max_kbps:
            level, most = level_of(size, rate, max_kbps)
            max_kbps = min(max_kbps, most)
            cap = ["-maxrate", f"{max_kbps}k", "-bufsize", f"{min(2 * max_kbps, most)}k"]
            own += f":level-idc={level}:high-tier=0"
        own += "".join(f":{word}" for word in of_x265(static))
        params = f"{own}:pools=none:wpp=0:frame-threads=1"
        return [
            *("-c:v", "libx265", "-preset", settings.hevc_preset, "-crf", f"{crf:.2f}"),
            *("-forced-idr", "1", "-tag:v", "hvc1", *cap, "-x265-params", params),
            *(() if self.format.dynamic_range is DynamicRange.SDR else ("-dolbyvision", "0")),
            *("-video_track_timescale", str(timescale(rate))),
        ]

    def codec_string(self, size: Size, rate: Fraction, told: Configuration) -> str:
        return codec_string_of(told.extradata)


def level_of(size: Size, rate: Fraction, max_kbps: int) -> tuple[str, int]:
    """Returns the lowest level that carries this size at this rate and peak in the main tier, with
    its bitrate; the highest of this size where none carries the peak."""
    samples = -(-size.width // 8) * 8 * -(-size.height // 8) * 8
    fits = [
        (level, kbps)
        for level, (speed, most, kbps) in _LEVELS.items()
        if samples <= most and samples * rate <= speed
    ] or [("5.2", _LEVELS["5.2"][2])]
    return next(((level, kbps) for level, kbps in fits if kbps >= max_kbps), fits[-1])


def codec_string_of(hvcc: bytes) -> str:
    """Returns `hvc1.1.6.L93.90` from a decoder configuration (ISO/IEC 14496-15, 8.3.3.1 and
    annex E)."""
    if len(hvcc) < 13:
        raise EncodingFailed("The HEVC stream has no decoder configuration.")
    space = ("", "A", "B", "C")[hvcc[1] >> 6]
    tier = "H" if hvcc[1] & 0x20 else "L"
    compatible = int(f"{int.from_bytes(hvcc[2:6], 'big'):032b}"[::-1], 2)
    constraints = hvcc[6:12].rstrip(b"\0")
    words = [f"hvc1.{space}{hvcc[1] & 0x1F}", f"{compatible:X}", f"{tier}{hvcc[12]}"]
    return ".".join([*words, *(f"{byte:X}" for byte in constraints)])
