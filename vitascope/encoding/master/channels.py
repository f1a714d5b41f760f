"""What every second of a sound track tells: channels that are clipped, missing, or against each
other. Filters in ffmpeg measure, and print a line for each figure."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from vitascope.encoding.contract.master import AudioSource
from vitascope.encoding.master.spans import Span, of_marks

SECOND_MS = 1000
_PRINTED = re.compile(
    r"frame:\d+ .*?pts_time:(?P<time>-?[\d.]+)"
    r"|lavfi\.astats\.(?P<channel>\d+)\.(?P<what>\w+)=(?P<figure>\S+)"
    r"|lavfi\.aphasemeter\.phase=(?P<phase>\S+)"
)
_SILENT_DB = -120.0
_HEARD_DB, _MISSING_DB = -45.0, -70.0
_FLAT, _PEAKS, _PEAK_DB = 3.0, 10, -3.0  # of a second of clipped sound
_AGAINST = -0.9  # phase
_NEAR_MS = 5000
_LOST_MS, _AGAINST_MS = 30_000, 5000
_LFE = "LFE"
_NAMES = {  # in ffmpeg's order
    "stereo": ("left", "right"),
    "5.1": ("left", "right", "centre", "LFE", "left surround", "right surround"),
    "5.1(side)": ("left", "right", "centre", "LFE", "left surround", "right surround"),
    "7.1": (
        *("left", "right", "centre", "LFE", "left back", "right back"),
        *("left surround", "right surround"),
    ),
}

Figures = npt.NDArray[np.float32]


class Channels(msgspec.Struct, frozen=True, kw_only=True):
    """`missing` are the channels that are silent while others are heard, `lost` those that are so
    for a while; `clipped` and `against` are stretches, in milliseconds."""

    missing: tuple[str, ...] = ()
    lost: tuple[tuple[Span, str], ...] = ()
    clipped: tuple[Span, ...] = ()
    against: tuple[Span, ...] = ()


def watched(sound: AudioSource, file: str) -> str:
    """Returns filters that print into `file` what each second of a track tells."""
    phase = "aphasemeter=video=0," if sound.channels == 2 else ""
    measured = "Peak_level+RMS_level+Flat_factor+Peak_count"
    layout = "aformat=channel_layouts=stereo," if sound.channels == 2 else ""
    return (
        f"{layout}asetnsamples=n={sound.sample_rate}:p=0,"
        f"astats=metadata=1:reset=1:measure_overall=none:measure_perchannel={measured},"
        f"{phase}ametadata=print:file={file}"
    )


def channels_in(file: Path, sound: AudioSource) -> Channels:
    """Returns what was printed into `file` by `watched`."""
    told = _Told(sound.channels)
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if found := _PRINTED.match(line):
                told.take(found.groupdict())
    return found_in(sound, told.figures(), told.phases())


class _Told:
    def __init__(self, channels: int) -> None:
        self._channels = channels
        self._seconds: list[list[tuple[float, float, float, float]]] = []
        self._phases: list[float] = []
        self._now: dict[tuple[int, str], float] = {}

    def take(self, found: Mapping[str, str | None]) -> None:
        if found["time"] is not None:
            self._end()
            self._phases.append(0.0)
            self._now = {(-1, "begun"): 1.0}
        elif found["phase"] is not None and self._phases:
            self._phases[-1] = _figure(found["phase"])
        elif found["channel"] is not None:
            self._now[int(found["channel"]) - 1, str(found["what"])] = _figure(found["figure"])

    def figures(self) -> Figures:
        """Returns seconds by channels by peak, RMS, flatness and count of peaks."""
        self._end()
        self._now = {}
        shape = (len(self._seconds), self._channels, 4)
        return np.array(self._seconds, dtype=np.float32).reshape(shape)

    def phases(self) -> Figures:
        return np.array(self._phases, dtype=np.float32)

    def _end(self) -> None:
        if not self._now:
            return
        self._seconds.append(
            [
                (
                    self._now.get((n, "Peak_level"), _SILENT_DB),
                    self._now.get((n, "RMS_level"), _SILENT_DB),
                    self._now.get((n, "Flat_factor"), 0.0),
                    self._now.get((n, "Peak_count"), 0.0),
                )
                for n in range(self._channels)
            ]
        )


def _figure(text: str | None) -> float:
    try:
        figure = float(text or "")
    except ValueError:
        return _SILENT_DB
    return max(_SILENT_DB, figure) if np.isfinite(figure) else _SILENT_DB


def found_in(sound: AudioSource, figures: Figures, phases: Figures) -> Channels:
    """Returns what is wrong with a track, by its figures. Pure."""
    if not len(figures):
        return Channels()
    peak, level, flat, peaks = np.moveaxis(figures, 2, 0)
    names = _names(sound)
    cut = (flat >= _FLAT) & (peaks >= _PEAKS) & (peak >= _PEAK_DB)
    clipped = cut[:, [name != _LFE for name in names]].any(axis=1)  # deep tones have flat peaks
    loudest = level.max(axis=1)
    heard = loudest >= _HEARD_DB
    against = np.zeros(len(figures), dtype=bool)
    if sound.channels == 2:
        both = level.min(axis=1) >= _HEARD_DB
        against = both & (phases <= _AGAINST)
    missing = [
        n
        for n, name in enumerate(names)
        if name != _LFE and heard.any() and level[:, n].max() < _MISSING_DB
    ]
    return Channels(
        missing=tuple(names[n] for n in missing),
        lost=_lost(sound, level, heard, missing),
        clipped=_stretches(clipped, 1, _NEAR_MS),
        against=_stretches(against, _AGAINST_MS, 1),
    )


def _lost(
    sound: AudioSource, level: Figures, heard: npt.NDArray[np.bool_], missing: Sequence[int]
) -> tuple[tuple[Span, str], ...]:
    """Returns where a side of a stereo is silent for a while. In surround that is how films are."""
    if sound.channels != 2 or missing:
        return ()
    return tuple(
        (span, name)
        for n, name in enumerate(_names(sound))
        for span in _stretches(heard & (level[:, n] < _MISSING_DB), _LOST_MS, 1)
    )


def _stretches(marked: npt.NDArray[np.bool_], least_ms: int, near_ms: int) -> tuple[Span, ...]:
    times = (int(second) * SECOND_MS for second in np.flatnonzero(marked))
    spans = of_marks(times, SECOND_MS, near_ms)
    return tuple((begin, end) for begin, end in spans if end - begin >= least_ms)


def _names(sound: AudioSource) -> tuple[str, ...]:
    layout = "stereo" if sound.channels == 2 else sound.layout
    named = _NAMES.get(layout, ())
    if len(named) == sound.channels:
        return named
    return tuple(f"channel {n + 1}" for n in range(sound.channels))
