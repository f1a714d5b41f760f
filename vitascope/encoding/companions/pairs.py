"""What two streams of which nothing is told are to each other, by what is heard of them in windows
spread over all of the film: in few places both may be silent, or nobody speaks.

Is a stereo the mix of the 5.1 beside it, or something else? The 5.1 is mixed down and laid beside
it. A mix by other hands is like ours to 0.8 and more; a voice over the film, or another language,
is not. When in doubt the stereo is something else: the 5.1 then gets a stereo of its own, which is
never wrong.

Are two mono streams the left and right of a stereo, or two sounds? Left and right have dialogue in
common, and most of all else, though perhaps a little later. Two languages have the music in common,
and no word. When in doubt they are one, as nearly all are.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vitascope.encoding.companions.audio import may_be_one_sound
from vitascope.encoding.contract.master import AudioSource, Finding, QcReport, SoundSource
from vitascope.encoding.master.findings import note, warn
from vitascope.encoding.master.languages import audio_in
from vitascope.encoding.package.sync import Samples, is_audible, likeness, sampled
from vitascope.encoding.workspace import Workspace

ALIKE = 0.6  # of two forms of one sound, where there is something to hear
_MOSTLY = 0.9  # of the windows
_UNLIKE = 0.2  # of two sounds
_OFTEN = 0.25  # of the windows


async def with_pairs(
    workspace: Workspace, path: Path, sound: SoundSource, report: QcReport
) -> QcReport:
    """Returns the report with what was found of each stereo that could be the mix of a 5.1, and of
    mono streams that were taken for a stereo."""
    findings: list[Finding] = []
    apart: list[int] = []
    for surround, stereos in _pairs(sound.streams):
        whole = await sampled(workspace, sound, surround, path)
        for stereo in stereos:
            own = await sampled(workspace, sound, stereo, path)
            if await asyncio.to_thread(is_mix, whole, own):
                findings.append(_mix(stereo, surround))
            else:
                findings.append(_apart(stereo, surround))
                apart.append(stereo.index)
    split: list[tuple[int, ...]] = []
    for mix in sound.streams:
        if mix.guessed is True and len(mix.parts) == 2:
            first, second = [
                await sampled(workspace, sound, mix.alone(part), path) for part in mix.parts
            ]
            kept = await asyncio.to_thread(_kept, mix.parts, first, second)
            findings += _split(mix, kept)
            split += [kept] if kept else []
    told = (*report.findings, *findings)
    return msgspec.structs.replace(report, findings=told, apart=tuple(apart), split=tuple(split))


def is_mix(whole: Sequence[Samples], own: Sequence[Samples]) -> bool:
    """Returns True if the two are alike in nearly all windows in which either is heard."""
    found = _likenesses(whole, own)
    return bool(found) and sum(alike >= ALIKE for alike in found) >= _MOSTLY * len(found)


def are_two(first: Sequence[Samples], second: Sequence[Samples]) -> bool:
    """Returns True if the two have nothing in common in many windows in which either is heard."""
    found = _likenesses(first, second)
    return sum(alike < _UNLIKE for alike in found) > _OFTEN * len(found)


def _likenesses(first: Sequence[Samples], second: Sequence[Samples]) -> list[float]:
    found = [likeness(before, after) for before, after in zip(first, second, strict=False)]
    return [alike for alike in found if alike is not None]


def _kept(
    parts: tuple[int, ...], first: Sequence[Samples], second: Sequence[Samples]
) -> tuple[int, ...]:
    """Returns the streams that are published by themselves; none where they are one stereo."""
    heard = [any(is_audible(window) for window in windows) for windows in (first, second)]
    if not any(heard) or (all(heard) and not are_two(first, second)):
        return ()
    return tuple(part for part, there in zip(parts, heard, strict=True) if there)


def _split(mix: AudioSource, kept: Sequence[int]) -> list[Finding]:
    if not kept:
        return []
    if len(kept) == 1:
        sentence = (
            f"Of the mono audio tracks (streams {mix.parts[0]} and {mix.parts[1]}) only stream "
            f"{kept[0]} is heard. It is published in both ears."
        )
    else:
        sentence = (
            f"The mono audio tracks (streams {kept[0]} and {kept[1]}) sound different: each is "
            "published by itself, and the first plays by default. Give them languages or titles."
        )
    return [warn("mono-apart", sentence)]


def _pairs(streams: Sequence[AudioSource]) -> list[tuple[AudioSource, list[AudioSource]]]:
    """Each first 5.1 of a kind, and what has fewer channels."""
    found: list[tuple[AudioSource, list[AudioSource]]] = []
    for surround in (one for one in streams if one.channels >= 6):
        if any(may_be_one_sound(surround, known) for known, _ in found):
            continue
        stereos = [one for one in streams if one.channels < 6 and may_be_one_sound(one, surround)]
        found += [(surround, stereos)] if stereos else []
    return found


def _mix(stereo: AudioSource, surround: AudioSource) -> Finding:
    return note(
        "stereo-mix",
        f"{audio_in(stereo.language, stereo.index)} is the stereo mix of the 5.1 "
        f"(stream {surround.index}).",
    )


def _apart(stereo: AudioSource, surround: AudioSource) -> Finding:
    return warn(
        "stereo-apart",
        f"{audio_in(stereo.language, stereo.index)} is no mix of the 5.1 (stream "
        f"{surround.index}): it sounds different. The 5.1 gets a stereo mix of its own, which "
        "plays by default; this one is offered beside it. Give it a title or a flag that says what "
        "it is.",
    )
