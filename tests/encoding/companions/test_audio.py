"""I7: sound in every language, as long as the picture and in step with it."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from vitascope.encoding.companions import loudness
from vitascope.encoding.companions.audio import PRIMING, AudioMade, encode_audio, plan_audio
from vitascope.encoding.contract.master import AudioSource, Source
from vitascope.encoding.contract.request import EncodingFailed
from vitascope.encoding.master.inspect import inspect
from vitascope.encoding.master.measured import read_loudness
from vitascope.engines.media import Input, Tool
from vitascope.engines.media.boxed import BoxedMedia
from vitascope.kernel.media import Language

CLIPS = Path(__file__).parents[2] / "media"
MEDIA = BoxedMedia()
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


async def test_a_squeezing_normaliser_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: loudnorm without its linear mode."""
    honest = loudness.normalising
    monkeypatch.setattr(
        loudness, "normalising", lambda gain: honest(gain).replace("linear=true", "linear=false")
    )
    with pytest.raises(EncodingFailed, match="dynamic"):
        await encoded(CLIPS / "bbb_480p24_6s.mp4", tmp_path)


def sound_of(language: str, channels: int, *, descriptive: bool = False) -> AudioSource:
    return AudioSource(
        index=1,
        language=Language(language),
        channels=channels,
        sample_rate=48000,
        codec="aac",
        descriptive=descriptive,
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
        ([], []),
    ],
)
async def test_renditions_are_planned_by_language(
    sounds: list[AudioSource], names: list[str]
) -> None:
    film = msgspec.structs.replace(await understood(CLIPS / "bbb_vfr.mp4"), audio=tuple(sounds))
    assert [plan.track.name for plan in plan_audio(film.sound)] == names
