"""I7: subtitles of which the first cue comes after minutes are at their place."""

from pathlib import Path

import pytest

from vitascope.encoding.companions.reading import Asked, read
from vitascope.encoding.companions.subtitles import extracted, make_subtitles, plan_subtitles
from vitascope.encoding.master.inspect import inspect
from vitascope.engines.media import Input, Tool
from vitascope.engines.media.sandboxed import SandboxedMedia

pytestmark = pytest.mark.long

MEDIA = SandboxedMedia()
SRT = "1\n00:03:20,500 --> 00:03:22,000\nLate\n\n2\n00:03:25,000 --> 00:03:27,500\nLater\n"
PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=64x36:r=5:d=215")
WRITTEN = {
    "late.mp4": ("-c:s", "mov_text"),
    "fragments.mp4": ("-c:s", "mov_text", "-movflags", "frag_keyframe+empty_moov"),
    "late.mkv": ("-c:s", "srt"),
    "late_ass.mkv": ("-c:s", "ass"),
    "late_vtt.mkv": ("-c:s", "webvtt"),
}
# The film begins with its picture, two seconds into the file.
SHIFTED = {"shifted.mp4": ("-c:s", "mov_text"), "shifted.mkv": ("-c:s", "srt")}
OTHERS = {
    "vtt": "WEBVTT\n\n03:20.500 --> 03:22.000\nLate\n\n03:25.000 --> 03:27.500\nLater\n",
    "ass": "[Script Info]\nScriptType: v4.00+\n\n[Events]\nFormat: Layer, Start, End, Style, Name,"
    " MarginL, MarginR, MarginV, Effect, Text\nDialogue: 0,0:03:20.50,0:03:22.00,Default,,0,0,0,,"
    "Late\nDialogue: 0,0:03:25.00,0:03:27.50,Default,,0,0,0,,Later\n",
    "srt": SRT,
}  # fmt: skip


@pytest.mark.parametrize("name", [*WRITTEN, *SHIFTED])
async def test_a_track_in_a_film_is_at_its_place(tmp_path: Path, name: str) -> None:
    (tmp_path / "late.srt").write_text(SRT)
    given = {"text": Input(path=tmp_path / "late.srt", trusted=True)}
    sound = ("-f", "lavfi", "-i", "anullsrc=d=215:r=8000") if name in SHIFTED else ()
    ahead = ("-itsoffset", "2") if name in SHIFTED else ()
    mapped = [word for n in range(3 if sound else 2) for word in ("-map", str(n))]
    options = (WRITTEN | SHIFTED)[name]
    await MEDIA.run(
        Tool.FFMPEG,
        [
            *(*ahead, *PICTURE, *sound, "-f", "srt", "-i", "{in.text}", *mapped),
            *("-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", *options, f"{{out}}/{name}"),
        ],
        inputs=given,
        output=tmp_path,
    )
    inspection = await inspect(MEDIA, tmp_path / name)
    assert inspection.source is not None, inspection.findings
    assert not [one for one in inspection.findings if one.code.startswith("subtitle")]
    source, (plan,) = inspection.source, plan_subtitles(inspection.source.text)
    raw = await extracted(MEDIA, tmp_path / name, source, plan, tmp_path)
    late_ms = round(source.video_start_s * 1000)
    made = await make_subtitles(raw, plan, source.duration_ms, tmp_path, late_ms)
    assert made.findings == ()
    begins = "00:03:18.500 --> 00:03:20.000" if name in SHIFTED else "00:03:20.500 --> 00:03:22.000"
    assert f"\n{begins}\nLate\n" in made.path.read_text()


@pytest.mark.parametrize("kind", OTHERS)
def test_a_file_beside_a_film_is_at_its_place(kind: str) -> None:
    found = read(Asked(raw=OTHERS[kind].encode(), language="en", duration_ms=215_000))
    assert [(cue.start_ms, cue.end_ms, cue.text) for cue in found.cues] == [
        (200_500, 202_000, "Late"),
        (205_000, 207_500, "Later"),
    ]
    assert found.findings == ()


DRAWN = b"\x20\x00\x0f\x10\x00\x01\x00\x02\x0a\x08\x0f\x80\x00\x01\x00\x00\xff"  # an empty page
TELETEXT = b"\x10" + 3 * (b"\x02\x2c\xe7\xe4" + bytes(42)) + 45 * b"\xff"


@pytest.mark.parametrize(
    ("demuxer", "raw", "code", "words"),
    [
        ("dvbsub", DRAWN, "subtitles-are-pictures", "are images (dvb_subtitle)"),
        ("dvbtxt", TELETEXT, "subtitles-left-out", "can't be read (dvb_teletext)"),
    ],
)
async def test_what_a_broadcast_draws_late_is_left_out_in_words(
    tmp_path: Path, demuxer: str, raw: bytes, code: str, words: str
) -> None:
    (tmp_path / "raw").write_bytes(raw)
    given = {"text": Input(path=tmp_path / "raw", trusted=True)}
    late = ("-itsoffset", "200.5", "-f", demuxer, "-i", "{in.text}", "-map", "0", "-map", "1")
    made = ("-c:v", "mpeg2video", "-r", "25", "-c:s", "copy", "{out}/late.ts")
    await MEDIA.run(Tool.FFMPEG, [*PICTURE, *late, *made], inputs=given, output=tmp_path)
    inspection = await inspect(MEDIA, tmp_path / "late.ts")
    assert inspection.source is not None, inspection.findings
    (told,) = [one for one in inspection.findings if one.code.startswith("subtitle")]
    assert told.code == code
    assert words in told.sentence
