"""A file of sound for a film that is published: what is taken, and what is refused. (I7)"""

from pathlib import Path

import pytest

from tests.encoding.steps import encoder_in
from vitascope.encoding import InspectSound, Severity, SoundInspection
from vitascope.engines.media import Tool
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.kernel.media import Language

CLIPS = Path(__file__).parents[2] / "media"
TALK = "aevalsrc=0.2*sin(2*PI*(300+40*t)*t)|0.1*sin(2*PI*(200+60*t)*t):s=48000:d={}"


async def recorded(folder: Path, name: str, *options: str, seconds: float = 6.0) -> Path:
    args = ["-f", "lavfi", "-i", TALK.format(seconds), *options, f"{{out}}/{name}"]
    await SandboxedMedia().run(Tool.FFMPEG, args, inputs={}, output=folder)
    return folder / name


async def looked_at(file: Path, folder: Path, duration_ms: int = 6000) -> SoundInspection:
    encoder, blobs = encoder_in(folder)
    await blobs.put_file("masters/s/bytes", file, overwrite=True)
    return await encoder.run(
        InspectSound(key="masters/s/bytes", duration_ms=duration_ms, language=Language("fr"))
    )


def refusals(found: SoundInspection) -> list[str]:
    assert (found.stream is None) == any(one.severity is Severity.REFUSAL for one in found.findings)
    return [one.code for one in found.findings if one.severity is Severity.REFUSAL]


@pytest.mark.parametrize(
    ("name", "options", "format"),
    [
        ("talk.wav", ["-c:a", "pcm_s24le"], "wav"),
        ("talk.w64", ["-c:a", "pcm_s24le"], "w64"),
        ("talk.flac", [], "flac"),
        ("talk.ac3", [], "ac3"),
        ("talk.eac3", [], "eac3"),
        ("talk.m4a", [], "mov"),
        ("talk.mka", ["-c:a", "flac"], "matroska"),
        ("talk.ogg", ["-c:a", "libopus"], "ogg"),
    ],
)
async def test_sound_by_itself_is_taken_in_the_forms_that_partners_send(
    tmp_path: Path, name: str, options: list[str], format: str
) -> None:
    found = await looked_at(await recorded(tmp_path, name, *options), tmp_path)
    assert refusals(found) == []
    assert found.stream is not None
    assert (found.format, found.stream.language, found.stream.channels) == (format, "fr", 2)
    assert found.qc.loudness_lufs == pytest.approx(-17, abs=3)
    assert len(found.sha256) == 64


async def test_the_sound_of_a_film_is_taken_and_the_picture_left_alone(tmp_path: Path) -> None:
    found = await looked_at(CLIPS / "bbb_480p24_6s.mp4", tmp_path)
    assert refusals(found) == []
    assert found.stream is not None


@pytest.mark.parametrize(
    ("seconds", "taken"), [(5.1, True), (6.9, True), (4.9, False), (7.1, False)]
)
async def test_the_length_may_differ_from_the_pictures_by_a_second(
    tmp_path: Path, seconds: float, taken: bool
) -> None:
    found = await looked_at(await recorded(tmp_path, "talk.wav", seconds=seconds), tmp_path)
    assert refusals(found) == ([] if taken else ["audio-length"])
    if not taken:
        (refusal,) = found.findings
        assert f"lasts {seconds:.2f} s and the picture 6.00 s" in refusal.sentence


async def test_what_holds_no_sound_is_refused(tmp_path: Path) -> None:
    args = ["-f", "lavfi", "-i", "testsrc=s=64x64:d=6", "{out}/mute.mp4"]
    await SandboxedMedia().run(Tool.FFMPEG, args, inputs={}, output=tmp_path)
    assert refusals(await looked_at(tmp_path / "mute.mp4", tmp_path)) == ["no-sound"]
    silence = ["-f", "lavfi", "-i", "anullsrc=d=6", "{out}/silence.wav"]
    await SandboxedMedia().run(Tool.FFMPEG, silence, inputs={}, output=tmp_path)
    assert refusals(await looked_at(tmp_path / "silence.wav", tmp_path)) == ["mute"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"The script of the film, in French.\n" * 200, "not-media"),
        (b"#EXTM3U\n#EXTINF:6,\nhttp://10.0.0.1/a.ts\n", "playlist-not-media"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "not-media"),
    ],
)
async def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    file = tmp_path / "sound.wav"
    file.write_bytes(content)
    assert refusals(await looked_at(file, tmp_path)) == [code]


async def test_sound_that_cannot_be_decoded_to_its_end_is_refused(tmp_path: Path) -> None:
    file = await recorded(tmp_path, "talk.flac")
    whole = bytearray(file.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 20_000] = b"\x5a" * 20_000
    file.write_bytes(whole)
    assert refusals(await looked_at(file, tmp_path)) in (["damaged"], ["audio-length"])


async def test_several_tracks_in_a_file_are_told_and_the_first_is_taken(tmp_path: Path) -> None:
    found = await looked_at(CLIPS / "bbb_multi.mkv", tmp_path, duration_ms=15_000)
    assert "several-sounds" in {one.code for one in found.findings}
