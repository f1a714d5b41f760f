"""I7: captions in a track of their own and inside the picture become a text track."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from vitascope.encoding.companions.subtitles import extracted, make_subtitles, plan_subtitles
from vitascope.encoding.master.inspect import inspect
from vitascope.engines.media import Input, Tool
from vitascope.engines.media.sandboxed import SandboxedMedia

CLIPS = Path(__file__).parents[2] / "media"
MEDIA = SandboxedMedia()
LOAD, ERASE_NEXT, SHOW, ERASE = (0x14, 0x20), (0x14, 0x2E), (0x14, 0x2F), (0x14, 0x2C)
LOW, TOP, SLANTED = (0x14, 0x70), (0x11, 0x50), (0x11, 0x2E)
AUD = b"\x00\x00\x00\x01\x09"

Pair = tuple[int, int]


def odd(byte: int) -> int:
    return byte if byte.bit_count() % 2 else byte | 0x80


def sei(pair: Pair) -> bytes:
    """A NAL unit with one pair of CEA-608 bytes of the first field."""
    said = bytes([0x41, 0xFF, 0xFC, odd(pair[0]), odd(pair[1]), 0xFF])
    payload = b"\xb5\x00\x31GA94\x03" + said
    return b"\x00\x00\x00\x01\x06\x04" + bytes([len(payload)]) + payload + b"\x80"


def letters(text: str) -> list[Pair]:
    padded = text if len(text) % 2 == 0 else text + "\0"
    return [(ord(padded[at]), ord(padded[at + 1])) for at in range(0, len(padded), 2)]


async def captioned(tmp_path: Path, said: Mapping[int, Sequence[Pair]], name: str) -> Path:
    """A film of 4 s at 25 pictures a second; `said` are pairs from a picture on."""
    made = ["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=4"]
    made += ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-x264-params", "aud=1"]
    plain = [*made, "-f", "h264", "{out}/plain.h264"]
    await MEDIA.run(Tool.FFMPEG, plain, inputs={}, output=tmp_path)
    _, *pictures = (tmp_path / "plain.h264").read_bytes().split(AUD)
    pairs = {at + n: pair for at, several in said.items() for n, pair in enumerate(several)}
    (tmp_path / "said.h264").write_bytes(
        b"".join(
            AUD + picture[:1] + sei(pairs.get(at, (0, 0))) + picture[1:]
            for at, picture in enumerate(pictures)
        )
    )
    sound = ["-f", "lavfi", "-i", "anullsrc=d=4:r=48000", "-metadata:s:a:0", "language=spa"]
    await MEDIA.run(
        Tool.FFMPEG,
        [
            *("-v", "error", "-r", "25", "-f", "h264", "-i", "{in.film}", *sound),
            *("-map", "0", "-map", "1", "-c:v", "copy", "-c:a", "aac", f"{{out}}/{name}"),
        ],
        inputs={"film": Input(path=tmp_path / "said.h264", trusted=True)},
        output=tmp_path,
    )
    return tmp_path / name


@pytest.mark.long
@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.ts"])
async def test_captions_inside_the_picture_become_a_track(tmp_path: Path, name: str) -> None:
    said = {
        10: [LOAD, ERASE_NEXT, LOW, *letters("Hello"), SHOW],
        40: [LOAD, ERASE_NEXT, TOP, SLANTED, *letters("Top"), SHOW],
        75: [ERASE],
    }
    film = await captioned(tmp_path, said, name)
    inspection = await inspect(MEDIA, film)
    assert inspection.source is not None, inspection.findings
    source = inspection.source
    (plan,) = plan_subtitles(source.text)
    assert (plan.track.name, plan.track.closed_captions) == ("t-es-cc", True)
    raw = await extracted(MEDIA, film, source, plan, tmp_path)
    late_ms = round(source.video_start_s * 1000)
    made = await make_subtitles(raw, plan, source.duration_ms, tmp_path, late_ms)
    lines = made.path.read_text().split("\n\n")[1:]
    (hello, top) = (line.strip().split("\n") for line in lines)
    assert hello[1] == "Hello"
    assert top[1] == "<i>Top</i>"
    assert hello[0].startswith("00:00:00.6")  # picture 16
    assert "line:" not in hello[0]
    assert " line:1" in top[0]
    assert (made.cues, made.findings) == (2, ())


async def test_captions_of_a_track_stand_where_they_say(tmp_path: Path) -> None:
    source = (await inspect(MEDIA, CLIPS / "text_cea608.mov")).source
    assert source is not None
    (plan,) = plan_subtitles(source.text)
    raw = await extracted(MEDIA, CLIPS / "text_cea608.mov", source, plan, tmp_path)
    made = await make_subtitles(raw, plan, source.duration_ms, tmp_path)
    assert "Hello" in made.path.read_text()
    assert "line:0" not in made.path.read_text(), "it is low in the picture"
