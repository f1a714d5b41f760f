"""I6: formats beside one another: a ladder each, a set each in the manifests."""

import re
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from tests.encoding.steps import KEYS, SMALL, encoder_in, inspected, shots_of, source_of, trials_of
from tests.encoding.test_pipeline import verified, whole_chain
from vitascope.encoding import PlanLadder
from vitascope.encoding.picture.frames import Size
from vitascope.encoding.picture.recipes import vp9
from vitascope.encoding.settings import EncodingSettings
from vitascope.engines.media import Tool
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.media import H264_SDR, Codec, Format, Scheme

pytestmark = pytest.mark.long

VP9, HEVC, AV1 = Format(Codec.VP9), Format(Codec.HEVC), Format(Codec.AV1)
ALL = msgspec.structs.replace(
    SMALL,
    formats=("h264", "vp9", "hevc", "av1"),
    vp9_speed=8,
    hevc_preset="ultrafast",
    av1_preset=12,
    heights=(120,),
    trial_crfs=(20.0, 26.0, 32.0, 38.0),
)
EIGHT = msgspec.structs.replace(ALL, hevc_bits=8, av1_bits=8)
TEN = msgspec.structs.replace(ALL, vp9_bits=10)
TOLD = {
    8: {VP9: "vp09.00.10.08", HEVC: "hvc1.1.6.L90.90", AV1: "av01.0.00M.08"},
    10: {VP9: "vp09.02.10.10", HEVC: "hvc1.2.4.L90.90", AV1: "av01.0.00M.10"},
}


@pytest.mark.parametrize(
    ("settings", "bits", "scheme"),
    [(EIGHT, 8, "cenc"), (TEN, 10, "cbcs")],
    ids=["8-cenc", "10-cbcs"],
)
async def test_a_film_in_every_format_is_one_verified_package(
    tmp_path: Path, settings: EncodingSettings, bits: int, scheme: Scheme
) -> None:
    settings = msgspec.structs.replace(settings, scheme=scheme)
    encoding, blobs = encoder_in(tmp_path, settings)
    source = await inspected(encoding, blobs, str(await short_film(tmp_path)))
    package, plan = await whole_chain(encoding, source)
    found = await verified(encoding, package, KEYS)
    assert found.passed, found.failures
    checked = {check.subject for check in found.checks if check.name == "decrypts"}
    assert {rung.name for rung in package.ladder} <= checked
    formats = {rung.format for rung in package.ladder}
    assert formats == {H264_SDR, VP9, HEVC, AV1} == {rung.format for rung in plan.rungs}
    for rung in package.ladder:
        kind = "" if rung.format == H264_SDR else f"-{rung.format.name}"
        assert rung.name.removesuffix("-2").removesuffix("-3") == f"v120{kind}"
        assert f"{rung.name}.mp4" in package.files
        assert rung.codec_string == TOLD[bits].get(rung.format, "avc1.42c01e")
        assert rung.bit_depth == (8 if rung.format == H264_SDR else bits)
        assert (rung.vmaf or 0) > 0
    mpd = (await blobs.get(f"{package.prefix}/manifest.mpd")).decode()
    sets = re.findall(r'<AdaptationSet[^>]*contentType="video".*?</AdaptationSet>', mpd, re.DOTALL)
    codecs = [set(re.findall(r'codecs="(\w+)', one)) for one in sets]
    assert codecs == [{"avc1"}, {"vp09"}, {"hvc1"}, {"av01"}], "a set is of one format"
    assert "adaptation-set-switching" not in mpd, "no switching between formats"
    told = set(re.findall(r'codecs="([^"]*)"', mpd))
    for rung in package.ladder:  # the packager adds how colours are told, where it can
        assert any(each.startswith(rung.codec_string) for each in told), (rung, told)
    hls = (await blobs.get(f"{package.prefix}/main.m3u8")).decode()
    assert all(name in hls for name in ("avc1", "hvc1", "av01"))
    assert "vp09" not in hls, "no player of HLS on its own reads VP9"


async def short_film(folder: Path) -> Path:
    film = ["-f", "lavfi", "-i", "testsrc2=s=214x120:r=24:d=3", "-c:v", "libx264", "{out}/film.mp4"]
    await SandboxedMedia().run(Tool.FFMPEG, film, inputs={}, output=folder)
    return folder / "film.mp4"


async def test_each_format_has_a_ladder_of_its_own(tmp_path: Path) -> None:
    encoding, _ = encoder_in(tmp_path)
    crfs = (18.0, 24.0, 31.0, 38.0)
    usual = trials_of({120: 100, 180: 100}, crfs, detail=(1.0, 1.0))
    cheaper = [
        msgspec.structs.replace(result, format=VP9)
        for result in trials_of({120: 100, 180: 100}, crfs, detail=(0.4, 0.4))
    ]
    request = PlanLadder(source=source_of(), shots=shots_of(360, 360), results=(*usual, *cheaper))
    plan = await encoding.run(request)
    by_format = {
        format: [rung for rung in plan.rungs if rung.format == format] for format in (H264_SDR, VP9)
    }
    alone = await encoding.run(msgspec.structs.replace(request, results=tuple(usual)))
    assert by_format[H264_SDR] == list(alone.rungs), "one format's ladder depends on another's"
    assert by_format[VP9][-1].bitrate_kbps < by_format[H264_SDR][-1].bitrate_kbps
    assert len({rung.name for rung in plan.rungs}) == len(plan.rungs)
    assert {point.format for point in plan.trials} == {H264_SDR, VP9}


def test_levels_of_vp9_follow_size_and_rate() -> None:
    assert vp9.level_of(Size(width=426, height=240), Fraction(24)) == 20
    assert vp9.level_of(Size(width=1280, height=720), Fraction(30)) == 31
    assert vp9.level_of(Size(width=1920, height=1080), Fraction(24)) == 40
