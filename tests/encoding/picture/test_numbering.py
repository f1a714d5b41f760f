"""I6: frame n of a title is picture n of its master, by whatever container it came."""

from pathlib import Path

import numpy as np
import pytest

from tests.encoding.picture.test_frames import MEDIA, shown
from vitascope.engines.media import Input, Tool

pytestmark = pytest.mark.long

# Each picture is two steps brighter than the one before.
BRIGHTENING = "nullsrc=s=64x64:r=25:d=3,format=yuv420p,geq=lum='20+2*N':cb=128:cr=128"
SOUND = ("-f", "lavfi", "-i", "anoisesrc=d=3:r=44100:a=0.3:seed=7")
MASTERS = {
    "old_delivery.avi": ("-c:v", "mpeg4", "-q:v", "2", "-bf", "2", "-c:a", "libmp3lame"),
    "no_times.avi": ("-c:v", "libx264", "-qp", "4", "-bf", "3", "-c:a", "libmp3lame"),
    "plain.avi": ("-c:v", "mjpeg", "-q:v", "2", "-c:a", "pcm_s16le"),
    "flash.flv": ("-c:v", "flv", "-q:v", "2", "-c:a", "libmp3lame"),
    "windows.wmv": ("-c:v", "wmv2", "-q:v", "2", "-c:a", "wmav2"),
    "fragments.mp4": (
        *("-c:v", "libx264", "-qp", "4", "-bf", "2", "-c:a", "aac"),
        *("-movflags", "frag_keyframe+empty_moov"),
    ),
}


@pytest.mark.parametrize("name", MASTERS)
async def test_i6_frames_are_the_pictures_of_the_master_in_their_order(
    tmp_path: Path, name: str
) -> None:
    args = ["-f", "lavfi", "-i", BRIGHTENING, *SOUND, *MASTERS[name], f"{{out}}/{name}"]
    await MEDIA.run(Tool.FFMPEG, args, inputs={}, output=tmp_path)
    source, chunk = await shown(tmp_path, tmp_path / name)
    assert source.frames == 75
    seen = await MEDIA.run(
        Tool.FFMPEG,
        ["-i", "{in.c}", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-"],
        inputs={"c": Input(path=chunk, trusted=True)},
    )
    light = np.frombuffer(seen.stdout, np.uint8).reshape(75, -1)[:, : 64 * 64].mean(axis=1)
    assert light == pytest.approx([20 + 2 * number for number in range(75)], abs=0.9)
