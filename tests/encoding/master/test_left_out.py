"""I4: a stream that can't be read is left out, and the film is taken."""

from pathlib import Path

import pytest

from vitascope.encoding.contract.master import Severity
from vitascope.encoding.master.inspect import inspect
from vitascope.encoding.master.qc import quality
from vitascope.engines.media import Input, Tool
from vitascope.engines.media.contract import Limits
from vitascope.engines.media.sandboxed import SandboxedMedia, arguments

CLIPS = Path(__file__).parents[2] / "media"
MEDIA = SandboxedMedia()


@pytest.mark.parametrize(
    ("name", "codec"), [("sound_aac_latm.ts", "aac_latm"), ("sound_dvd_lpcm.vob", "pcm_dvd")]
)
async def test_sound_of_broadcasts_and_discs_is_taken(name: str, codec: str) -> None:
    source = (await inspect(MEDIA, CLIPS / name)).source
    assert source is not None
    assert [sound.codec for sound in source.audio] == [codec]
    report = await quality(MEDIA, CLIPS / name, source)
    assert [track.integrated_lufs for track in report.loudness] == [pytest.approx(-21.8, abs=0.5)]


async def test_captions_in_a_track_of_their_own_become_text() -> None:
    source = (await inspect(MEDIA, CLIPS / "text_cea608.mov")).source
    assert source is not None
    assert [(text.codec, text.closed_captions) for text in source.text] == [("eia_608", True)]


async def test_one_stream_outside_the_list_leaves_the_film(tmp_path: Path) -> None:
    args = ["-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2"]
    args += ["-map", "0", "-map", "1", "-map", "1", "-c:v", "libx264", "-preset", "ultrafast"]
    args += ["-c:a:0", "real_144", "-ar:a:0", "8000", "-ac:a:0", "1", "-c:a:1", "aac"]
    await MEDIA.run(Tool.FFMPEG, [*args, "{out}/film.mkv"], inputs={}, output=tmp_path)
    inspection = await inspect(MEDIA, tmp_path / "film.mkv")
    assert inspection.source is not None, inspection.findings
    assert [sound.codec for sound in inspection.source.audio] == ["aac"]
    (left,) = [found for found in inspection.findings if found.code == "sound-left-out"]
    assert left.severity is Severity.WARNING
    assert "real_144" in left.sentence or "ra_144" in left.sentence


def test_only_ffprobe_opens_what_is_not_on_the_list() -> None:
    asked, few = {"film": Input(path=CLIPS / "text_cea608.mov")}, Limits()
    words = arguments(Tool.FFPROBE, ["-i", "{in.film}"], asked, few, ["real_144"])
    lists = [words[at + 1] for at, word in enumerate(words) if word == "-codec_whitelist"]
    assert all("real_144" not in listed for listed in lists), "what decodes keeps to the list"
    with pytest.raises(ValueError, match="only ffprobe"):
        arguments(Tool.FFMPEG, ["-i", "{in.film}"], asked, few, ["real_144"])
    with pytest.raises(ValueError, match="decoder's name"):
        arguments(Tool.FFPROBE, ["-i", "{in.film}"], asked, few, ["a,b"])


async def test_a_film_whose_only_sound_cannot_be_read_is_not_published_silent(
    tmp_path: Path,
) -> None:
    """Nobody asked for a silent film: the refusal says what to do, whichever is meant."""
    args = ["-f", "lavfi", "-i", "testsrc=s=64x64:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2"]
    args += ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "real_144", "-ar", "8000"]
    args += ["-ac", "1", "{out}/film.mkv"]
    await MEDIA.run(Tool.FFMPEG, args, inputs={}, output=tmp_path)
    inspection = await inspect(MEDIA, tmp_path / "film.mkv")
    assert inspection.source is None
    (refusal,) = [one for one in inspection.findings if one.severity is Severity.REFUSAL]
    assert refusal.code == "unsupported-codec"
    assert "would be silent" in refusal.sentence and "ra_144" in refusal.sentence
    assert "upload it without audio" in refusal.sentence
    without = ["-i", "{in.film}", "-map", "0:v", "-c", "copy", "{out}/silent.mkv"]
    film = {"film": Input(path=tmp_path / "film.mkv", trusted=True)}
    await MEDIA.run(Tool.FFMPEG, without, inputs=film, output=tmp_path)
    inspection = await inspect(MEDIA, tmp_path / "silent.mkv")
    assert inspection.source is not None and inspection.source.audio == ()
    assert "no-audio" in {found.code for found in inspection.findings}
