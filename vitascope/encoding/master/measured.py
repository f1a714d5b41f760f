"""Reading what ffmpeg's measuring filters say. Filters with a name (`ebur128@l1`) say whose."""

import re

import msgspec

from vitascope.encoding.contract.master import Loudness

Span = tuple[int, int]  # from and until, in milliseconds
Spans = tuple[tuple[int, int | None], ...]

FLOOR_LUFS = -70.0  # what silence measures
_NUMBER = r"(-?(?:\d+\.?\d*|inf)|nan)"
_BLACK = re.compile(rf"black_start:\s*{_NUMBER} black_end:\s*{_NUMBER}")
_FREEZE = re.compile(rf"freeze_(start|end): {_NUMBER}")


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One sound track. Silence is told as -70."""

    integrated_lufs: float = FLOOR_LUFS
    range_lu: float = 0.0
    true_peak_dbtp: float = FLOOR_LUFS
    threshold_lufs: float = FLOOR_LUFS
    silent: Spans = ()

    def raised(self, by_db: float) -> "Heard":
        """Returns the figures of the same sound, louder by so much. Silence stays silence."""
        if not by_db or self.integrated_lufs <= FLOOR_LUFS:
            return self
        return msgspec.structs.replace(
            self,
            integrated_lufs=self.integrated_lufs + by_db,
            true_peak_dbtp=self.true_peak_dbtp + by_db,
            threshold_lufs=self.threshold_lufs + by_db,
        )


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    black: Spans = ()
    frozen: Spans = ()
    sound: tuple[Heard, ...] = ()


def read(said: str, sounds: int) -> Measured:
    """Returns what ffmpeg's stderr says was measured; `sounds` tracks were watched by
    `silencedetect@sN` and `ebur128@lN`."""
    black = tuple((_ms(begin), _ms(end)) for begin, end in _BLACK.findall(said))
    frozen = _spans(_FREEZE.findall(said))
    heard = tuple(_heard(said, number) for number in range(sounds))
    return Measured(black=black, frozen=frozen, sound=heard)


def read_loudness(said: str, name: str) -> Heard:
    """Returns the summary of the one `ebur128@NAME`."""
    found = re.search(rf"\[ebur128@{name} @ \S+\] Summary:\s*(.*?)(?=\n\[|\Z)", said, re.DOTALL)
    summary = found[1] if found else ""

    def told(label: str) -> float:
        figure = re.search(rf"{label}:\s*{_NUMBER}", summary)
        return max(FLOOR_LUFS, _float(figure[1])) if figure else FLOOR_LUFS

    range_lu = told("LRA")
    return Heard(
        integrated_lufs=told("I"),
        range_lu=max(0.0, range_lu),
        true_peak_dbtp=told("Peak"),
        threshold_lufs=told("Threshold"),
    )


def loudness_of(index: int, heard: Heard) -> Loudness:
    return Loudness(
        index=index,
        integrated_lufs=heard.integrated_lufs,
        true_peak_dbtp=heard.true_peak_dbtp,
        range_lu=heard.range_lu,
        threshold_lufs=heard.threshold_lufs,
    )


def _heard(said: str, number: int) -> Heard:
    silence = re.compile(rf"\[silencedetect@s{number} @ \S+\] silence_(start|end): {_NUMBER}")
    level = read_loudness(said, f"l{number}")
    return msgspec.structs.replace(level, silent=_spans(silence.findall(said)))


def _spans(marks: list[tuple[str, str]]) -> Spans:
    spans: list[tuple[int, int | None]] = []
    for what, time in marks:
        if what == "start":
            spans.append((_ms(time), None))
        elif spans:
            spans[-1] = (spans[-1][0], _ms(time))
    return tuple(spans)


def _ms(time: str) -> int:
    return max(0, round(1000 * _float(time)))


def _float(figure: str) -> float:
    return FLOOR_LUFS if "inf" in figure or figure == "nan" else float(figure)
