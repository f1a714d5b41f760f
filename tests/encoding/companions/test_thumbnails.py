"""I9: seek previews, evenly spaced, from keyframes."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from vitascope.encoding.companions.thumbnails import Sprites, chosen, make_thumbnails, widened
from vitascope.encoding.contract.request import EncodingFailed
from vitascope.engines.media import Tool
from vitascope.engines.media.sandboxed import SandboxedMedia

MEDIA = SandboxedMedia()
COLOURS = {"red": (254, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 254)}


async def film(folder: Path) -> Path:
    """Two seconds of each colour, every one beginning with a keyframe."""
    parts = [f"color={name}:s=160x90:r=10:d=2" for name in COLOURS]
    args = [word for part in parts for word in ("-f", "lavfi", "-i", part)]
    joined = "[0][1][2]concat=n=3:v=1[v]"
    args += ["-filter_complex", joined, "-map", "[v]", "-c:v", "libx264", "-preset", "ultrafast"]
    args += ["-x264-params", "keyint=20:min-keyint=20:scenecut=0:open-gop=0", "{out}/film.mp4"]
    await MEDIA.run(Tool.FFMPEG, args, inputs={}, output=folder)
    return folder / "film.mp4"


async def test_each_place_shows_the_picture_of_its_time(tmp_path: Path) -> None:
    made = await make_thumbnails(MEDIA, await film(tmp_path), 6000, tmp_path, interval_ms=1000)
    assert [sheet.name for sheet in made.sheets] == ["thumbs-0.jpg"]
    assert msgspec.json.decode(made.index.read_bytes(), type=Sprites) == made.sprites
    assert (made.sprites.width, made.sprites.height, made.sprites.count) == (160, 90, 6)
    with Image.open(made.sheets[0]) as sheet:
        assert sheet.size == (1600, 90)
        middles = [sheet.getpixel((160 * place + 80, 45)) for place in range(6)]
    for seen, colour in zip(middles, [name for name in COLOURS for _ in range(2)], strict=True):
        assert seen == pytest.approx(COLOURS[colour], abs=12)


async def test_many_pictures_fill_several_sheets(tmp_path: Path) -> None:
    made = await make_thumbnails(MEDIA, await film(tmp_path), 6000, tmp_path, interval_ms=40)
    assert made.sprites.count == 150
    sizes = []
    for path in made.sheets:
        with Image.open(path) as sheet:
            sizes.append(sheet.size)
    assert sizes == [(1600, 900), (1600, 450)]
    assert not (tmp_path / "keyframes").exists()


async def test_what_does_not_decode_fails(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"nothing")
    with pytest.raises(EncodingFailed):
        await make_thumbnails(MEDIA, tmp_path / "film.mp4", 6000, tmp_path)


@given(
    keys=some.lists(some.integers(0, 600_000), min_size=1, unique=True),
    duration=some.integers(1, 600_000),
    interval=some.sampled_from([500, 1000, 2000, 5000]),
)
def test_a_place_shows_the_last_keyframe_before_it(
    keys: list[int], duration: int, interval: int
) -> None:
    times = sorted(keys)
    shown = chosen(times, duration, interval)
    assert len(shown) == -(-duration // interval)
    for place, number in enumerate(shown):
        at = place * interval
        assert times[number] <= at or number == 0
        assert number + 1 == len(times) or times[number + 1] > at


def test_a_long_film_has_wider_steps() -> None:
    assert widened(2 * 3_600_000, 2000) == 3000
    assert widened(600_000, 2000) == 2000
