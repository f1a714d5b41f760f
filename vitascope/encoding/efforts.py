"""What an effort means: values of settings, and nothing else.

Steps read settings and know of no effort. A setting that an operator has changed from its default
stays as it is, whatever the effort. A job keeps the effort that it began with (`Request.effort`),
so that another one in the settings is for the masters to come.
"""

from typing import Any

import msgspec

from vitascope.encoding.contract.effort import Effort
from vitascope.encoding.settings import EncodingSettings
from vitascope.kernel.media import FormatName

EFFORTS: dict[Effort, dict[str, Any]] = {
    "fast": {
        "max_samples": 0,
        "max_wide_samples": 0,
        "vmaf_window_s": 4.0,
        "vmaf_subsample": 49,
        "long_vmaf_subsample": 49,
        "quick_vmaf_subsample": 49,
        "top_vmaf": 96.0,  # what is foretold of the best rung is one to three points too good
        "tolerance_vmaf": 5.0,
    },
    "balanced": {},
    "best": {
        "preset": "medium",
        "hevc_preset": "medium",
        "av1_preset": 5,
        "vp9_speed": 2,
        "sample_every_s": 3.0,
        "max_samples": 32,
        "max_wide_samples": 9,
    },
}
"""Settings that differ from their defaults. Without samples a ladder is predicted; see
`picture/predict.py`."""

LATER_FORMATS: dict[Effort, tuple[FormatName, ...]] = {
    "fast": (),
    "balanced": (),
    "best": ("av1", "av1-hdr", "hevc", "hevc-hdr", "vp9"),
}
"""Formats that titles get when they are live, where `[publishing] later_formats` does not say."""


def settings_at(settings: EncodingSettings, effort: Effort | None) -> EncodingSettings:
    """Returns the settings by which a job of this effort is done; of that of the settings where
    none is named."""
    effort = effort or settings.effort
    defaults = {field.name: field.default for field in msgspec.structs.fields(EncodingSettings)}
    changed = {
        name: value
        for name, value in EFFORTS[effort].items()
        if getattr(settings, name) == defaults[name]
    }
    return msgspec.structs.replace(settings, effort=effort, **changed)
