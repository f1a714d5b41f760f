"""What another format of a live version would take, told before it is ordered. Pure.

Bits are those of the ladder that is there, by what each format needs for the same picture.
Processor time is that of encoding as many pictures at the recipes' default presets, measured on
720p, with as much again for the search, for measuring and for rungs that are encoded twice. It is a
guess: `Forecaster.with_costs` tells it by the settings and by what earlier jobs took.
"""

from typing import get_args

from vitascope.catalog import Asset
from vitascope.kernel.media import Codec, DynamicRange, FormatName, codec_named, is_of_hdr
from vitascope.publishing.contract import FormatOffer
from vitascope.publishing.formats import missing

_BITS = {Codec.H264: 1.0, Codec.VP9: 0.75, Codec.HEVC: 0.65, Codec.AV1: 0.55}
# processor seconds for a million pixels: x264 veryfast, libvpx 4, x265 veryfast, SVT-AV1 8
_COST = {Codec.H264: 0.026, Codec.VP9: 0.2, Codec.HEVC: 0.081, Codec.AV1: 0.053}
_BESIDE = 2.0
_BESIDE_HDR = 2.5  # its pictures are tone mapped to be measured
_USUAL_RATE = 25.0


def offers(asset: Asset, *, in_hdr: bool) -> tuple[FormatOffer, ...]:
    """Returns an offer for each format that may be added; none for a first version. `in_hdr` says
    that the master is."""
    if asset.partial or not asset.ladder:
        return ()
    names = missing(asset, get_args(FormatName), in_hdr=in_hdr)
    return tuple(_offer(asset, name) for name in names)


def _offer(asset: Asset, name: FormatName) -> FormatOffer:
    plain = [rung for rung in asset.ladder if rung.dynamic_range is DynamicRange.SDR]
    first = (plain or asset.ladder)[0].format
    ladder = [rung for rung in asset.ladder if rung.format == first]
    seconds, new = asset.duration_ms / 1000, codec_named(name)
    kbit = sum(rung.bitrate_kbps for rung in ladder) * seconds
    pixels = sum(
        rung.width * rung.height * (rung.frame_rate or _USUAL_RATE) * seconds for rung in ladder
    )
    cost = _COST[new] * (_BESIDE_HDR if is_of_hdr(name) else _BESIDE)
    return FormatOffer(
        codec=name,
        size=round(kbit * 125 * _BITS[new] / _BITS[first.codec]),
        cpu_hours=round(pixels / 1e6 * cost / 3600, 2),
    )
