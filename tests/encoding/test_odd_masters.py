"""I3, I4, I10: each master that once went wrong becomes a verified first version, and what is told
of it is true. What is right of each is in one line; what its name says of sound and picture in
detail has tests beside the step that decides it."""

from pathlib import Path

import msgspec
import pytest

from tests.encoding.steps import (
    KEYS,
    MEDIA,
    encoder_in,
    package_of,
    rendition,
    resized,
    subtitles_of,
)
from vitascope.encoding import (
    CheckQuality,
    EncodeAudio,
    Inspect,
    Package,
    PlanQuick,
    Severity,
    VerifyPackage,
)
from vitascope.engines.media import Tool
from vitascope.engines.media.sandboxed import SandboxedMedia

pytestmark = pytest.mark.long


class Right(msgspec.Struct, frozen=True, kw_only=True):
    """What is right for a master: how long it is (ms), its rate, the names of its sounds, the
    default first, and of its subtitles; codes that must be in the report, and some that must
    not."""

    lasts: int
    rate: str = "25/1"
    sounds: tuple[str, ...] = ("a-und-2",)
    texts: tuple[str, ...] = ()
    told: frozenset[str] = frozenset()
    untold: frozenset[str] = frozenset({"interlaced", "mute"})


def codes(*names: str) -> frozenset[str]:
    return frozenset(names)


CASES = {
    "sound_main_and_commentary.mkv": Right(lasts=3000, sounds=("a-en-2", "a-en-co-2")),
    "sound_two_without_language.mp4": Right(
        lasts=3000, sounds=("a-und-2", "a-und-2-x2"), told=codes("language-unknown")
    ),
    "sound_main_51_and_commentary.mkv": Right(
        lasts=3000, sounds=("a-en-2", "a-en-51", "a-en-co-2"), untold=codes("stereo-apart")
    ),
    "sound_description_first.mkv": Right(lasts=3000, sounds=("a-en-2", "a-en-ad-2")),
    "sound_stereo_then_51.ts": Right(lasts=4000, sounds=("a-und-2", "a-und-51")),
    "sound_float_above_full_scale.mov": Right(lasts=4000, told=codes("loudness-unusual")),
    "sound_aac_latm.ts": Right(lasts=3000, untold=codes("sound-left-out")),
    "sound_dvd_lpcm.vob": Right(
        lasts=2000, untold=codes("sound-left-out", "starts-inside", "variable-frame-rate")
    ),
    "sound_beats_longer_than_picture.mp4": Right(lasts=9000, told=codes("last-picture-stays")),
    "sound_short_tone.mp4": Right(lasts=120),
    "text_one_cue_not_utf8.mkv": Right(lasts=3000, texts=("t-fr",), told=codes("subtitle-charset")),
    "text_empty_forced_track.mkv": Right(lasts=3000, told=codes("subtitles-empty")),
    "text_cea608.mov": Right(lasts=4000, texts=("t-und-cc",)),
    "picture_soft_telecine.mkv": Right(lasts=4046, rate="24000/1001"),
    "picture_screen_recording.mp4": Right(lasts=12000, told=codes("variable-frame-rate")),
    "picture_jitter.mkv": Right(lasts=4000, rate="30/1"),
    "picture_clock_restarts.ts": Right(lasts=4000, told=codes("clock-jumps")),
    "picture_clock_jumps.ts": Right(lasts=4000, told=codes("clock-jumps")),
    "picture_every_5s.mp4": Right(lasts=20000, rate="10/1", told=codes("frames-repeated")),
    "picture_one_and_sound.mp4": Right(lasts=10000, told=codes("last-picture-stays")),
    "picture_rgb.mkv": Right(lasts=2000),
    "picture_half_a_second.mp4": Right(lasts=520),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_master_that_once_went_wrong_is_published_right(tmp_path: Path, name: str) -> None:
    await is_right(tmp_path, MEDIA / name, CASES[name])


PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=3")
SOUND = ("-f", "lavfi", "-i", "anoisesrc=d=3:c=pink:r=48000:a=0.3:seed=7")
X264 = ("-c:v", "libx264", "-preset", "ultrafast")
MANY = "aevalsrc={}:s=48000:d=3".format("|".join(f"0.1*random({n})" for n in range(16)))
MADE = {
    "alpha.webm": (
        (*PICTURE, *SOUND, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8",
         "-pix_fmt", "yuva420p", "-c:a", "libopus"),
        Right(lasts=3000),
    ),
    "clock_wraps.ts": (
        (*PICTURE, *SOUND, *X264, "-c:a", "aac", "-output_ts_offset", "95442"),
        Right(lasts=3000, untold=codes("clock-jumps")),
    ),
    "sixteen_channels.mov": (
        (*PICTURE, "-f", "lavfi", "-i", MANY, *X264, "-c:a", "pcm_s16le"),
        Right(lasts=3000, sounds=("a-und-2", "a-und-51")),
    ),
    "empty_sound.mkv": (
        (*PICTURE, *SOUND, "-map", "0", "-map", "1", "-map", "1", *X264, "-c:a", "pcm_s16le",
         "-filter:a:0", "aselect=0"),
        Right(lasts=3000, told=codes("sound-left-out")),
    ),
    "timecode.mov": (
        (*PICTURE, *SOUND, *X264, "-timecode", "01:00:00:00", "-c:a", "pcm_s24le"),
        Right(lasts=3000),
    ),
    "grey.mkv": (
        (*PICTURE, *SOUND, "-c:v", "ffv1", "-pix_fmt", "gray10le", "-c:a", "flac"),
        Right(lasts=3000),
    ),
    "camcorder.dv": (
        ("-f", "lavfi", "-i", "testsrc2=s=720x576:r=25:d=2", *SOUND, "-c:v", "dvvideo",
         "-pix_fmt", "yuv420p", "-aspect", "4:3", "-ac", "2", "-t", "2"),
        Right(lasts=2000),
    ),
    "archive.avi": (
        (*PICTURE, *SOUND, "-c:v", "huffyuv", "-pix_fmt", "yuv422p", "-c:a", "pcm_s16le"),
        Right(lasts=3000),
    ),
    "old_delivery.avi": (
        (*PICTURE, *SOUND, "-c:v", "mpeg4", "-bf", "2", "-vtag", "XVID", "-c:a", "libmp3lame"),
        Right(lasts=3000),
    ),
    "windows.wmv": ((*PICTURE, *SOUND, "-c:v", "wmv2", "-c:a", "wmav2"), Right(lasts=3000)),
    "too_small_to_be_locked.mp4": (
        ("-f", "lavfi", "-i", "color=0x010101:s=64x36:r=25:d=3", *X264),
        Right(lasts=3000, sounds=(), told=codes("no-audio")),
    ),
    "small_and_dark_around_a_picture.mp4": (
        ("-f", "lavfi", "-i", "testsrc2=s=64x36:r=25:d=9,fade=out:50:8,fade=in:150:8", *X264),
        Right(lasts=9000, sounds=(), told=codes("no-audio")),
    ),
    "flash.flv": (
        (*PICTURE, *SOUND, "-c:v", "flv", "-c:a", "libmp3lame", "-ar", "44100"),
        Right(lasts=3000),
    ),
    "flash_voice.flv": (
        (*PICTURE, *SOUND, "-c:v", "flv", "-c:a", "nellymoser", "-ar", "22050", "-ac", "1"),
        Right(lasts=3000),
    ),
    "flash_h264.flv": ((*PICTURE, *SOUND, *X264, "-c:a", "aac"), Right(lasts=3000)),
    "telephone.3gp": (
        ("-f", "lavfi", "-i", "testsrc2=s=352x288:r=25:d=3", *SOUND, "-c:v", "h263",
         "-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1"),
        Right(lasts=3000),
    ),
    "conference.avi": (
        ("-f", "lavfi", "-i", "testsrc2=s=352x288:r=25:d=3", *SOUND, "-c:v", "h263",
         "-c:a", "mp2"),
        Right(lasts=3000),
    ),
    "archive.mxf": (
        (*PICTURE, *SOUND, "-c:v", "jpeg2000", "-pix_fmt", "yuv422p10le", "-c:a", "pcm_s24le"),
        Right(lasts=3000),
    ),
    "archive_rgb.mov": (
        (*PICTURE, *SOUND, "-c:v", "jpeg2000", "-pix_fmt", "gbrp12le", "-c:a", "pcm_s24le"),
        Right(lasts=3000),
    ),
    "picture_after_its_sound.ts": (
        ("-itsoffset", "11", *PICTURE, "-f", "lavfi", "-i", "sine=d=14", *X264, "-c:a", "aac"),
        Right(lasts=3000, told=codes("audio-early")),
    ),
    "drawn.mp4": (
        ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=4,trim=1.5,setpts=PTS-STARTPTS", *X264),
        Right(lasts=2520, sounds=(), told=codes("no-audio"), untold=codes("interlaced")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
async def test_a_master_like_them_is_published_right(tmp_path: Path, name: str) -> None:
    args, right = MADE[name]
    tools = SandboxedMedia()
    await tools.run(Tool.FFMPEG, [*args, f"{{out}}/{name}"], inputs={}, output=tmp_path)
    await is_right(tmp_path / "encoder", tmp_path / name, right)


async def test_a_master_whose_size_changes_is_published_right(tmp_path: Path) -> None:
    right = Right(lasts=4000, told=codes("size-changes"))
    await is_right(tmp_path / "encoder", await resized(tmp_path), right)


async def is_right(folder: Path, master: Path, right: Right) -> None:
    package, told = await first_version(folder, master)
    assert package.frame_rate == right.rate
    assert package.duration_ms == pytest.approx(right.lasts, abs=50)
    assert tuple(track.name for track in package.audio) == right.sounds
    assert tuple(track.name for track in package.text) == right.texts
    assert right.told <= told
    assert not right.untold & told


async def first_version(folder: Path, master: Path) -> tuple[Package, set[str]]:
    """Every step of a first version, which is verified; and the codes of what was found."""
    encoder, blobs = encoder_in(folder)
    key = "masters/mas_1/bytes"
    await blobs.put_file(key, master, overwrite=True)
    inspection = await encoder.run(Inspect(master_key=key, file_name=master.name))
    assert inspection.source is not None
    qc = await encoder.run(CheckQuality(source=inspection.source))
    source = qc.as_decoded(inspection.source)
    sound = await encoder.run(EncodeAudio(sound=source.sound, qc=qc))
    text = await encoder.run(subtitles_of(source))
    quick = await encoder.run(PlanQuick(source=source))
    made = [await rendition(encoder, source, quick.shots, rung) for rung in quick.ladder.rungs]
    package = await encoder.run(package_of(source, made, sound, text))
    found = await encoder.run(VerifyPackage(package=package, keys=tuple(KEYS)))
    assert found.passed, found.failures
    findings = [*inspection.findings, *qc.findings, *(one for ref in text for one in ref.findings)]
    assert all(one.severity is not Severity.REFUSAL for one in findings), findings
    return package, {one.code for one in findings}
