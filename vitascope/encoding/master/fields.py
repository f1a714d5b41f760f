"""Finds interlaced pictures. Tags lie, so a few seconds are decoded and looked at."""

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vitascope.encoding.contract.master import FieldOrder
from vitascope.engines import media

_WINDOW_S = 1.6
_PLACES = (0.08, 0.45, 0.8)  # parts of the film at which to look
_REPEATED = re.compile(r"Repeated Fields: Neither:\s*(\d+) Top:\s*(\d+) Bottom:\s*(\d+)")
_DECODED = re.compile(r"frame=\s*(\d+)")
_ONE_ORDER = 4
_ENOUGH = 8  # pictures that show it one way or the other
_OVERRULES = 40  # pictures that it takes to overrule a stream that says it is progressive
_CLEARLY = 1.2  # by which two fields must fit worse than the other two; idet's own is 1.04
_PULLED = 0.16  # a fifth of all pictures repeats a field at the top, and a fifth at the bottom


class Fields(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures by what they showed; still ones show nothing. The first three go by the pictures
    around each one as well, which smooths and also spreads an error; `alone` are the same three by
    each picture alone, and `clear` those of them that show it clearly. `repeated` are pictures
    whose top or bottom field was there before."""

    top_first: int
    bottom_first: int
    progressive: int
    decoded: int
    alone: tuple[int, int, int] = (0, 0, 0)
    clear: tuple[int, int, int] = (0, 0, 0)
    repeated: tuple[int, int, int] = (0, 0, 0)  # and the third, those without one

    @property
    def part_interlaced(self) -> float:
        weaved = self.top_first + self.bottom_first
        return weaved / max(1, weaved + self.progressive)

    def interlaced(self, told: str) -> bool:
        """Returns True if most pictures are interlaced; where next to nothing moves, the stream's
        `field_order` decides. A stream that says it is progressive is overruled only by many
        pictures, each seen by itself: moving edges of drawn pictures look like fields, too.

        Real fields keep one order. Noise and fine patterns look like both orders by turns; what
        they look like is never clear."""
        if told in ("tt", "bb", "tb", "bt"):
            if self.top_first + self.bottom_first + self.progressive < _ENOUGH:
                return True
            return _weaved(self.top_first, self.bottom_first, self.progressive)
        return max(self.alone[:2]) >= _OVERRULES and _weaved(*self.alone) and _weaved(*self.clear)

    @property
    def pulled_down(self) -> bool:
        """Returns True for film in fields of video: each fourth picture is spread over five."""
        top, bottom, _ = self.repeated
        return min(top, bottom) >= max(3, _PULLED * sum(self.repeated))

    @property
    def order(self) -> FieldOrder:
        """Returns which field comes first, where it was seen."""
        top, bottom, _ = self.alone
        clear = max(top, bottom) >= _ENOUGH and _weaved(top, bottom, 0)
        return "auto" if not clear else "tff" if top > bottom else "bff"


def _weaved(top: int, bottom: int, progressive: int) -> bool:
    few, many = sorted((top, bottom))
    return many > progressive and many > _ONE_ORDER * few


async def look_at_fields(
    tools: media.Media, path: Path, index: int, duration_s: float, keys: Sequence[float] = ()
) -> Fields:
    """Decode short windows from `keys` on, where decoding may begin (seconds after the file's own
    start). Nothing decoded is told as `decoded == 0`, not raised."""
    starts = _starts(duration_s, keys)
    window = _WINDOW_S * len(_PLACES) / len(starts)
    args: list[str] = ["-v", "info"]
    for start in starts:
        # in AVI with B-frames even `-ss 0` skips the first keyframe
        args += ["-ss", f"{start:.3f}"] if start > 0 else []
        args += ["-t", f"{window}", "-noautorotate"]
        args += ["-i", "{in.master}"]
    look = f"idet,idet@clear=intl_thres={_CLEARLY}"
    looks = [f"[{n}:{index}]{look}[i{n}]" for n in range(len(starts))]
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
    lines = said.splitlines()
    clear = "\n".join(line for line in lines if "idet@clear" in line)
    said = "\n".join(line for line in lines if "idet@clear" not in line)
    top, bottom, progressive = _summed(_counts("Multi"), said)
    neither, top_again, bottom_again = _summed(_REPEATED, said)
    return Fields(
        top_first=top,
        bottom_first=bottom,
        progressive=progressive,
        decoded=max((int(found) for found in _DECODED.findall(said)), default=0),
        alone=_summed(_counts("Single"), said),
        clear=_summed(_counts("Single"), clear),
        repeated=(top_again, bottom_again, neither),
    )


def _counts(kind: str) -> re.Pattern[str]:
    return re.compile(rf"{kind} frame detection: TFF:\s*(\d+) BFF:\s*(\d+) Progressive:\s*(\d+)")


def _summed(pattern: re.Pattern[str], said: str) -> tuple[int, int, int]:
    top, bottom, other = 0, 0, 0
    for found in pattern.findall(said):
        top, bottom, other = top + int(found[0]), bottom + int(found[1]), other + int(found[2])
    return top, bottom, other
