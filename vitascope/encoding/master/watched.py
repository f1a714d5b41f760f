"""What quality control looks at besides, in the same decode: the film in small frames, for flashes;
some whole pictures of it, for pixels, bars, levels and coding; every second of its sound, channel
by channel. ffmpeg writes them into a folder, and they are read from there piece by piece."""

from collections.abc import Sequence
from pathlib import Path

from vitascope.encoding.contract.master import Finding, Source
from vitascope.encoding.master import faults, flashes, samples
from vitascope.encoding.master.channels import channels_in
from vitascope.encoding.picture.colours import readable
from vitascope.encoding.timing import rate_of

_CELLS, _PICTURES = "cells.rgb", "pictures.luma"
_AS_CODED = "setparams=range=tv"  # codes stay what they are
_LUMA = "format=yuv420p|yuv422p|yuv444p,extractplanes=y"


def pictures(source: Source) -> tuple[list[str], str, list[str]]:
    """Returns filters, what stands before the picture is made small, and outputs. `[cells]` is the
    small picture."""
    size = f"{flashes.WIDTH}:{flashes.HEIGHT}"
    graph = [f"[cells]scale={size}:flags=area,format=rgb24[flashes]"]
    maps = ["-map", "[flashes]", *_raw(_CELLS)]
    if not _looks_at_pictures(source):
        return graph, "", maps
    codes = [] if source.rgb else [_AS_CODED]
    size = f"scale={source.width}:{source.height}:flags=neighbor"
    chain = ",".join([*readable(source), *codes, size, _LUMA])
    graph.append(f"[whole]select='not(mod(n,{_every(source)}))',{chain}[luma]")
    return graph, "split=2[whole],", [*maps, "-map", "[luma]", *_raw(_PICTURES)]


def _looks_at_pictures(source: Source) -> bool:
    """Fields are no pictures yet, and a turned or stretched one isn't where it was coded."""
    plain = not (source.interlaced or source.rotation)
    return plain and source.sample_aspect in ("1:1", "0:1", "")


def _raw(name: str) -> list[str]:
    return ["-fps_mode", "passthrough", "-f", "rawvideo", f"{{out}}/{name}"]


def _every(source: Source) -> int:
    """Returns of how many pictures one is looked at whole."""
    seldom = round(float(rate_of(source.frame_rate)) * samples.EVERY_S)
    return max(1, seldom, -(-source.frames // samples.MOST))


def heard_in(number: int) -> str:
    """Returns the file in which a sound track's figures are."""
    return f"{{out}}/sound-{number}.txt"


def faults_in(folder: Path, source: Source, times: Sequence[float]) -> list[Finding]:
    """Returns what was seen and heard. `times` are those of all pictures. Blocks."""
    film = [time - source.video_start_s for time in times]
    rate = float(rate_of(source.frame_rate))
    seen = flashes.flashes_in(folder / _CELLS, film, rate, source.transfer)
    found = faults.of_flashes(seen)
    if (folder / _PICTURES).exists():
        some = film[:: _every(source)]
        told = samples.samples_in(folder / _PICTURES, source.width, source.height, some)
        found += faults.of_samples(source, told)
    for n, sound in enumerate(source.audio):
        file = folder / f"sound-{n}.txt"
        if file.exists():
            found += faults.of_channels(sound, channels_in(file, sound))
    return found
