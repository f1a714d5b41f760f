"""I6: storage and cost of a format are told before it is ordered."""

from pathlib import Path

import msgspec
import pytest

from tests.publishing.worker import forecaster_of, open_rows
from vitascope.catalog import Asset
from vitascope.encoding.settings import EncodingSettings
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.ids import AssetId, ContentId
from vitascope.kernel.media import Codec, DynamicRange, Rung
from vitascope.publishing.offers import offers


def rung(
    codec: Codec, height: int, kbps: int, dynamic_range: DynamicRange = DynamicRange.SDR
) -> Rung:
    return Rung(
        name=f"v{height}-{codec}",
        width=height * 16 // 9,
        height=height,
        codec=codec,
        dynamic_range=dynamic_range,
        bitrate_kbps=kbps,
        peak_kbps=2 * kbps,
        vmaf=90.0,
        vmaf_model="v",
        frame_rate=24.0,
    )


def asset(*rungs: Rung, hours: float = 2.0) -> Asset:
    return Asset(
        id=AssetId("ast_1"),
        content_id=ContentId("ttl_1"),
        version="v1",
        prefix="assets/ast_1/v1",
        duration_ms=round(hours * 3_600_000),
        ladder=rungs,
        audio=(),
        text=(),
        key_ids={},
        scheme="none",
        files={},
        sizes={},
    )


H264 = (rung(Codec.H264, 480, 800), rung(Codec.H264, 1080, 3200))


def test_each_format_that_is_not_there_is_offered() -> None:
    told = {offer.codec: offer for offer in offers(asset(*H264), in_hdr=False)}
    assert set(told) == {"vp9", "hevc", "av1"}
    assert told["av1"].size == pytest.approx(4_000_000 / 8 * 7200 * 0.55)
    assert told["av1"].size < told["hevc"].size < told["vp9"].size
    assert told["av1"].cpu_hours < told["hevc"].cpu_hours < told["vp9"].cpu_hours
    more = asset(*H264, rung(Codec.AV1, 1080, 1500))
    assert {offer.codec: offer.size for offer in offers(more, in_hdr=False)} == {
        codec: told[codec].size for codec in ("vp9", "hevc")
    }, "what is there already counts neither twice nor for another format"


def test_hdr_is_offered_where_the_master_has_it_and_the_version_has_not() -> None:
    told = {offer.codec: offer for offer in offers(asset(*H264), in_hdr=True)}
    assert set(told) == {"vp9", "hevc", "av1", "hevc-hdr", "av1-hdr"}
    assert told["av1-hdr"].size == told["av1"].size
    assert told["av1-hdr"].cpu_hours > told["av1"].cpu_hours
    cheap = rung(Codec.AV1, 480, 300, DynamicRange.HLG)
    more = {offer.codec: offer.size for offer in offers(asset(cheap, *H264), in_hdr=True)}
    assert set(more) == {"vp9", "hevc", "av1", "hevc-hdr"}
    assert more["hevc"] == told["hevc"].size, "it is still that of H.264 by which sizes are told"


def test_a_longer_film_takes_as_much_more() -> None:
    short, long = (offers(asset(*H264, hours=each), in_hdr=False)[0] for each in (1.0, 3.0))
    assert long.size == pytest.approx(3 * short.size, rel=1e-6)
    assert long.cpu_hours == pytest.approx(3 * short.cpu_hours, abs=0.02)


def test_a_first_version_is_offered_nothing() -> None:
    assert offers(msgspec.structs.replace(asset(*H264), partial=True), in_hdr=True) == ()


async def test_processor_time_is_told_by_the_settings_and_what_earlier_jobs_took(
    data: Path,
) -> None:
    rows, clock = await open_rows(data), SystemClock()
    plain = offers(asset(*H264), in_hdr=False)
    told = {
        preset: await forecaster_of(rows, clock, EncodingSettings(av1_preset=preset)).with_costs(
            plain, asset(*H264), "balanced", in_hdr=False
        )
        for preset in (4, 10)
    }
    await rows.close()
    slow, fast = ({offer.codec: offer.cpu_hours for offer in told[preset]} for preset in (4, 10))
    assert slow["av1"] > 2 * fast["av1"] and slow["hevc"] == fast["hevc"]
    assert all(0.2 < hours / slow["av1"] < 5 for hours in slow.values())
    assert [offer.size for offer in told[4]] == [offer.size for offer in plain]
