"""What a film is expected to cost, before anything is known of it but its size.

Processor seconds for a million pixels of one picture, measured on two cores of a virtual machine
with the settings named beside them: another machine takes a third, or three times as long.
Whoever keeps what earlier films took multiplies by that (`publishing/forecast.py`); what is right
here is how costs grow with length, size, presets and samples.
"""

from math import ceil

from vitascope.encoding.contract.costs import CostOf, EncodingCost, FilmToEncode
from vitascope.encoding.contract.effort import Effort
from vitascope.encoding.efforts import settings_at
from vitascope.encoding.settings import EncodingSettings
from vitascope.kernel.media import Codec, FormatName, codec_named, is_of_hdr

_X264 = {
    "ultrafast": 0.012, "superfast": 0.018, "veryfast": 0.026, "faster": 0.037, "fast": 0.048,
    "medium": 0.057, "slow": 0.092, "slower": 0.18, "veryslow": 0.31,
}  # fmt: skip
_X265 = {
    "ultrafast": 0.045, "superfast": 0.065, "veryfast": 0.081, "faster": 0.083, "fast": 0.1,
    "medium": 0.15, "slow": 0.36, "slower": 0.95, "veryslow": 1.6,
}  # fmt: skip
_AV1_AT_8, _AV1_STEP = 0.053, 1.37
_VP9_AT_4, _VP9_STEP = 0.2, 1.25
_DECODE = 0.005
_SCORED = 0.05  # a picture at display size, with its neighbours
_TRIED_ONCE_MORE = 0.6  # of a sample at all sizes: one that is tried near the rungs
_BITS = {Codec.H264: 1.0, Codec.VP9: 0.75, Codec.HEVC: 0.65, Codec.AV1: 0.55}
_BITS_A_PIXEL = 0.11  # of a ladder in H.264, for each of the master's pixels
_SOUND_KBPS = 330  # stereo and 5.1
_LARGEST = 16 / 9  # width of a box of one line
_CRFS = 4
_RUN = 0.07  # starting a tool, and reading what it tells
_CHUNK_S = 6.0
_LOOK = 0.0023  # a frame of 270 lines, encoded to tell how complex shots are
_LEAD_S = 0.4


def costs_by(settings: EncodingSettings) -> CostOf:
    """Returns what tells the costs by these settings."""

    def cost(effort: Effort, film: FilmToEncode, formats: tuple[FormatName, ...]) -> EncodingCost:
        return expected_cost(settings, effort, film, formats)

    return cost


def expected_cost(
    settings: EncodingSettings,
    effort: Effort,
    film: FilmToEncode,
    formats: tuple[FormatName, ...] = (),
) -> EncodingCost:
    """Returns what the whole job takes; in `formats`, or in those of the settings where none is
    named."""
    settings = settings_at(settings, effort)
    names = [name for name in formats or settings.formats if film.hdr or not is_of_hdr(name)]
    codecs = [codec_named(name) for name in names] or [Codec.H264]
    seconds = film.frames / max(1.0, film.frame_rate)
    mega = _pixels(film, max(settings.heights)) / 1e6
    whole = mega * film.frames
    own = film.width * film.height / 1e6
    read = own * film.frames
    sizes = [_pixels(film, lines) / 1e6 for lines in _lines(film, settings)]
    display = min(mega, _pixels(film, 1080) / 1e6)
    quick = _pixels(film, max(settings.quick_heights)) / 1e6
    looked = (seconds > 120 and settings.long_vmaf_subsample) or settings.vmaf_subsample
    rungs = len(sizes) + 1
    dearest = [cost_a_megapixel(settings, codec) for codec in codecs]
    part = min(1.0, settings.vmaf_window_s / _CHUNK_S) if settings.vmaf_window_s else 1.0
    measured = part * film.frames * rungs * (_SCORED * display / looked + 0.0015 * display)
    encoded = film.frames * (sum(sizes) + sizes[-1] / 2)
    runs = 3 * _RUN * rungs * ceil(seconds / _CHUNK_S)
    samples, wide = _samples(settings, seconds)
    tried = samples and wide + _TRIED_ONCE_MORE * (samples - wide)
    sample_frames = film.frame_rate * (settings.sample_s + _LEAD_S)
    scored = _SCORED * display
    scored *= ceil(film.frame_rate * settings.sample_s / settings.trial_vmaf_subsample)
    return EncodingCost(
        inspect=0.2 + 0.7 * own + 0.0002 * read,
        quality=0.3 + 0.25 * own + 0.0055 * read,
        audio=film.sounds * (0.6 + 0.1 * seconds),
        first=1.0 + film.sounds + film.frames * (dearest[0] + 0.02) * quick + _DECODE * 2 * read,
        shots=0.1 + film.frames * _LOOK + (_DECODE + (0 if samples else 0.003)) * read,
        artwork=1.5 + 0.9 * own,
        trials=sum(
            tried
            * (
                _CRFS * (sample_frames * cost * sum(sizes) + len(sizes) * (scored + _RUN))
                + 2 * _DECODE * own * sample_frames
            )
            for cost in dearest
        ),
        encode=sum(encoded * cost + 3 * _DECODE * read + measured + runs for cost in dearest),
        thumbnails=0.1 + 0.0005 * whole,
        package=0.3 + 0.0005 * whole * len(codecs),
        verify=0.4 + film.sounds + 0.018 * whole * len(codecs),
        size=sum(_BITS[codec] * _BITS_A_PIXEL * whole * 1e6 / 8 for codec in codecs)
        + film.sounds * _SOUND_KBPS * 125 * seconds,
    )


def cost_a_megapixel(settings: EncodingSettings, codec: Codec) -> float:
    """Returns processor seconds that encoding a million pixels takes, by the preset."""
    if codec is Codec.H264:
        return _X264[settings.preset]
    if codec is Codec.HEVC:
        return _X265[settings.hevc_preset]
    if codec is Codec.AV1:
        return _AV1_AT_8 * _AV1_STEP ** (8 - settings.av1_preset)
    return _VP9_AT_4 * _VP9_STEP ** (4 - settings.vp9_speed)


def _samples(settings: EncodingSettings, seconds: float) -> tuple[int, int]:
    """Returns how many samples are tried, and how many of them over a wide range."""
    most = min(settings.max_samples, max(3, round(seconds / settings.sample_every_s)))
    wide = max(3, ceil(seconds / settings.wide_sample_every_s))
    return most, min(most, settings.max_wide_samples, wide)


def _lines(film: FilmToEncode, settings: EncodingSettings) -> list[int]:
    own = min(film.height, max(settings.heights))
    return sorted({*(lines for lines in settings.heights if lines < own * 0.9), own})


def _pixels(film: FilmToEncode, lines: int) -> float:
    scale = min(1.0, lines / film.height, lines * _LARGEST / film.width)
    return film.width * film.height * scale**2
