"""What of a master can't be decoded, and where: from what ffmpeg says while it decodes all of it.

Exit codes lie, and one bad packet of a recording is no reason to refuse it. So pictures are
counted, complaints are placed by the picture that was told before them, and what counts is
the part of the film that is damaged or missing.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from statistics import median

import msgspec

from vitascope.encoding.contract.master import Finding, Source
from vitascope.encoding.master.findings import refuse, warn
from vitascope.encoding.picture.changes import PRINTED, Changes
from vitascope.encoding.picture.frames import BROADCAST
from vitascope.encoding.timing import rate_of

# Decoders write from threads of their own: what one says may stand in the middle of another's line,
# and then without its prefix. A picture that was concealed is handed on without its mark as corrupt
# when another thread hands it on too early; that it was concealed is always said.
_SAID = re.compile(
    r"pts_time:(?P<tick>-?[\d.]+)"
    r"|(?:\[(?P<kind>[va])ist#0:(?P<stream>\d+)/[^\]\n]*\] (?:\[[^\]\n]*\] )?)?"
    r"(?P<complaint>corrupt decoded frame|concealing \d+ DC|Error submitting packet)"
)
_SOUND_S = 0.03  # of sound that a packet holds, at most
_CLOSE_MS = 2000  # damage nearer than this is one place
_PLACES = 20  # told
_DROPPED = 2  # pictures that some decoders keep at the end
_GAP = 1.6  # steps
_TICKS = 3000


class Damage(msgspec.Struct, frozen=True, kw_only=True):
    """`part` of the picture or of a sound track, whichever is more; `places` in milliseconds of the
    film."""

    part: float
    pictures: int  # damaged or missing
    places: tuple[tuple[int, int], ...]


def ticks(source: Source) -> str:
    """Returns a filter that tells where the decoder is, as often as fits in what is kept of
    stderr."""
    every = max(1, source.frames // _TICKS)
    return f"select='not(mod(n,{every}))',scale=16:16,{PRINTED}"


def damage_of(source: Source, said: str, seen: Changes) -> Damage:
    """Returns what is damaged, by ffmpeg's stderr (which has `ticks` in it) and the pictures that
    were seen."""
    begins, now = source.video_start_s, source.video_start_s
    corrupt = concealed = 0
    sounds: dict[str, int] = {}
    marks: list[tuple[int, int]] = []
    for found in _SAID.finditer(said):
        if found["tick"]:
            now = float(found["tick"])
            continue
        if found["kind"] == "a":
            sounds[found["stream"]] = sounds.get(found["stream"], 0) + 1
        else:
            corrupt += found["complaint"].startswith("corrupt")
            concealed += found["complaint"].startswith("concealing")
        at = max(0, round(1000 * (now - begins)))
        marks.append((at, at + 500))
    lost = _lost(source, seen)
    if lost:
        marks += _gaps(source, seen.times)
    heard = max(sounds.values(), default=0) * _SOUND_S * 1000 / max(1, source.duration_ms)
    pictures = max(corrupt, concealed) + lost
    part = max(pictures / max(1, source.pictures or source.frames), heard)
    return Damage(part=min(1.0, part), pictures=pictures, places=_joined(marks))


def findings_of(damage: Damage, source: Source, most: float) -> list[Finding]:
    """Returns a refusal if more than the part `most` is damaged, else a warning for each place."""
    if not damage.part:
        return []
    where = ", ".join(f"{begin / 1000:.1f} s" for begin, _ in damage.places[:_PLACES])
    at = f", at about {where}" if where else ""
    if damage.part > most:
        return [
            refuse(
                "damaged",
                f"{_percent(damage.part)} of the film is damaged or missing{at}; {_percent(most)} "
                "is the most that is taken. Export or copy it again.",
            )
        ]
    what = f"Pictures ({damage.pictures})" if damage.pictures else "Parts of the audio"
    sentence = f"{what} are damaged or missing{at}. The film is published all the same."
    first, *others = damage.places or ((0, source.duration_ms),)
    found = [
        warn(
            "damaged-parts",
            sentence,
            from_ms=first[0],
            until_ms=min(first[1], source.duration_ms),
            value=round(100 * damage.part, 3),
            unit="%",
        )
    ]
    more = "The film is damaged here, too."
    found += [
        warn("damaged-parts", more, from_ms=begin, until_ms=min(end, source.duration_ms))
        for begin, end in others[: _PLACES - 1]
    ]
    return found


def _lost(source: Source, seen: Changes) -> int:
    """Decoded without complaint and still short: some decoders skip what they can't read. Of an
    interlaced film the packets may be fields. Of a broadcast, what is missing has no packets."""
    there = source.pictures or source.frames
    if source.interlaced and len(seen.times) <= there // 2 + 1:
        there //= 2
    if source.format in BROADCAST and len(seen.times) > 1:
        there = max(there, round((seen.times[-1] - seen.times[0]) * _own_rate(source)) + 1)
    lost = there - len(seen.times)
    return lost if lost > _DROPPED else 0


def _own_rate(source: Source) -> Fraction:
    """Returns the rate of the master's pictures, before fields became frames."""
    rate = rate_of(source.frame_rate)
    return rate / 2 if source.interlaced else rate * 5 / 4 if source.pulled_down else rate


def _gaps(source: Source, times: Sequence[float]) -> list[tuple[int, int]]:
    steps = [after - before for before, after in pairwise(times)]
    usual = median(steps) if steps else 0.0
    return [
        (
            round(1000 * (before - source.video_start_s)),
            round(1000 * (after - source.video_start_s)),
        )
        for before, after in pairwise(times)
        if after - before > usual * _GAP
    ]


def _joined(marks: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    places: list[tuple[int, int]] = []
    for begin, end in sorted(marks):
        if places and begin - places[-1][1] < _CLOSE_MS:
            places[-1] = (places[-1][0], max(end, places[-1][1]))
        else:
            places.append((begin, end))
    return tuple(places)


def _percent(part: float) -> str:
    return f"{100 * part:.2g}%"
