"""Streams that begin late: where no header names them they are found by reading ahead."""

from pathlib import Path

import pytest

from tests.encoding.steps import encoder_in
from vitascope.encoding import EncodeAudio, Inspect, Inspection, QcReport
from vitascope.encoding.local import LocalEncoding
from vitascope.engines.media import Tool
from vitascope.engines.media.sandboxed import SandboxedMedia

PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=64x36:r=25:d=64")
SOUND = ("-f", "lavfi", "-i", "sine=d=3:r=48000")
MPEG2 = ("-c:v", "mpeg2video", "-c:a", "ac3")


async def inspection_of(folder: Path, name: str, *args: str) -> tuple[LocalEncoding, Inspection]:
    await SandboxedMedia().run(Tool.FFMPEG, [*args, f"{{out}}/{name}"], inputs={}, output=folder)
    encoder, blobs = encoder_in(folder / "encoder")
    await blobs.put_file("masters/mas_1/bytes", folder / name, overwrite=True)
    found = await encoder.run(Inspect(master_key="masters/mas_1/bytes", file_name=name))
    return encoder, found


@pytest.mark.parametrize("name", ["late.ts", "late.vob"])
async def test_sound_that_begins_after_a_minute_is_published(tmp_path: Path, name: str) -> None:
    """A transport stream names it at its beginning, a programme stream does not even do that."""
    encoder, found = await inspection_of(
        tmp_path, name, *PICTURE, "-itsoffset", "61", *SOUND, *MPEG2
    )
    assert found.source is not None, found.findings
    assert [(sound.codec, sound.channels) for sound in found.source.audio] == [("ac3", 1)]
    (made,) = await encoder.run(EncodeAudio(sound=found.source.sound, qc=QcReport()))
    assert made.track.name == "a-und-2"


async def test_sound_of_another_programme_of_a_recording_is_left_out(tmp_path: Path) -> None:
    short = ("-f", "lavfi", "-i", "testsrc2=s=64x36:r=25:d=3")
    mapped = ("-map", "0", "-map", "1", "-map", "2", "-map", "3", *MPEG2)
    programs = ("-program", "program_num=1:st=0:st=1", "-program", "program_num=2:st=2:st=3")
    _, found = await inspection_of(
        tmp_path, "two.ts", *short, *SOUND, *short, *SOUND, *mapped, *programs
    )
    assert found.source is not None, found.findings
    assert (found.source.video_index, [sound.index for sound in found.source.audio]) == (0, [1])
    assert any("several programmes" in one.sentence for one in found.findings)


async def test_sound_that_is_named_and_never_comes_is_left_out(tmp_path: Path) -> None:
    twice = ("-map", "0", "-map", "1", "-map", "1", "-filter:a:1", "aselect=0", "-t", "3")
    _, found = await inspection_of(tmp_path, "unfed.ts", *PICTURE, *SOUND, *twice, *MPEG2)
    assert found.source is not None, found.findings
    assert [sound.index for sound in found.source.audio] == [1]
    (told,) = [one for one in found.findings if one.code == "sound-left-out"]
    assert "stream 2 (ac3) has no sound" in told.sentence


async def test_a_film_whose_only_sound_never_comes_is_told_why(tmp_path: Path) -> None:
    unfed = ("-filter:a:0", "aselect=0", "-t", "3")
    _, found = await inspection_of(tmp_path, "unfed.ts", *PICTURE, *SOUND, *unfed, *MPEG2)
    assert found.source is None
    assert "ac3 with no data at its beginning" in found.findings[-1].sentence
