"""A film as frames and sounds, and its way into a master file."""

import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile

from demo.filming.canvas import HEIGHT, WIDTH, Canvas
from demo.filming.music import RATE, Sound

Frame = NDArray[np.uint8] | NDArray[np.uint16]
"""A picture, height by width by channels: red, green, blue and unused as bytes, or PQ-coded red,
green and blue in 16 bits."""

_SDR = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]
_HDR = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"]
_MASTERED = (
    "master-display=G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,50):"
    "max-cll=1000,180:hdr10=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:"
    "colormatrix=bt2020nc:log-level=error"
)


@dataclass(frozen=True)
class Track:
    """A sound track: samples by channel, from -1 to 1."""

    sound: Sound
    codec: Sequence[str] = ("-c:a", "aac", "-b:a", "112k")
    language: str = ""
    title: str = ""
    disposition: str = ""  # as ffmpeg calls it: "default", "visual_impaired", "comment"


@dataclass(frozen=True)
class Film:
    frames: Callable[[int], Iterable[Frame]]  # every so many-th of them
    tracks: Callable[[], Sequence[Track]]
    seconds: float
    rate: int = 24
    crf: float = 22
    tune: str = "animation"
    hdr: bool = False
    suffix: str = ".mp4"
    texts: Callable[[], dict[str, str]] = field(default=dict)  # WebVTT by language


def drawn(
    seconds: float, paint: Callable[[Canvas, float], None], rate: int = 24
) -> Callable[[int], Iterator[NDArray[np.uint8]]]:
    """Returns the frames of what `paint` paints on a canvas, given the time in seconds."""

    def frames(every: int) -> Iterator[NDArray[np.uint8]]:
        canvas = Canvas()
        for n in range(every // 2, round(seconds * rate), every):
            paint(canvas, n / rate)
            yield canvas.pixels

    return frames


def make(film: Film, file: Path) -> None:
    """Write the master, and its subtitles beside it."""
    with tempfile.TemporaryDirectory() as scratch:
        sounds = []
        for n, track in enumerate(film.tracks()):
            kept = Path(scratch) / f"{n}.wav"
            wavfile.write(kept, RATE, track.sound.astype(np.float32))
            sounds.append((kept, track))
        _encode(film, sounds, file)
    for language, text in film.texts().items():
        file.with_suffix(f".{language}.vtt").write_text(text, encoding="utf-8")


def _encode(film: Film, sounds: Sequence[tuple[Path, Track]], file: Path) -> None:
    stored = "rgb48le" if film.hdr else "rgba"
    command = [
        *(imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"),
        *("-f", "rawvideo", "-pix_fmt", stored, "-s", f"{WIDTH}x{HEIGHT}", "-r", str(film.rate)),
        *("-i", "-"),
        *(word for kept, _ in sounds for word in ("-i", str(kept))),
        *("-map", "0:v", *(w for n in range(len(sounds)) for w in ("-map", f"{n + 1}:a"))),
        *(_hdr_picture() if film.hdr else _picture(film)),
        *(word for n, (_, track) in enumerate(sounds) for word in _sound(n, track)),
        *("-t", str(film.seconds), "-map_metadata", "-1", "-fflags", "+bitexact"),
        *(("-movflags", "+faststart") if file.suffix == ".mp4" else ()),
        str(file),
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        assert encoder.stdin is not None
        for frame in film.frames(1):
            encoder.stdin.write(np.ascontiguousarray(frame).tobytes())
        encoder.stdin.close()
    if encoder.returncode:
        raise SystemExit(f"{file.name}: the encoder stopped with {encoder.returncode}")


def _picture(film: Film) -> list[str]:
    scale = "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int"
    return [
        *("-vf", f"{scale},format=yuv420p", "-c:v", "libx264", "-profile:v", "high"),
        *("-preset", "faster", "-tune", film.tune, "-crf", str(film.crf), "-g", "96", *_SDR),
    ]


def _hdr_picture() -> list[str]:
    scale = "scale=in_color_matrix=bt2020:out_color_matrix=bt2020:out_range=tv:flags=accurate_rnd"
    return [
        *("-vf", f"{scale},format=yuv420p10le", "-c:v", "libx265", "-preset", "fast"),
        *("-crf", "19", "-tag:v", "hvc1", "-x265-params", _MASTERED, *_HDR),
    ]


def _sound(number: int, track: Track) -> list[str]:
    words = [word.replace(":a", f":a:{number}") for word in track.codec]
    if track.language:
        words += [f"-metadata:s:a:{number}", f"language={track.language}"]
    if track.title:
        words += [f"-metadata:s:a:{number}", f"title={track.title}"]
    if track.disposition:
        words += [f"-disposition:a:{number}", track.disposition]
    return words
