"""Pictures of a title that are stills of its film."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import imageio_ffmpeg
import msgspec
from PIL import Image

_SIZE = (1280, 720)  # of every film of the demo
_TONE_MAPPED = (  # as the service publishes it
    "zscale=transfer=linear:npl=100,format=gbrpf32le,zscale=primaries=bt709,"
    "tonemap=hable:desat=0,zscale=transfer=bt709:matrix=bt709:range=tv,"
)


class Still(msgspec.Struct, frozen=True, kw_only=True):
    film: Path
    at_s: float
    middle: float  # of an upright part of it, as a share of the width


def framed(still: Still, sizes: Sequence[tuple[int, int]]) -> list[Image.Image]:
    """Returns the still cut to the shape of each size, and scaled."""
    whole = _read(still)
    return [_cut(whole, size, still.middle) for size in sizes]


def _read(still: Still) -> Image.Image:
    dark = _TONE_MAPPED if still.film.stem.endswith("hdr") else ""
    shown = ["-frames:v", "1", "-vf", f"{dark}scale=1280:720,format=rgb24", "-f", "rawvideo", "-"]
    read = ["-v", "error", "-ss", str(still.at_s), "-i", str(still.film)]
    done = subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), *read, *shown], capture_output=True, check=True
    )
    return Image.frombytes("RGB", _SIZE, done.stdout)


def _cut(whole: Image.Image, size: tuple[int, int], middle: float) -> Image.Image:
    width = min(whole.width, round(whole.height * size[0] / size[1]))
    left = round(min(max(0.0, middle * whole.width - width / 2), whole.width - width))
    part = whole.crop((left, 0, left + width, whole.height))
    return part.resize(size, Image.Resampling.LANCZOS)
