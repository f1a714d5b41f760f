"""One loudness for every title: EBU R128, by one constant gain over the whole track.

The gain never pushes the true peak over its limit: a film with loud peaks stays a little quieter
than the target, its dynamics untouched. It is a plain gain of a known amount. ffmpeg's `loudnorm`
would do the same in its linear mode, but begins anew where the layout changes, and takes nothing
that was measured above 0 LUFS.
"""

from vitascope.encoding.master.measured import FLOOR_LUFS, Heard

TARGET_LUFS = -23.0  # EBU R128
PEAK_DBTP = -1.5  # R128 allows -1; encoding to AAC adds some
MOST_GAIN_DB = 20.0  # more would raise noise, not sound
METER_ENDS_LUFS = 9.0  # the meter tells at most +10


def gain_db(heard: Heard) -> float:
    """Returns the gain that brings a track to the usual loudness, in decibels to two places.
    What is silent or too short to be measured is left as it is, unless it would clip."""
    is_measured = heard.integrated_lufs > FLOOR_LUFS + 1
    wanted = min(TARGET_LUFS - heard.integrated_lufs, MOST_GAIN_DB) if is_measured else 0.0
    return round(min(wanted, PEAK_DBTP - heard.true_peak_dbtp), 2)
