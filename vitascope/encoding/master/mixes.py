"""Mono streams that are the channels of one mix.

Editors and broadcasters deliver left and right, or the six channels of 5.1, as streams of one
channel each. Where the channel is told (by the file's layout or by a title) it counts. Mono streams
of PCM without any word, two, six or eight of them and no other sound, are taken in the order of
SMPTE ST 320 and EBU R 91: left, right; or left, right, centre, LFE and surrounds, then stereo. All
pure.
"""

import re
from collections.abc import Sequence

import msgspec
from msgspec import structs

from vitascope.encoding.contract.master import AudioSource, Finding
from vitascope.encoding.master.findings import warn

_TITLES = {
    "FL": r"(?:front )?left|f?l|lt|lo|gauche|links|izquierd[ao]|sinistro|esquerd[ao]",
    "FR": r"(?:front )?right|f?r|rt|ro|droite?|rechts|derech[ao]|destro|direit[ao]",
    "FC": r"(?:front )?cent(?:er|re)|f?c|mitte|centrale?|centro",
    "LFE": r"lfe|sub(?:woofer)?|low frequency effects",
    "BL": r"(?:left surround|surround left|rear left|ls|sl|bl)",
    "BR": r"(?:right surround|surround right|rear right|rs|sr|br)",
}
_PLACES = frozenset({"FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"})
_SURROUND = ("FL", "FR", "FC", "LFE", "BL", "BR")
_STEREO = ("FL", "FR")
_UNTOLD = {2: (_STEREO,), 6: (_SURROUND,), 8: (_SURROUND, _STEREO)}


class Mono(msgspec.Struct, frozen=True, kw_only=True):
    """A stream, and the title that the file gives it."""

    sound: AudioSource
    title: str = ""


def joined(streams: Sequence[Mono]) -> tuple[list[AudioSource], list[Finding]]:
    """Returns the sounds with mono streams put together to mixes, and what to say about it."""
    if layouts := _untold(streams):
        rest = [one.sound for one in streams]
        mixes = []
        for layout in layouts:
            mixes.append(structs.replace(_mix(rest[: len(layout)], layout), guessed=True))
            rest = rest[len(layout) :]
        return mixes, [_guessed(streams, mixes)]
    sounds: list[AudioSource] = []
    group: list[tuple[str, AudioSource]] = []
    for one in streams:
        place = _place_of(one)
        if group and not _goes_on(group, place, one.sound):
            sounds += _closed(group)
            group = []
        if place:
            group.append((place, one.sound))
        else:
            sounds.append(one.sound)
    return [*sounds, *_closed(group)], []


def _untold(streams: Sequence[Mono]) -> tuple[tuple[str, ...], ...]:
    """Returns the layouts of a file that has nothing but unnamed channels."""
    plain = all(
        one.sound.channels == 1
        and one.sound.codec.startswith("pcm_")
        and not one.title
        and not _place_of(one)
        and _alike(one.sound, streams[0].sound)
        for one in streams
    )
    return _UNTOLD.get(len(streams), ()) if plain and streams else ()


def _place_of(one: Mono) -> str:
    if one.sound.channels != 1:
        return ""
    told = re.search(r"\((\w+)\)$", one.sound.layout)
    if told and told[1] in _PLACES:
        return told[1]
    words = " ".join(re.findall(r"[^\W\d_]+", one.title.casefold()))
    words = re.sub(r"^(?:stereo|audio|channel|ch|surround|mono) ", "", words)
    return next((place for place, form in _TITLES.items() if re.fullmatch(form, words)), "")


def _goes_on(group: Sequence[tuple[str, AudioSource]], place: str, sound: AudioSource) -> bool:
    taken = {known for known, _ in group}
    return bool(place) and place not in taken and _alike(sound, group[0][1])


def _alike(one: AudioSource, other: AudioSource) -> bool:
    first, second = (
        (each.language, each.codec, each.sample_rate, each.descriptive, each.commentary)
        for each in (one, other)
    )
    return first == second


def _closed(group: Sequence[tuple[str, AudioSource]]) -> list[AudioSource]:
    places = tuple(place for place, _ in group)
    if len(places) > 1 and {"FL", "FR"} <= set(places):
        return [_mix([sound for _, sound in group], places)]
    return [sound for _, sound in group]


def _mix(sounds: Sequence[AudioSource], places: Sequence[str]) -> AudioSource:
    first = sounds[0]
    return msgspec.structs.replace(
        first,
        channels=len(sounds),
        layout="+".join(places),
        parts=tuple(sound.index for sound in sounds),
        default=any(sound.default for sound in sounds),
        label="",
    )


def _unless(mixes: Sequence[AudioSource]) -> str:
    """A pair is listened to (`companions/pairs.py`)."""
    return ", unless they sound different" if len(mixes) == 1 and mixes[0].channels == 2 else ""


def _guessed(streams: Sequence[Mono], mixes: Sequence[AudioSource]) -> Finding:
    what = " and ".join("stereo" if mix.channels == 2 else "5.1" for mix in mixes)
    return warn(
        "mono-joined",
        f"The {len(streams)} mono audio tracks are taken as the channels of {what}, in the usual "
        f"order{_unless(mixes)}. Give them languages or titles if they are something else.",
    )
