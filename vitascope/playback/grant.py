"""The pure rule of caps: from plan and device to the rungs and keys that one session may have.

A cap is kept twice: rungs above it are not in the manifest, and where a whole class of pictures
is above it, its content key is withheld, so that knowing a file's name is no help.
"""

import msgspec

from vitascope.billing import Plan
from vitascope.catalog import Asset
from vitascope.kernel.media import DynamicRange, KeyLabel, Rung
from vitascope.playback.contract import Capabilities, DeviceUnsupported


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    rungs: tuple[Rung, ...]
    labels: tuple[KeyLabel, ...]


def allowance(asset: Asset, plan: Plan, device: Capabilities, software_max: int) -> Allowance:
    """Raises `DeviceUnsupported` when no rung is left."""
    ceiling = min(plan.max_height, device.max_height)
    if not device.secure_decoder:
        ceiling = min(ceiling, software_max)
    able = [rung for rung in asset.ladder if _can_show(rung, device)]
    rungs = tuple(r for r in able if r.height <= ceiling and r.key_label in plan.key_labels)
    if not rungs:
        raise DeviceUnsupported(
            "This title is not available in a form that this device can play under your plan."
        )
    return Allowance(rungs=rungs, labels=_labels(rungs, asset))


def _can_show(rung: Rung, device: Capabilities) -> bool:
    return rung.codec in device.codecs and (device.hdr or rung.dynamic_range is DynamicRange.SDR)


def _labels(rungs: tuple[Rung, ...], asset: Asset) -> tuple[KeyLabel, ...]:
    wanted = {KeyLabel.AUDIO, *(rung.key_label for rung in rungs)}
    return tuple(label for label in KeyLabel if label in wanted and label in asset.key_ids)
