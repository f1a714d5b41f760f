"""What another format of a live version would take, told before it is ordered. Pure.

Bits are those of the ladder that is there, by what each format needs for the same picture.
Processor time is that of encoding as many pictures at the recipes' default presets, measured on
720p, with as much again for the search, for measuring and for rungs that are encoded twice. It is a
guess: another preset or machine may take a third, or three times as long.
"""

from typing import get_args

from vitascope.catalog import Asset
from vitascope.kernel.media import Codec, Format, PictureCodec
from vitascope.publishing.contract import FormatOffer
from vitascope.publishing.formats import missing

_BITS = {Codec.H264: 1.0, Codec.VP9: 0.75, Codec.HEVC: 0.65, Codec.AV1: 0.55}
# processor seconds for a million pixels: x264 veryfast, libvpx 4, x265 veryfast, SVT-AV1 8
_COST = {Codec.H264: 0.026, Codec.VP9: 0.2, Codec.HEVC: 0.081, Codec.AV1: 0.053}
_BESIDE = 2.0
_USUAL_RATE = 25.0


def offers(asset: Asset) -> tuple[FormatOffer, ...]:
    """Returns an offer for each format that may be added; none for a first version."""
    if asset.partial or not asset.ladder:
        return ()
    return tuple(_offer(asset, codec) for codec in missing(asset, get_args(PictureCodec)))


def _offer(asset: Asset, codec: PictureCodec) -> FormatOffer:
    first: Format = asset.ladder[0].format
    ladder = [rung for rung in asset.ladder if rung.format == first]
    seconds, new = asset.duration_ms / 1000, Codec(codec)
    kbit = sum(rung.bitrate_kbps for rung in ladder) * seconds
    pixels = sum(
        rung.width * rung.height * (rung.frame_rate or _USUAL_RATE) * seconds for rung in ladder
    )
    return FormatOffer(
        codec=codec,
        size=round(kbit * 125 * _BITS[new] / _BITS[first.codec]),
        cpu_hours=round(pixels / 1e6 * _COST[new] * _BESIDE / 3600, 2),
    )
