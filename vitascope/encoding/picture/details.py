"""How detailed a film's pictures are, and how much of them moves, told by short passages of it.

Four frames in every four seconds are encoded at two or three sizes and two qualities: what the
first of them takes is its detail, what the others take is what moves. Nothing of it is measured. It
is asked where nothing will be tried, in the pass that finds the cuts, and costs some hundredths of
encoding the film.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from vitascope.encoding.contract.master import Source
from vitascope.encoding.contract.picture import Chunk, Detail
from vitascope.encoding.picture.frames import DISPLAY_LINES, Size, fitted, shaped
from vitascope.encoding.picture.packets import packets_of
from vitascope.encoding.picture.recipes.h264 import TUNING
from vitascope.encoding.timing import frames_in, rate_of, timescale
from vitascope.encoding.workspace import Workspace

CRFS = (24, 34)
_LINES = (270, 540, DISPLAY_LINES)
_EVERY_S = 4.0
_FRAMES = 4


class Passages:
    """Some frames of a film that are looked at more closely."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._sizes = detail_sizes(source)
        usual = frames_in(_EVERY_S, rate_of(source.frame_rate))
        self._step = min(usual, max(_FRAMES, source.frames))
        self._outputs = [f"detail{n}-{crf}.mp4" for n in range(len(self._sizes)) for crf in CRFS]

    @property
    def starts(self) -> list[int]:
        """Returns the first frame of each passage."""
        off = self._step // 2
        found = [n for n in range(self._source.frames) if (n + off) % self._step < _FRAMES]
        return found[::_FRAMES]

    def graph(self, whole: str) -> str:
        """Returns filters that scale the passages of what is called `whole`."""
        chosen = f"select='lt(mod(n+{self._step // 2},{self._step}),{_FRAMES})',setpts=N"
        split = "".join(f"[w{n}]" for n in range(len(self._sizes)))
        chains = [f"[{whole}]{chosen},split={len(self._sizes)}{split}"]
        for n, size in enumerate(self._sizes):
            twice = "".join(f"[detail{n}-{crf}]" for crf in CRFS)
            chains.append(f"[w{n}]{shaped(self._source, size)},split={len(CRFS)}{twice}")
        return ";".join(chains)

    def arguments(self) -> list[str]:
        """Returns ffmpeg's arguments for what comes out of the filters."""
        group = f"keyint={_FRAMES}:min-keyint={_FRAMES}:scenecut=0:threads=1:{TUNING}"
        ticks = str(timescale(rate_of(self._source.frame_rate)))
        words: list[str] = []
        for name in self._outputs:
            label = name.removesuffix(".mp4")
            words += ["-map", f"[{label}]", "-fps_mode", "passthrough"]
            words += ["-c:v", "libx264", "-preset", "veryfast", "-crf", label.partition("-")[2]]
            words += ["-x264-params", group, "-video_track_timescale", ticks, f"{{out}}/{name}"]
        return words

    async def read(self, workspace: Workspace, folder: Path) -> dict[int, tuple[Detail, ...]]:
        """Returns what was found at the start of each passage, the smallest size first."""
        told = [
            [packet.size for packet in await packets_of(workspace, folder / name)]
            for name in self._outputs
        ]
        found: dict[int, tuple[Detail, ...]] = {}
        for number, start in enumerate(self.starts):
            bits = [_bits(sizes[number * _FRAMES : (number + 1) * _FRAMES]) for sizes in told]
            pairs = zip(bits[::2], bits[1::2], strict=True)
            found[start] = tuple(
                Detail(still=fine[0], moves=fine[1], still_coarse=less[0], moves_coarse=less[1])
                for fine, less in pairs
            )
        return found


def detail_sizes(source: Source) -> list[Size]:
    """Returns the sizes at which passages are encoded, the smallest first."""
    return sorted({fitted(source, lines) for lines in _LINES})


def _bits(sizes: Sequence[int]) -> tuple[float, float]:
    """Returns the bits of the first frame, and of an average later one."""
    later = sizes[1:] or sizes[:1]
    return 8.0 * sizes[0], 8.0 * sum(later) / len(later)


def detailed(chunks: Sequence[Chunk], found: Mapping[int, tuple[Detail, ...]]) -> list[Chunk]:
    """Returns the chunks with the mean of their passages; one without any has the nearest."""
    return [
        msgspec.structs.replace(chunk, details=_mean(_seen_in(chunk, found))) for chunk in chunks
    ]


def _seen_in(chunk: Chunk, found: Mapping[int, tuple[Detail, ...]]) -> list[tuple[Detail, ...]]:
    inside = [details for frame, details in found.items() if chunk.start <= frame < chunk.end]
    middle = (chunk.start + chunk.end) / 2
    return inside or [found[min(found, key=lambda frame: abs(frame - middle))]]


def _mean(seen: Sequence[tuple[Detail, ...]]) -> tuple[Detail, ...]:
    means: list[Detail] = []
    for same_size in zip(*seen, strict=True):
        values = zip(*map(msgspec.structs.astuple, same_size), strict=True)
        means.append(Detail(*(round(sum(each) / len(seen), 1) for each in values)))
    return tuple(means)
