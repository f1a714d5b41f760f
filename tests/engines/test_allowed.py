"""The lists of what may be opened."""

import re
import subprocess

import imageio_ffmpeg
import pytest

from vitascope.engines import media
from vitascope.engines.media import allowed


@pytest.mark.parametrize(
    ("told_by", "names"),
    [
        (
            "-decoders",
            (*allowed.PICTURE_CODECS, *allowed.COVER_CODECS, *allowed.SOUND_CODECS),
        ),
        ("-decoders", allowed.TEXT_CODECS),
        ("-demuxers", allowed.CONTAINERS),
    ],
)
def test_what_is_listed_is_known_to_ffmpeg(told_by: str, names: tuple[str, ...]) -> None:
    """A name that it does not know would allow nothing, and nobody would be told."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", told_by]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    known = {name for word in re.findall(r"^ *\S+ +(\S+)", told, re.M) for name in word.split(",")}
    assert set(names) - known == set()


def test_a_codec_goes_by_the_name_that_ffprobe_gives_it() -> None:
    assert [media.sees(name) for name in ("h264", "av1", "msmpeg4v3", "dvvideo", "flv1")] == [
        True
    ] * 5
    assert [media.sees(name) for name in ("png", "aac", "unknown")] == [False] * 3
    assert [media.hears(name) for name in ("dts", "aac", "h264")] == [True, True, False]
