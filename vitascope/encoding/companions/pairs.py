"""Is a stereo the mix of the 5.1 beside it, or something else?

Where neither has a flag or a title, the two could be one sound in two forms, or a film and a
commentary: what is heard decides. The 5.1 is mixed down and laid beside the stereo in three places
of the film. A mix by other hands is like ours to 0.8 and more; a voice over the film, or another
language, is not. When in doubt the stereo is something else: the 5.1 then gets a stereo of its own,
which is never wrong.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec

from vitascope.encoding.companions.audio import may_be_one_sound
from vitascope.encoding.contract.master import AudioSource, Finding, QcReport, SoundSource
from vitascope.encoding.master.findings import note, warn
from vitascope.encoding.package.sync import PLACES, Samples, delivered, likeness
from vitascope.encoding.workspace import Workspace

ALIKE = 0.6  # in each place where there is something to hear


async def with_pairs(
    workspace: Workspace, path: Path, sound: SoundSource, report: QcReport
) -> QcReport:
    """Returns the report with what was found of each stereo that could be the mix of a 5.1."""
    findings: list[Finding] = []
    apart: list[int] = []
    for surround, stereos in _pairs(sound.streams):
        whole = [await _heard(workspace, path, sound, surround, part) for part in PLACES]
        for stereo in stereos:
            own = [await _heard(workspace, path, sound, stereo, part) for part in PLACES]
            if await asyncio.to_thread(is_mix, whole, own):
                findings.append(_mix(stereo, surround))
            else:
                findings.append(_apart(stereo, surround))
                apart.append(stereo.index)
    told = (*report.findings, *findings)
    return msgspec.structs.replace(report, findings=told, apart=tuple(apart))


def is_mix(whole: Sequence[Samples], own: Sequence[Samples]) -> bool:
    """Returns True if what was heard of the two is alike in every place where either is heard."""
    found = [likeness(before, after) for before, after in zip(whole, own, strict=True)]
    return all(alike >= ALIKE for alike in found if alike is not None)


def _pairs(streams: Sequence[AudioSource]) -> list[tuple[AudioSource, list[AudioSource]]]:
    """Each first 5.1 of a kind, and what has fewer channels."""
    found: list[tuple[AudioSource, list[AudioSource]]] = []
    for surround in (one for one in streams if one.channels >= 6):
        if any(may_be_one_sound(surround, known) for known, _ in found):
            continue
        stereos = [one for one in streams if one.channels < 6 and may_be_one_sound(one, surround)]
        found += [(surround, stereos)] if stereos else []
    return found


async def _heard(
    workspace: Workspace, path: Path, sound: SoundSource, stream: AudioSource, part: float
) -> Samples:
    begins_s = part * sound.programme.duration_ms / 1000
    return await delivered(workspace, sound, stream, path, begins_s)


def _mix(stereo: AudioSource, surround: AudioSource) -> Finding:
    return note(
        "stereo-mix",
        f"The audio in '{stereo.language}' (stream {stereo.index}) is the stereo mix of the 5.1 "
        f"(stream {surround.index}).",
    )


def _apart(stereo: AudioSource, surround: AudioSource) -> Finding:
    return warn(
        "stereo-apart",
        f"The audio in '{stereo.language}' (stream {stereo.index}) is no mix of the 5.1 (stream "
        f"{surround.index}): it sounds different. The 5.1 gets a stereo mix of its own, which "
        "plays by default; this one is offered beside it. Give it a title or a flag that says what "
        "it is.",
    )
