"""How many bits a title's own ladder saves against a fixed one, as the trials predict it.

For each rung of the fixed ladder the title's curve at that size says what VMAF its bitrate buys
there with one CRF for all shots; the hull says what the title's own ladder needs for the same VMAF.
The saving is the mean over the rungs, of the logarithms, as of a BD-rate.
"""

from collections.abc import Sequence

import numpy as np

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import Saving, SavingRung
from vitascope.encoding.picture.frames import fitted
from vitascope.encoding.picture.hull import Plane, Point

FIXED = ((240, 300), (360, 500), (480, 800), (720, 1500), (1080, 3000))
"""The ladder that is the same for every title: lines of the 16:9 box, kbit/s."""


def saving_of(source: Source, planes: Sequence[Plane], hull: Sequence[Point]) -> Saving | None:
    """Returns the predicted saving; None where no rung of the fixed ladder can be compared."""
    by_height = {plane.height: plane for plane in planes}
    found = [
        _compared(by_height[height], lines, kbps, hull)
        for lines, kbps in FIXED
        if (height := fitted(source, lines).height) in by_height and lines <= source.height
    ]
    rungs = tuple(rung for rung in found if rung is not None)
    if not rungs:
        return None
    ratios = [np.log(rung.own_kbps / rung.fixed_kbps) for rung in rungs]
    percent = (1 - float(np.exp(np.mean(ratios)))) * 100
    return Saving(percent=round(percent, 1), basis="predicted", rungs=rungs)


def _compared(plane: Plane, lines: int, kbps: float, hull: Sequence[Point]) -> SavingRung | None:
    """Returns one rung of the fixed ladder beside the hull at the same VMAF; None where trials do
    not reach its bitrate from below, or the hull not its VMAF. A title so easy that its best trial
    needs fewer bits is compared at that trial's VMAF, which favours the fixed ladder."""
    rates, scores = plane.kbps.sum(axis=0)[::-1], plane.vmaf.sum(axis=0)[::-1]
    if kbps < rates[0]:
        return None
    vmaf = float(np.interp(np.log(kbps), np.log(rates), scores))
    own_scores = [point.vmaf for point in hull]
    if not own_scores[0] <= vmaf <= own_scores[-1] + 0.5:
        return None
    own = float(np.exp(np.interp(vmaf, own_scores, [np.log(p.bitrate_kbps) for p in hull])))
    return SavingRung(lines=lines, fixed_kbps=kbps, own_kbps=round(own, 1), vmaf=round(vmaf, 1))
