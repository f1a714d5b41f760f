"""I6: formats beside one another: a ladder each, a set each in the manifests."""

import re
from fractions import Fraction
from pathlib import Path

import msgspec
import pytest

from tests.encoding.steps import KEYS, SMALL, encoder_in, inspected, shots_of, source_of, trial_of
from tests.encoding.test_pipeline import verified, whole_chain
from vitascope.encoding import PlanLadder
from vitascope.encoding.picture.frames import Size
from vitascope.encoding.picture.recipes import vp9
from vitascope.engines.media import Tool
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.media import H264_SDR, Codec, Format

pytestmark = pytest.mark.long

VP9 = Format(Codec.VP9)
BOTH = msgspec.structs.replace(
    SMALL, formats=("h264", "vp9"), vp9_speed=8, heights=(120,), trial_crfs=(20.0, 26.0, 32.0, 38.0)
)


async def test_a_film_in_two_formats_is_one_verified_package(tmp_path: Path) -> None:
    encoding, blobs = encoder_in(tmp_path, BOTH)
    source = await inspected(encoding, blobs, str(await short_film(tmp_path)))
    package, plan = await whole_chain(encoding, source)
    found = await verified(encoding, package, KEYS)
    assert found.passed, found.failures
    formats = {rung.format for rung in package.ladder}
    assert formats == {H264_SDR, VP9} == {rung.format for rung in plan.rungs}
    names = {rung.format: {r.name for r in package.ladder if r.format == rung.format}
             for rung in package.ladder}  # fmt: skip
    assert all(name.startswith("v120") for name in names[H264_SDR])
    assert all("-vp9" in name for name in names[VP9])
    assert all(f"{name}.mp4" in package.files for name in names[VP9])
    mpd = (await blobs.get(f"{package.prefix}/manifest.mpd")).decode()
    sets = re.findall(r'<AdaptationSet[^>]*contentType="video".*?</AdaptationSet>', mpd, re.DOTALL)
    assert len(sets) == 2
    codecs = [set(re.findall(r'codecs="(\w+)', one)) for one in sets]
    assert codecs == [{"avc1"}, {"vp09"}], "a set is of one format"
    assert "adaptation-set-switching" not in mpd, "no switching between formats"
    hls = (await blobs.get(f"{package.prefix}/main.m3u8")).decode()
    assert "avc1" in hls
    assert "vp09" in hls
    told = {rung.codec_string for rung in package.ladder if rung.format == VP9}
    assert told == {"vp09.00.10.08"}
    assert all((rung.vmaf or 0) > 0 for rung in package.ladder)


async def short_film(folder: Path) -> Path:
    film = ["-f", "lavfi", "-i", "testsrc2=s=214x120:r=24:d=3", "-c:v", "libx264", "{out}/film.mp4"]
    await SandboxedMedia().run(Tool.FFMPEG, film, inputs={}, output=folder)
    return folder / "film.mp4"


async def test_each_format_has_a_ladder_of_its_own(tmp_path: Path) -> None:
    encoding, _ = encoder_in(tmp_path)
    crfs = (18.0, 24.0, 31.0, 38.0)
    cheaper = [
        msgspec.structs.replace(trial_of(height, crf, detail=(0.4, 0.4)), format=VP9)
        for height in (120, 180)
        for crf in crfs
    ]
    usual = [trial_of(height, crf, detail=(1.0, 1.0)) for height in (120, 180) for crf in crfs]
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
