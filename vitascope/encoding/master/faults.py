"""Findings of what flashes, pixels, bars, levels and channels tell. Pure."""

from vitascope.encoding.contract.finding_codes import FindingCode
from vitascope.encoding.contract.master import AudioSource, Finding, Source
from vitascope.encoding.master.channels import Channels
from vitascope.encoding.master.findings import note, warn
from vitascope.encoding.master.flashes import Flashes
from vitascope.encoding.master.languages import audio_in
from vitascope.encoding.master.samples import Box, Samples
from vitascope.encoding.master.spans import Span

_BLOCKS = 2.2  # of the usual steepness
_OUTSIDE = 0.03  # of the picture
_VIDEO_LEVELS, _REACHED = (14, 237), (24, 200)
_FEW = 4  # pictures, below which they tell nothing of a film

_FLASHES: dict[FindingCode, str] = {
    "photosensitive-flash": "The picture flashes",
    "photosensitive-red": "The picture flashes in saturated red,",
}


def of_flashes(found: Flashes) -> list[Finding]:
    kinds: tuple[tuple[FindingCode, tuple[tuple[Span, float], ...]], ...] = (
        ("photosensitive-flash", found.general),
        ("photosensitive-red", found.red),
    )
    return [
        warn(
            code,
            f"{_FLASHES[code]} up to {rate:g} times a second, in a quarter of it and more. That "
            "may harm people with photosensitive epilepsy: more than three a second are above the "
            "limit of ITU-R BT.1702 and WCAG. This is a count of flashes, not a certificate.",
            from_ms=begin,
            until_ms=end,
            value=rate,
            unit="Hz",
        )
        for code, spans in kinds
        for (begin, end), rate in spans
    ]


def of_samples(source: Source, found: Samples) -> list[Finding]:
    return [
        *_dead(found),
        *_bars(source, found),
        *_levels(source, found),
        *_coding(source, found),
    ]


def of_channels(sound: AudioSource, found: Channels) -> list[Finding]:
    who = audio_in(sound.language, sound.index)
    told = []
    if found.missing:
        sentence = f"{who} has nothing in its {_named(found.missing)}, from beginning to end."
        if all("surround" in name or "back" in name for name in found.missing):
            told.append(note("channel-missing", sentence))  # as of a film that was mixed for three
        else:
            told.append(warn("channel-missing", f"{sentence} Check the export."))
    told += [
        _at("channel-lost", f"{who} has nothing in its {name} here, unlike its other side.", span)
        for span, name in found.lost
    ]
    told += [
        _at("clipping", f"{who} is clipped: its peaks are cut off.", span) for span in found.clipped
    ]
    told += [
        _at(
            "phase",
            f"{who} has its sides against each other: in mono they cancel out. Check the polarity.",
            span,
        )
        for span in found.against
    ]
    return told


def _at(code: FindingCode, sentence: str, span: Span) -> Finding:
    return warn(code, sentence, from_ms=span[0], until_ms=span[1])


def _named(names: tuple[str, ...]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _dead(found: Samples) -> list[Finding]:
    if not found.dead:
        return []
    where = ", ".join(f"{one.x} × {one.y}" for one in found.dead)
    count = len(found.dead)
    what = "A pixel stays" if count == 1 else f"{count} pixels stay"
    sentence = (
        f"{what} bright or dark in all of the film, as of a camera's sensor, at {where}. Retouch "
        "the picture."
    )
    return [warn("dead-pixels", sentence, value=count, unit="pixels")]


def _bars(source: Source, found: Samples) -> list[Finding]:
    if found.pictures < _FEW:
        return []
    told = []
    if any(found.bars):
        width, height = _within(source, found.bars)
        sentence = f"The picture has black bars: {width}x{height} of it are used."
        told.append(note("bars", sentence, value=height, unit="lines"))
    for time, box in found.others[:_FEW]:
        width, height = _within(source, box)
        sentence = f"The picture changes its shape on the way: {width}x{height} are used here."
        told.append(
            Finding(
                code="bars-change",
                severity=note("bars-change", sentence).severity,
                sentence=sentence,
                from_ms=time,
            )
        )
    return told


def _within(source: Source, box: Box) -> tuple[int, int]:
    left, top, right, bottom = box
    return source.width - left - right, source.height - top - bottom


def _levels(source: Source, found: Samples) -> list[Finding]:
    if found.pictures < _FEW:
        return []
    if not source.full_range and found.outside >= _OUTSIDE:
        sentence = (
            f"{found.outside:.0%} of the picture are outside of video levels. Its levels may be "
            "full ones that are tagged as limited: players would cut off shadows and lights."
        )
        value = round(100 * found.outside, 1)
        return [warn("levels-outside", sentence, value=value, unit="%")]
    low, high = _VIDEO_LEVELS
    reaches = found.lowest <= _REACHED[0] and found.highest >= _REACHED[1]
    if source.full_range and found.lowest >= low and found.highest <= high and reaches:
        sentence = (
            "The video is tagged as full range, and its levels are limited ones: it would look "
            "pale. Correct the tag."
        )
        return [warn("levels-narrow", sentence)]
    return []


def _coding(source: Source, found: Samples) -> list[Finding]:
    if found.pictures < _FEW:
        return []
    told = []
    if found.blocks >= _BLOCKS:
        sentence = (
            "The picture shows the blocks of an earlier encoding. Send a master of better quality."
        )
        told.append(warn("blocking", sentence, value=round(found.blocks, 1), unit="x"))
    return told
