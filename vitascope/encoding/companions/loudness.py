"""One loudness for every title: EBU R128, by one constant gain over the whole track.

The gain never pushes the true peak over its limit: a film with loud peaks stays a little quieter
than the target, its dynamics untouched. So loudnorm can always work in its linear mode, and that
it did is checked (`normalization_type`): its other mode squeezes the sound.
"""

import re

import msgspec

from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.master.measured import FLOOR_LUFS, Heard

TARGET_LUFS = -23.0  # EBU R128
PEAK_DBTP = -1.5  # R128 allows -1; encoding to AAC adds some
MOST_GAIN_DB = 20.0  # more would raise noise, not sound
_KIND = re.compile(r'"normalization_type"\s*:\s*"(\w+)"')


class Gain(msgspec.Struct, frozen=True, kw_only=True):
    heard: Heard
    target_lufs: float

    @property
    def decibels(self) -> float:
        return self.target_lufs - self.heard.integrated_lufs


def gain_for(heard: Heard) -> Gain | None:
    """Returns the gain that brings a track to the usual loudness; None for silence, and for what
    cannot be told to be sound."""
    if heard.integrated_lufs <= FLOOR_LUFS + 1:
        return None
    wanted = min(TARGET_LUFS - heard.integrated_lufs, MOST_GAIN_DB)
    allowed = min(wanted, PEAK_DBTP - heard.true_peak_dbtp)
    target = min(-5.0, max(-69.0, heard.integrated_lufs + allowed))
    return Gain(heard=heard, target_lufs=target)


def normalising(gain: Gain) -> str:
    """Returns the filter. loudnorm takes zeros for "not measured", so those are nudged; its limits
    for range and peak are wide open, because `gain_for` has already kept them."""
    heard = gain.heard
    figures = {
        "I": gain.target_lufs,
        "TP": max(-9.0, min(0.0, heard.true_peak_dbtp + gain.decibels + 0.1)),
        "LRA": 50,
        "measured_I": min(-0.01, heard.integrated_lufs),
        "measured_TP": heard.true_peak_dbtp,
        "measured_LRA": max(0.1, min(50.0, heard.range_lu)),
        "measured_thresh": max(-69.9, min(-0.1, heard.threshold_lufs)),
    }
    words = ":".join(f"{name}={value:.2f}" for name, value in figures.items())
    return f"loudnorm={words}:linear=true:print_format=json"


def check_linear(said: str) -> None:
    """Raises `EncodingFailed` unless loudnorm says that it used one gain throughout."""
    found = _KIND.findall(said)
    if found != ["linear"]:
        raise EncodingFailed(
            f"loudness was normalised as {found or 'nothing'}, not with one linear gain"
        )
