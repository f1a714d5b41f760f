"""I4: faults of masters as files, found in the one decode of quality control, with time codes."""

from pathlib import Path

import pytest

from tests.encoding.master.test_qc import CLIPS, checked, of
from vitascope.engines.media import Tool
from vitascope.engines.media.sandboxed import SandboxedMedia

pytestmark = pytest.mark.long

NEW = (
    *("photosensitive-flash", "photosensitive-red", "dead-pixels", "bars", "bars-change"),
    *("levels-outside", "levels-narrow", "blocking", "clipping"),
    *("channel-missing", "channel-lost", "phase"),
)
QUIET = "aevalsrc=0.1*sin(880*t)|0.1*sin(1230*t):s=48000:d={d}"


async def made(folder: Path, picture: str, sound: str = "", *, seconds: int = 6) -> Path:
    """Returns a film as ffmpeg's sources and filters draw it."""
    picture += ",format=yuv420p,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709"
    heard = sound or QUIET.format(d=seconds)
    args = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", heard, "-t", str(seconds)]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "12", "-pix_fmt", "yuv420p"]
    await SandboxedMedia().run(
        Tool.FFMPEG,
        [*args, *coded, "-c:a", "pcm_s16le", "{out}/film.mov"],
        inputs={},
        output=folder,
    )
    return folder / "film.mov"


FLASHING = (
    "color=gray:s=320x180:r=25:d=6,geq=lum='if(between(T,2,4)*gt(mod(T*{hz},1),0.5),220,40)'"
    ":cb='128':cr='128'"
)
RED = (
    "color=black:s=320x180:r=25:d=6,format=rgb24,"
    "geq=r='if(between(T,2,4)*gt(mod(T*5,1),0.5),255,0)':g=0:b=0"
)


@pytest.mark.parametrize(("hertz", "found"), [(2.5, 0), (5.0, 1)])
async def test_a_flashing_picture_is_told_with_its_time(
    tmp_path: Path, hertz: float, found: int
) -> None:
    told = await checked(await made(tmp_path, FLASHING.format(hz=hertz)))
    flashes = of(told, "photosensitive-flash")
    assert len(flashes) == found
    for one in flashes:
        assert one.from_ms == pytest.approx(2100, abs=300)
        assert one.until_ms == pytest.approx(4000, abs=300)
        assert one.value == pytest.approx(hertz, abs=1)
        assert "not a certificate" in one.sentence


async def test_red_flashes_are_told_as_such(tmp_path: Path) -> None:
    told = await checked(await made(tmp_path, RED))
    assert len(of(told, "photosensitive-red")) == 1


async def test_bars_are_told_and_the_picture_within_them(tmp_path: Path) -> None:
    barred = "testsrc2=s=640x272:r=25:d=16,pad=640:360:0:44:black"
    told = await checked(await made(tmp_path, barred, seconds=16))
    (bars,) = of(told, "bars")
    assert "640x272" in bars.sentence
    assert bars.severity == "note"


async def test_a_channel_that_is_missing_and_one_that_is_clipped(tmp_path: Path) -> None:
    sound = (
        "aevalsrc='clip(2*sin(440*2*PI*t)*between(t,2,4)+0.1*sin(500*t),-0.9,0.9)|0':s=48000:d=6"
    )
    told = await checked(await made(tmp_path, "testsrc2=s=320x180:r=25:d=6", sound))
    (missing,) = of(told, "channel-missing")
    assert "right" in missing.sentence
    (clipped,) = of(told, "clipping")
    assert (clipped.from_ms, clipped.until_ms) == (2000, 4000)


async def test_sides_against_each_other(tmp_path: Path) -> None:
    sound = "aevalsrc='0.3*sin(440*2*PI*t)|-0.3*sin(440*2*PI*t)':s=48000:d=8"
    told = await checked(await made(tmp_path, "testsrc2=s=320x180:r=25:d=8", sound, seconds=8))
    (against,) = of(told, "phase")
    assert (against.from_ms, against.until_ms) == (0, 8000)


async def test_a_stuck_pixel_of_a_camera_is_found(tmp_path: Path) -> None:
    stuck = (
        "color=gray:s=320x180:r=25,format=yuv420p,"
        "geq=lum='128+60*sin(T+X/40)*cos(T/2+Y/30)':cb=128:cr=128,"
        "drawbox=x=200:y=100:w=2:h=2:color=white:t=fill"
    )
    told = await checked(await made(tmp_path, stuck, seconds=30))
    (pixel,) = of(told, "dead-pixels")
    assert pixel.value == 1, pixel.sentence
    assert "200 × 100" in pixel.sentence or "201 × 101" in pixel.sentence


async def test_full_levels_that_are_tagged_as_limited(tmp_path: Path) -> None:
    full = "color=gray:s=320x180:r=25:d=16,format=yuv420p,geq=lum='mod(X+T*40,256)':cb=128:cr=128"
    told = await checked(await made(tmp_path, full, seconds=16))
    assert len(of(told, "levels-outside")) == 1


@pytest.mark.parametrize(
    "name",
    ["bbb_480p24_6s.mp4", "bbb_multi.mkv", "street_432p12.5_6s.mp4", "picture_rgb.mkv",
     "bbb_rot90.mp4", "bbb_interlaced.mp4", "bbb_vfr.mp4", "synth_black_freeze_silence.mp4"],
)  # fmt: skip
async def test_nothing_new_is_told_of_films_that_are_well(name: str) -> None:
    told = await checked(CLIPS / name)
    assert [one.code for one in told.findings if one.code in NEW] == []
