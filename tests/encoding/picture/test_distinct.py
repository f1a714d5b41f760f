"""I3, I6: every picture of an oddly timed master is in what is encoded, at its time and once."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.encoding.steps import MEDIA, SMALL, encoder_in, inspected, rendition
from vitascope.encoding import PlanQuick, Source
from vitascope.engines.media import Input, Tool
from vitascope.engines.media.sandboxed import SandboxedMedia

pytestmark = pytest.mark.long

FINE = msgspec.structs.replace(SMALL, quick_heights=(180,), quick_crf=10.0)
CHANGED = 0.2  # mean difference of grey, from 0 to 255


async def encoded(folder: Path, name: str) -> tuple[Source, Path]:
    """The master as it was understood, and its first version."""
    encoder, blobs = encoder_in(folder, FINE)
    source = await inspected(encoder, blobs, name)
    quick = await encoder.run(PlanQuick(source=source))
    made = await rendition(encoder, source, quick.shots, quick.ladder.rungs[0])
    return source, await blobs.fetch(made.key, folder / "made.mp4")


async def greys(file: Path) -> NDArray[np.float64]:
    """Each picture, small."""
    args = ["-i", "{in.file}", "-map", "0:v:0", "-fps_mode", "passthrough"]
    args += ["-vf", "scale=64:36:flags=area,format=gray", "-f", "rawvideo", "-"]
    inputs = {"file": Input(path=file, trusted=True)}
    raw = await SandboxedMedia().run(Tool.FFMPEG, args, inputs=inputs)
    return np.frombuffer(raw.stdout, np.uint8).reshape(-1, 36, 64).astype(float)


def distinct(pictures: NDArray[np.float64]) -> int:
    changes = np.abs(np.diff(pictures, axis=0)).mean(axis=(1, 2))
    return 1 + int((changes > CHANGED).sum())


@pytest.mark.parametrize(
    ("name", "frames", "pictures"),
    [
        ("picture_soft_telecine.mkv", 97, 97),
        ("picture_screen_recording.mp4", 300, 44),
        ("picture_jitter.mkv", 120, 118),
        ("picture_every_5s.mp4", 200, 4),
        ("picture_one_and_sound.mp4", 250, 1),
        ("picture_half_a_second.mp4", 13, 13),
        ("picture_clock_restarts.ts", 100, 100),
        ("picture_clock_jumps.ts", 100, 100),
    ],
)
async def test_every_picture_is_there(
    tmp_path: Path, name: str, frames: int, pictures: int
) -> None:
    source, made = await encoded(tmp_path, name)
    seen, master = await greys(made), await greys(MEDIA / name)
    assert len(seen) == frames == source.frames
    assert distinct(master) >= pictures
    assert pictures <= distinct(seen) <= len(master)


async def test_fields_of_50_a_second_become_50_frames(tmp_path: Path) -> None:
    """What moves, moves in each of them, and in one direction: the fields are in their order."""
    for order, first in (("tff", "0"), ("bff", "1")):
        box = "color=black:s=320x180:r=50:d=2,drawbox=w=20:h=180:color=white:t=fill,scroll=h=0.01"
        weaved = f"{box},interlace=scan={order}:lowpass=off"
        args = ["-f", "lavfi", "-i", weaved, "-c:v", "ffv1", "{out}/" + f"{order}.mkv"]
        await SandboxedMedia().run(Tool.FFMPEG, args, inputs={}, output=tmp_path)
        source, made = await encoded(tmp_path / first, str(tmp_path / f"{order}.mkv"))
        assert (source.interlaced, source.frame_rate, source.frames) == (True, "50/1", 100)
        seen = await greys(made)
        columns = np.arange(64)
        places = [(one.mean(axis=0) * columns).sum() / one.mean(axis=0).sum() for one in seen]
        steps = np.diff(places)
        forwards = (steps > 0) if np.median(steps) > 0 else (steps < 0)
        assert forwards.mean() > 0.9, f"{order}: it goes to and fro"


async def test_film_in_the_fields_of_video_is_film_again(tmp_path: Path) -> None:
    film = "testsrc2=s=320x180:r=24000/1001:d=6,format=yuv420p"
    args = ["-f", "lavfi", "-i", f"{film},telecine", "-c:v", "ffv1", "{out}/video.mkv"]
    await SandboxedMedia().run(Tool.FFMPEG, args, inputs={}, output=tmp_path)
    plain = ["-f", "lavfi", "-i", film, "-c:v", "ffv1", "{out}/film.mkv"]
    await SandboxedMedia().run(Tool.FFMPEG, plain, inputs={}, output=tmp_path)
    source, made = await encoded(tmp_path, str(tmp_path / "video.mkv"))
    assert (source.frame_rate, source.pulled_down) == ("24000/1001", True)
    seen, master = await greys(made), await greys(tmp_path / "film.mkv")
    assert abs(len(seen) - len(master)) <= 1
    both = min(len(seen), len(master))
    away = np.abs(seen[:both] - master[:both]).mean(axis=(1, 2))
    assert np.median(away) < 1.5, "they are other pictures, or combed ones"
    assert distinct(seen) >= 0.97 * distinct(master)
