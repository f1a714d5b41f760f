"""I3: every file ends in a verdict, by its bytes and never by its name."""

import hashlib
import random
from pathlib import Path

import pytest

from vitascope.encoding.contract.master import Inspection, Severity
from vitascope.encoding.master.inspect import inspect, shown_size, turned_clockwise
from vitascope.encoding.master.languages import audio_in, language_of
from vitascope.engines.media import Input, Tool
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.media import Language

CLIPS = Path(__file__).parents[2] / "media"


@pytest.fixture(params=["auto", pytest.param("limits", marks=pytest.mark.long)])
def media(request: pytest.FixtureRequest) -> SandboxedMedia:
    return SandboxedMedia(sandbox=request.param)


def codes(inspection: Inspection) -> set[str]:
    return {found.code for found in inspection.findings}


def refusals(inspection: Inspection) -> list[str]:
    return [found.code for found in inspection.findings if found.severity is Severity.REFUSAL]


READ = {
    # name: width, height, rate, frames
    "bbb_1080p24_4s_aac51.mp4": (1920, 1080, "24/1", 98),
    "bbb_480p24_6s.mp4": (854, 480, "24/1", 146),
    "bbb_multi.mkv": (854, 480, "24/1", 483),
    "bbb_interlaced.mp4": (854, 480, "50/1", 300),
    "bbb_vfr.mp4": (854, 480, "24/1", 144),
    "bbb_rot90.mp4": (480, 854, "24/1", 50),
    "bbb_hdr10tag.mp4": (960, 540, "24/1", 96),
    "street_432p12.5_6s.mp4": (768, 432, "25/2", 75),
    "synth_black_freeze_silence.mp4": (640, 360, "24/1", 240),
    "picture_soft_telecine.mkv": (320, 180, "24000/1001", 97),
    "picture_screen_recording.mp4": (320, 180, "25/1", 300),
    "picture_jitter.mkv": (320, 180, "30/1", 120),
    "picture_every_5s.mp4": (320, 180, "10/1", 200),
    "picture_one_and_sound.mp4": (320, 180, "25/1", 250),
    "picture_clock_restarts.ts": (320, 180, "25/1", 100),
    "picture_clock_jumps.ts": (320, 180, "25/1", 100),
    "picture_rgb.mkv": (1040, 208, "25/1", 50),
    "picture_half_a_second.mp4": (320, 180, "25/1", 13),
}
PLACED_ANEW = {
    *("bbb_vfr.mp4", "picture_soft_telecine.mkv", "picture_screen_recording.mp4"),
    *("picture_jitter.mkv", "picture_every_5s.mp4", "picture_one_and_sound.mp4"),
}
REFUSED = {
    "bbb_truncated.mp4": "truncated",
    "synth_8192x8192_bomb.mp4": "too-large-picture",
    "README.md": "not-media",
}


def test_every_clip_is_judged() -> None:
    named = {path.name for path in CLIPS.iterdir() if not path.name.startswith(("sound_", "text_"))}
    assert named == READ.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", sorted(READ))
async def test_a_film_is_understood(media: SandboxedMedia, name: str) -> None:
    inspection = await inspect(media, CLIPS / name)
    source = inspection.source
    assert refusals(inspection) == []
    assert source is not None
    assert (source.width, source.height, source.frame_rate, source.frames) == READ[name]
    assert source.interlaced == ("interlaced" in name)
    assert source.vfr == (name in PLACED_ANEW)
    assert source.video_start_s == pytest.approx(0.011 if name.endswith(".ts") else 0, abs=0.001)


@pytest.mark.parametrize("name", sorted(REFUSED))
async def test_what_is_no_film_is_refused(media: SandboxedMedia, name: str) -> None:
    inspection = await inspect(media, CLIPS / name)
    assert refusals(inspection) == [REFUSED[name]]
    assert inspection.source is None
    assert inspection.findings[0].sentence.endswith(".")


async def test_oddities_are_told(media: SandboxedMedia) -> None:
    assert "interlaced" in codes(await inspect(media, CLIPS / "bbb_interlaced.mp4"))
    assert "variable-frame-rate" in codes(await inspect(media, CLIPS / "bbb_vfr.mp4"))
    assert "rotated" in codes(await inspect(media, CLIPS / "bbb_rot90.mp4"))
    hdr = await inspect(media, CLIPS / "bbb_hdr10tag.mp4")
    assert {"hdr", "no-audio"} <= codes(hdr)
    assert hdr.source is not None
    assert (hdr.source.primaries, hdr.source.transfer) == ("bt2020", "smpte2084")


ODD = {
    # the code: the picture of the film, and what else it is made with
    "full-range": ("testsrc=s=64x64:d=2,format=yuvj420p", ["-color_range", "pc"]),
    "pixels-not-square": ("testsrc=s=64x64:d=2,setsar=64/45", []),
    "colour-assumed": ("testsrc=s=64x64:d=2", []),
    "frame-rate-halved": ("testsrc=s=64x64:d=2:r=120", []),
    "audio-length": ("testsrc=s=64x64:d=4", ["-f", "lavfi", "-i", "sine=d=2", "-map", "1"]),
    "too-small-picture": ("testsrc=s=8x8:d=2", []),
    "too-narrow-picture": ("testsrc=s=32x1024:d=2", []),
}


@pytest.mark.parametrize("code", sorted(ODD))
async def test_what_is_odd_is_told(media: SandboxedMedia, tmp_path: Path, code: str) -> None:
    picture_of_it, more = ODD[code]
    inputs, options = (more[:4], more[4:]) if "lavfi" in more else ([], more)
    args = ["-f", "lavfi", "-i", picture_of_it, *inputs, "-map", "0", *options]
    args += ["-c:v", "ffv1", "-c:a", "flac", "{out}/film.mkv"]
    await media.run(Tool.FFMPEG, args, inputs={}, output=tmp_path)
    inspection = await inspect(media, tmp_path / "film.mkv")
    assert code in codes(inspection)
    assert (inspection.source is None) == code.startswith("too-")


@pytest.mark.parametrize("codec", ["mjpeg", "libx264"])
async def test_a_cover_that_is_not_marked_is_not_taken_for_the_film(
    media: SandboxedMedia, tmp_path: Path, codec: str
) -> None:
    """It comes first, is larger, and says that it is what plays by default."""
    args = ["-f", "lavfi", "-i", "testsrc=s=640x640:r=25:d=0.04", "-i", "{in.film}"]
    args += ["-map", "0:v", "-map", "1", "-c", "copy", "-c:v:0", codec]
    args += ["-disposition:v:0", "default", "-disposition:v:1", "0", "{out}/film.mkv"]
    film = Input(path=CLIPS / "bbb_480p24_6s.mp4")
    await media.run(Tool.FFMPEG, args, inputs={"film": film}, output=tmp_path)
    inspection = await inspect(media, tmp_path / "film.mkv")
    assert inspection.source is not None
    assert (inspection.source.video_index, inspection.source.frames) == (1, 146)
    assert "several-pictures" in codes(inspection)


@pytest.mark.parametrize(
    ("name", "by"), [("picture_clock_restarts.ts", -2.0), ("picture_clock_jumps.ts", 3597.9)]
)
async def test_a_clock_that_jumps_is_told_with_its_time(
    media: SandboxedMedia, name: str, by: float
) -> None:
    found = (await inspect(media, CLIPS / name)).findings
    (jump,) = [one for one in found if one.code == "clock-jumps"]
    assert jump.from_ms == pytest.approx(2000, abs=50)
    assert jump.value == pytest.approx(by, abs=0.1)


async def test_a_recording_that_begins_inside_a_group_begins_with_its_keyframe(
    media: SandboxedMedia, tmp_path: Path
) -> None:
    whole = (CLIPS / "picture_clock_restarts.ts").read_bytes()
    (tmp_path / "late.ts").write_bytes(whole[len(whole) // 188 // 8 * 188 :])
    inspection = await inspect(media, tmp_path / "late.ts")
    assert "starts-inside" in codes(inspection)
    assert inspection.source is not None
    assert (inspection.source.frames, inspection.source.pictures) == (75, 75)
    assert inspection.source.video_start_s > 0.4


async def test_a_still_film_is_a_film(media: SandboxedMedia, tmp_path: Path) -> None:
    inspection = await inspect(media, CLIPS / "picture_one_and_sound.mp4")
    (stays,) = [found for found in inspection.findings if found.code == "last-picture-stays"]
    assert stays.value == pytest.approx(9.96, abs=0.01)


async def test_a_picture_that_does_not_decode_is_refused(
    media: SandboxedMedia, tmp_path: Path
) -> None:
    film = bytearray((CLIPS / "bbb_rot90.mp4").read_bytes())
    begin = film.index(b"mdat") + 4
    end = film.index(b"moov") - 4
    film[begin:end] = bytes(end - begin)
    (tmp_path / "film.mp4").write_bytes(film)
    assert refusals(await inspect(media, tmp_path / "film.mp4")) == ["undecodable"]


async def test_tracks_have_languages_and_channels(media: SandboxedMedia) -> None:
    source = (await inspect(media, CLIPS / "bbb_multi.mkv")).source
    assert source is not None
    assert [(sound.language, sound.channels) for sound in source.audio] == [("en", 6), ("fr", 2)]
    assert [(text.language, text.codec) for text in source.text] == [
        ("en", "subrip"),
        ("fr", "subrip"),
    ]


PLAYLISTS = {
    "hls.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:6,\nsibling.mp4\n#EXT-X-ENDLIST\n",
    "indented.mp4": "\ufeff \n#EXTM3U\n#EXTINF:6,\nsibling.mp4\n",
    "concat.mp4": "ffconcat version 1.0\nfile sibling.mp4\n",
    "dash.mp4": '<?xml version="1.0"?>\n<MPD><Period><BaseURL>sibling.mp4</BaseURL></Period></MPD>',
    "smil.mp4": "<smil><body><video src='sibling.mp4'/></body></smil>",
}
TEXTS = {
    "text.mp4": "This is not a film.\n" * 50,
    "late.mp4": "# a comment first\nffconcat version 1.0\nfile sibling.mp4\n",
    "page.mp4": "<html><script>alert(1)</script></html>",
}


@pytest.mark.parametrize("name", sorted(PLAYLISTS | TEXTS))
async def test_scripts_are_refused_and_touch_nothing_else(
    media: SandboxedMedia, tmp_path: Path, name: str
) -> None:
    (tmp_path / "sibling.mp4").write_bytes((CLIPS / "bbb_480p24_6s.mp4").read_bytes())
    (tmp_path / name).write_text((PLAYLISTS | TEXTS)[name])
    before = picture(tmp_path)
    inspection = await inspect(media, tmp_path / name)
    assert inspection.source is None
    assert len(refusals(inspection)) == 1
    assert refusals(inspection) == ["playlist-not-media"] or name in TEXTS
    assert "h264" not in repr(inspection)  # nothing of the sibling was read
    assert picture(tmp_path) == before


async def test_an_empty_file_is_refused(media: SandboxedMedia, tmp_path: Path) -> None:
    (tmp_path / "film.mp4").touch()
    assert refusals(await inspect(media, tmp_path / "film.mp4")) == ["empty"]


@pytest.mark.parametrize("flags", [[], ["-movflags", "+faststart"], ["-f", "matroska"]])
async def test_a_cut_off_film_is_refused(
    media: SandboxedMedia, tmp_path: Path, flags: list[str]
) -> None:
    args = ["-i", "{in.film}", "-map", "0", "-c", "copy", *flags]
    args += ["{out}/whole.mkv" if "matroska" in flags else "{out}/whole.mp4"]
    film = Input(path=CLIPS / "bbb_480p24_6s.mp4")
    await media.run(Tool.FFMPEG, args, inputs={"film": film}, output=tmp_path)
    whole = next(tmp_path.iterdir())
    assert refusals(await inspect(media, whole)) == []
    with whole.open("r+b") as opened:
        opened.truncate(whole.stat().st_size // 2)
    assert refusals(await inspect(media, whole)) == ["truncated"]


async def test_a_film_that_is_cut_inside_its_header_is_incomplete(
    media: SandboxedMedia, tmp_path: Path
) -> None:
    """Its index lies at its end: what is left of it contradicts itself."""
    whole = (CLIPS / "picture_every_5s.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[:-500])
    assert whole.index(b"moov") < len(whole) - 500, "the index is cut, and not missing"
    found = await inspect(media, tmp_path / "cut.mp4")
    assert refusals(found) == ["truncated"]


async def test_sound_without_picture_is_refused(media: SandboxedMedia, tmp_path: Path) -> None:
    made = ["-f", "lavfi", "-i", "sine=d=1", "{out}/sound.wav"]
    await media.run(Tool.FFMPEG, made, inputs={}, output=tmp_path)
    assert refusals(await inspect(media, tmp_path / "sound.wav")) == ["no-video"]


async def test_a_codec_that_is_not_taken_is_named(media: SandboxedMedia, tmp_path: Path) -> None:
    made = [
        "-f",
        "lavfi",
        "-i",
        "testsrc=s=64x64:d=1",
        "-c:v",
        "snow",
        "-strict",
        "-2",
        "{out}/film.avi",
    ]
    await media.run(Tool.FFMPEG, made, inputs={}, output=tmp_path)
    inspection = await inspect(media, tmp_path / "film.avi")
    assert refusals(inspection) == ["unsupported-codec"]
    assert "snow" in inspection.findings[0].sentence


async def test_a_container_that_is_not_taken_is_refused_whatever_its_name(
    media: SandboxedMedia, tmp_path: Path
) -> None:
    made = ["-f", "lavfi", "-i", "testsrc=s=64x64:d=1", "-f", "nut", "{out}/film.mp4"]
    await media.run(Tool.FFMPEG, made, inputs={}, output=tmp_path)
    inspection = await inspect(media, tmp_path / "film.mp4")
    assert refusals(inspection) == ["unsupported-container"]


async def test_a_film_under_another_name_is_still_a_film(
    media: SandboxedMedia, tmp_path: Path
) -> None:
    odd = tmp_path / "notes.txt"
    odd.symlink_to(CLIPS / "bbb_rot90.mp4")
    assert refusals(await inspect(media, odd)) == []


async def test_a_header_that_lies_about_the_size_is_no_way_in(
    media: SandboxedMedia, tmp_path: Path
) -> None:
    bomb = bytearray((CLIPS / "synth_8192x8192_bomb.mp4").read_bytes())
    entry = bomb.find(b"avc1", bomb.find(b"stsd")) + 28
    assert bomb[entry : entry + 4] == bytes.fromhex("20002000")
    bomb[entry : entry + 4] = bytes.fromhex("028001e0")  # 640 x 480
    (tmp_path / "film.mp4").write_bytes(bomb)
    assert refusals(await inspect(media, tmp_path / "film.mp4")) == ["too-large-picture"]


async def test_damaged_headers_end_in_a_verdict_too(media: SandboxedMedia, tmp_path: Path) -> None:
    whole = (CLIPS / "bbb_rot90.mp4").read_bytes()
    dice = random.Random(7)
    for number in range(8):
        broken = bytearray(whole)
        for _ in range(1 + 5 * number):
            broken[-dice.randrange(1, 6000)] = dice.randrange(256)  # the index stands at the end
        film = tmp_path / f"{number}.mp4"
        film.write_bytes(broken)
        inspection = await inspect(media, film)
        assert (inspection.source is None) == bool(refusals(inspection))


def test_turning_and_pixels() -> None:
    turned = {"width": 854, "height": 480, "side_data_list": [{"rotation": -90}]}
    assert turned_clockwise(turned) == 90
    assert shown_size(turned, 90) == (480, 854)
    wide = {"width": 720, "height": 576, "sample_aspect_ratio": "64:45"}
    assert shown_size(wide, 0) == (1024, 576)
    assert shown_size({"width": 720, "height": 576, "sample_aspect_ratio": "0:1"}, 0) == (720, 576)


@pytest.mark.parametrize(
    ("told", "language"),
    [
        *[
            ("eng", "en"),
            ("GER", "de"),
            ("fre", "fr"),
            ("ces", "cs"),
            ("nob", "nb"),
            ("yue", "yue"),
        ],
        *[("pt_BR", "pt-BR"), ("zh-hans", "zh-Hans"), ("sqi", "sq"), ("mac", "mk"), ("iw", "he")],
        *[("", "und"), (None, "und"), ("x;y", "und"), ("qaa", "und"), ("English", "und")],
        ("xqz", "und"),
    ],
)
def test_languages_become_tags(told: str | None, language: str) -> None:
    assert language_of(told) == language


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "The French audio (stream 1)"),
        ("und", "The audio (stream 1)"),
        ("pt-BR", "The audio in 'pt-BR' (stream 1)"),
        ("gsw", "The audio in 'gsw' (stream 1)"),
    ],
)
def test_a_sentence_names_a_language_as_people_do(language: str, said: str) -> None:
    assert audio_in(Language(language), 1) == said


def picture(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
