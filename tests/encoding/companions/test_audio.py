"""I7: sound in every language, as long as the picture and in step with it."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from vitascope.encoding.companions.audio import PRIMING, AudioMade, encode_audio, plan_audio
from vitascope.encoding.contract.master import AudioSource, Source
from vitascope.encoding.master.inspect import inspect
from vitascope.encoding.master.measured import read_loudness
from vitascope.encoding.package import sync
from vitascope.encoding.settings import EncodingSettings
from vitascope.encoding.workspace import Workspace
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.media import Input, Tool
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.media import Language

pytestmark = pytest.mark.long

CLIPS = Path(__file__).parents[2] / "media"
MEDIA = SandboxedMedia()
CLICKS = "aevalsrc='0.8*eq(mod(n,48000),24000)+0.01*sin(440*2*PI*t)':s=48000:d=4"


async def understood(path: Path) -> Source:
    source = (await inspect(MEDIA, path)).source
    assert source is not None
    return source


async def heard(path: Path) -> NDArray[np.float32]:
    args = ["-v", "error", "-i", "{in.a}", "-f", "f32le", "-ac", "1", "-"]
    bound = {"a": Input(path=path, trusted=True)}
    result = await MEDIA.run(Tool.FFMPEG, args, inputs=bound)
    return np.frombuffer(result.stdout, dtype=np.float32)


async def clicking(folder: Path, *, picture_late_s: float = 0.0, sound_late_s: float = 0.0) -> Path:
    """Four seconds of film with a click at every half second after a whole one."""
    args = ["-itsoffset", f"{picture_late_s}", "-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=4"]
    args += ["-itsoffset", f"{sound_late_s}", "-f", "lavfi", "-i", CLICKS]
    args += ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le", "{out}/clicks.mkv"]
    await MEDIA.run(Tool.FFMPEG, args, inputs={}, output=folder)
    return folder / "clicks.mkv"


def clicks(sound: NDArray[np.float32]) -> list[int]:
    """Where the clicks are, in samples."""
    loud = np.flatnonzero(np.abs(sound) > 0.5 * np.abs(sound).max())
    return [int(place) for place in loud[np.diff(loud, prepend=-9999) > 1000]]


@pytest.mark.parametrize(
    ("picture_late_s", "sound_late_s", "expected"),
    [
        (0.0, 0.0, [24_000, 72_000, 120_000, 168_000]),
        (0.2, 0.0, [14_400, 62_400, 110_400, 158_400]),  # sound before the picture is cut
        (0.0, 0.2, [33_600, 81_600, 129_600, 177_600]),  # sound after its beginning is waited for
    ],
)
async def test_sound_is_in_step_to_the_sample(
    tmp_path: Path, picture_late_s: float, sound_late_s: float, expected: list[int]
) -> None:
    film = await clicking(tmp_path, picture_late_s=picture_late_s, sound_late_s=sound_late_s)
    source = await understood(film)
    (plan,) = plan_audio(source.sound)
    made = await encode_audio(MEDIA, film, source.sound, plan, tmp_path)
    sound = await heard(made.path)
    assert made.samples == round(source.duration_ms * 48)
    assert made.samples <= len(sound) < made.samples + PRIMING
    assert clicks(sound) == pytest.approx(expected, abs=48)  # a millisecond


async def recorded_twice(folder: Path, first: str, second: str, *, again_s: int = 3610) -> Path:
    """Two recordings of 4 s in one transport stream. The clock begins with 10 s, and with `again_s`
    in the second, whose sound begins 0.6 s late. `first` and `second` are ffmpeg's sources of
    sound."""
    parts = []
    for name, sound, begins_s, late_s in (("1", first, 10, 0.0), ("2", second, again_s, 0.6)):
        args = [
            *("-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=4"),
            *("-itsoffset", f"{late_s}", "-f", "lavfi", "-i", sound),
            *("-t", "4", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-c:a", "mp2"),
            *("-muxpreload", "0", "-muxdelay", "0", "-output_ts_offset", f"{begins_s}"),
            f"{{out}}/{name}.ts",
        ]
        await MEDIA.run(Tool.FFMPEG, args, inputs={}, output=folder)
        parts.append((folder / f"{name}.ts").read_bytes())
    film = folder / "both.ts"
    film.write_bytes(b"".join(parts))
    return film


async def test_sound_that_is_missing_after_a_jump_of_the_clock_is_silence(tmp_path: Path) -> None:
    film = await recorded_twice(tmp_path, CLICKS, CLICKS)
    source = await understood(film)
    made = await encode_audio(MEDIA, film, source.sound, plan_audio(source.sound)[0], tmp_path)
    seconds = [click / 48_000 for click in clicks(await heard(made.path))]
    expected = [0.5, 1.5, 2.5, 3.5, *(4 + 0.6 + part for part in (0.5, 1.5, 2.5))]
    assert seconds == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(("listened_s", "again_s"), [(30, 3610), (2, 3610), (2, 10)])
async def test_after_a_jump_of_the_clock_sound_is_compared_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listened_s: int, again_s: int
) -> None:
    """In one go from before the jump; and, as in a longer film, from a place after it alone. A seek
    by a clock that restarts finds nothing there."""
    monkeypatch.setattr(sync, "LISTENED_S", listened_s)
    noise = "anoisesrc=d=4:c=pink:r=48000:a=0.3:seed=7,adelay=500"
    silence = "anullsrc=r=48000:cl=mono:d=4"
    film = await recorded_twice(tmp_path, silence, noise, again_s=again_s)
    source = await understood(film)
    (plan,) = plan_audio(source.sound)
    made = await encode_audio(MEDIA, film, source.sound, plan, tmp_path)
    workspace = Workspace(
        blobs=DiskBlobs(root=tmp_path / "blobs"),
        tools=MEDIA,
        folder=tmp_path / "work",
        settings=EncodingSettings(),
    )
    found = await sync.agreement(workspace, source.sound, plan.track, film, made.path, None)
    assert found.outcome == "known"
    assert found.offset_ms == pytest.approx(0, abs=5)


async def test_sound_is_in_step_after_packaging(tmp_path: Path) -> None:
    film = await clicking(tmp_path)
    source = await understood(film)
    made = await encode_audio(MEDIA, film, source.sound, plan_audio(source.sound)[0], tmp_path)
    await MEDIA.run(
        Tool.PACKAGER,
        ["in={in.a},stream=audio,output={out}/packed.mp4", "--segment_duration", "1"],
        inputs={"a": Input(path=made.path, trusted=True)},
        output=tmp_path,
    )
    packed = clicks(await heard(tmp_path / "packed.mp4"))
    assert packed == pytest.approx([24_000, 72_000, 120_000, 168_000], abs=48)


async def encoded(path: Path, folder: Path) -> list[AudioMade]:
    source = await understood(path)
    return [
        await encode_audio(MEDIA, path, source.sound, plan, folder)
        for plan in plan_audio(source.sound)
    ]


async def test_every_language_in_its_channels_at_one_loudness(tmp_path: Path) -> None:
    made = await encoded(CLIPS / "bbb_multi.mkv", tmp_path)
    assert [(each.track.name, each.track.channels) for each in made] == [
        ("a-en-2", 2),
        ("a-en-51", 6),
        ("a-fr-2", 2),
    ]
    for each in made:
        assert await channels_in(each.path) == each.track.channels
        assert await level(each.path) == pytest.approx(-23.0, abs=0.5)
        assert abs(each.duration_ms - 20_125) < 1


async def channels_in(path: Path) -> int:
    args = ["-v", "error", "-show_entries", "stream=channels", "-of", "csv=p=0", "-i", "{in.a}"]
    result = await MEDIA.run(Tool.FFPROBE, args, inputs={"a": Input(path=path, trusted=True)})
    return int(result.stdout)


async def test_every_language_has_its_own_sound(tmp_path: Path) -> None:
    args = ["-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=2"]
    args += ["-f", "lavfi", "-i", "sine=f=440:d=2", "-f", "lavfi", "-i", "sine=f=880:d=2"]
    args += ["-map", "0", "-map", "1", "-map", "2"]
    args += ["-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fre"]
    args += ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le", "{out}/tones.mkv"]
    await MEDIA.run(Tool.FFMPEG, args, inputs={}, output=tmp_path)
    made = await encoded(tmp_path / "tones.mkv", tmp_path)
    tones = {each.track.language: await loudest_hz(each.path) for each in made}
    assert tones == {"en": pytest.approx(440, abs=2), "fr": pytest.approx(880, abs=2)}


async def loudest_hz(path: Path) -> float:
    sound = await heard(path)
    return float(np.abs(np.fft.rfft(sound)).argmax() * 48_000 / len(sound))


async def level(path: Path) -> float:
    args = ["-i", "{in.a}", "-filter_complex", "[0:a]ebur128@m=framelog=quiet[o]"]
    result = await MEDIA.run(
        Tool.FFMPEG,
        [*args, "-map", "[o]", "-f", "null", "-"],
        inputs={"a": Input(path=path, trusted=True)},
    )
    return read_loudness(result.stderr, "m").integrated_lufs


async def test_silence_stays_silent(tmp_path: Path) -> None:
    (made,) = await encoded(CLIPS / "street_432p12.5_6s.mp4", tmp_path)
    assert made.gain_db == 0.0
    assert float(np.abs(await heard(made.path)).max()) < 1e-3


async def test_a_stream_that_changes_its_layout_has_one_gain_and_stays_in_place(
    tmp_path: Path,
) -> None:
    stereo, surround = await encoded(CLIPS / "sound_stereo_then_51.ts", tmp_path)
    assert (stereo.track.channels, surround.track.channels) == (2, 6)
    for made in (stereo, surround):
        sound = await heard(made.path)
        assert len(sound) / 48_000 == pytest.approx(4.0, abs=0.03)
        passages = [sound[round(at * 48_000) :][:24_000] for at in (0.5, 1.3, 2.3, 3.3)]
        levels = [float(np.sqrt((passage**2).mean())) for passage in passages]
        assert levels[0] == pytest.approx(levels[1], rel=0.02), "one gain in the first half"
        assert levels[2] == pytest.approx(levels[3], rel=0.02), "and in the second"
        assert min(levels) > 0.01, "both passages are heard"
        assert await level(made.path) == pytest.approx(-23.0, abs=0.5)


@pytest.mark.parametrize("louder_db", [0, 30])
async def test_floating_point_above_full_scale_comes_to_the_usual_loudness(
    tmp_path: Path, louder_db: int
) -> None:
    """The meter's own scale ends at +10 LUFS."""
    film = CLIPS / "sound_float_above_full_scale.mov"
    if louder_db:
        args = ["-i", "{in.film}", "-c:v", "copy", "-af", f"volume={louder_db}dB"]
        args += ["-c:a", "pcm_f32le", "{out}/louder.mov"]
        await MEDIA.run(Tool.FFMPEG, args, inputs={"film": Input(path=film)}, output=tmp_path)
        film = tmp_path / "louder.mov"
    (made,) = await encoded(film, tmp_path)
    assert await level(made.path) == pytest.approx(-23.0, abs=0.5)
    assert made.gain_db < -20 - louder_db


async def test_the_stereo_of_a_51_is_its_own_and_not_the_commentary(tmp_path: Path) -> None:
    made = await encoded(CLIPS / "sound_main_51_and_commentary.mkv", tmp_path)
    assert [each.track.name for each in made] == ["a-en-2", "a-en-51", "a-en-co-2"]
    assert await loudest_hz(made[0].path) == pytest.approx(440, abs=2)
    assert made[2].track.label == "Commentary by the director"


async def test_the_default_sound_comes_first_and_a_description_never_does() -> None:
    source = await understood(CLIPS / "sound_description_first.mkv")
    plans = plan_audio(source.sound)
    assert [(plan.track.name, plan.stream.index) for plan in plans] == [
        ("a-en-2", 2),
        ("a-en-ad-2", 1),
    ]


async def test_left_and_right_in_two_streams_are_one_stereo(tmp_path: Path) -> None:
    args = ["-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=2"]
    args += ["-f", "lavfi", "-i", "sine=f=440:d=2", "-f", "lavfi", "-i", "sine=f=880:d=2"]
    args += ["-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-preset", "ultrafast"]
    await MEDIA.run(
        Tool.FFMPEG, [*args, "-c:a", "pcm_s16le", "{out}/two.mov"], inputs={}, output=tmp_path
    )
    (made,) = await encoded(tmp_path / "two.mov", tmp_path)
    for channel, hertz in (("FL", 440), ("FR", 880)):
        side = ["-i", "{in.a}", "-af", f"pan=mono|c0={channel}", "-c:a", "pcm_s16le"]
        bound = {"a": Input(path=made.path, trusted=True)}
        name = f"{channel}.wav"
        await MEDIA.run(Tool.FFMPEG, [*side, f"{{out}}/{name}"], inputs=bound, output=tmp_path)
        assert await loudest_hz(tmp_path / name) == pytest.approx(hertz, abs=2)


def sound_of(
    language: str, channels: int, *, descriptive: bool = False, **more: Any
) -> AudioSource:
    return AudioSource(
        index=1,
        language=Language(language),
        channels=channels,
        sample_rate=48000,
        codec="aac",
        descriptive=descriptive,
        **more,
    )


@pytest.mark.parametrize(
    ("sounds", "names"),
    [
        ([sound_of("en", 1)], ["a-en-2"]),
        ([sound_of("en", 8)], ["a-en-2", "a-en-51"]),
        ([sound_of("en", 6), sound_of("en", 2)], ["a-en-2", "a-en-51"]),
        ([sound_of("en", 2), sound_of("en", 2)], ["a-en-2", "a-en-2-x2"]),
        ([sound_of("en", 2), sound_of("en", 2, descriptive=True)], ["a-en-2", "a-en-ad-2"]),
        ([sound_of("pt-BR", 2), sound_of("und", 2)], ["a-pt-br-2", "a-und-2"]),
        ([sound_of("en", 2), sound_of("fr", 2, default=True)], ["a-fr-2", "a-en-2"]),
        (
            [sound_of("en", 6), sound_of("en", 6)],
            ["a-en-2", "a-en-51", "a-en-2-x2", "a-en-51-x2"],
        ),
        (
            [sound_of("en", 2, label="Old"), sound_of("en", 6)],
            ["a-en-2", "a-en-2-x2", "a-en-51-x2"],
        ),
        ([sound_of("en", 2, commentary=True)], ["a-en-co-2"]),
        ([], []),
    ],
)
async def test_renditions_are_planned_by_language_and_role(
    sounds: list[AudioSource], names: list[str]
) -> None:
    film = msgspec.structs.replace(await understood(CLIPS / "bbb_vfr.mp4"), audio=tuple(sounds))
    assert [plan.track.name for plan in plan_audio(film.sound)] == names
