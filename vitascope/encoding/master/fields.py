"""Finds interlaced pictures. Tags lie, so a few seconds are decoded and looked at."""

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vitascope.engines import media

_WINDOW_S = 1.6
_PLACES = (0.08, 0.45, 0.8)  # parts of the film at which to look
_COUNTS = re.compile(r"Multi frame detection: TFF:\s*(\d+) BFF:\s*(\d+) Progressive:\s*(\d+)")
_DECODED = re.compile(r"frame=\s*(\d+)")
_ONE_ORDER = 4
_ENOUGH = 8  # pictures that show it one way or the other


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures by what they showed; still ones show nothing."""

    top_first: int
    bottom_first: int
    progressive: int
    decoded: int

    @property
    def part_interlaced(self) -> float:
        weaved = self.top_first + self.bottom_first
        return weaved / max(1, weaved + self.progressive)

    def interlaced(self, told: str) -> bool:
        """Returns True if most pictures are interlaced; where next to nothing moves, the
        container's `field_order` decides.

        Real fields keep one order. Noise and fine patterns look like both orders by turns."""
        if self.top_first + self.bottom_first + self.progressive < _ENOUGH:
            return told in ("tt", "bb", "tb", "bt")
        few, many = sorted((self.top_first, self.bottom_first))
        return many > self.progressive and many > _ONE_ORDER * few


async def look_at_fields(
    tools: media.Media, path: Path, index: int, duration_s: float, keys: Sequence[float] = ()
) -> Fields:
    """Decode short windows from `keys` on, where decoding may begin (seconds after the file's own
    start). Nothing decoded is told as `decoded == 0`, not raised."""
    starts = _starts(duration_s, keys)
    window = _WINDOW_S * len(_PLACES) / len(starts)
    args: list[str] = ["-v", "info"]
    for start in starts:
        args += ["-ss", f"{start:.3f}", "-t", f"{window}", "-noautorotate"]
        args += ["-i", "{in.master}"]
    looks = [f"[{n}:{index}]idet[i{n}]" for n in range(len(starts))]
    ends = [word for n in range(len(starts)) for word in ("-map", f"[i{n}]", "-f", "null", "-")]
    try:
        result = await tools.run(
            media.Tool.FFMPEG,
            [*args, "-filter_complex", ";".join(looks), *ends],
            inputs={"master": media.Input(path=path)},
            limits=media.Limits(wall_s=300),
        )
    except media.ToolFailed:
        return Fields(top_first=0, bottom_first=0, progressive=0, decoded=0)
    return read_fields(result.stderr)


def _starts(duration_s: float, keys: Sequence[float]) -> list[float]:
    wanted = [part * duration_s for part in _PLACES]
    if duration_s <= 2 * len(_PLACES) * _WINDOW_S or not keys:
        return [0.0]
    return sorted({_nearest(keys, place) for place in wanted})


def _nearest(keys: Sequence[float], place: float) -> float:
    return min(keys, key=lambda key: abs(key - place))


def read_fields(said: str) -> Fields:
    """Returns what idet said at its end, summed over the windows."""
    counts = [tuple(map(int, found)) for found in _COUNTS.findall(said)]
    top, bottom, progressive = (
        (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0, 0)
    )
    decoded = max((int(found) for found in _DECODED.findall(said)), default=0)
    return Fields(top_first=top, bottom_first=bottom, progressive=progressive, decoded=decoded)
