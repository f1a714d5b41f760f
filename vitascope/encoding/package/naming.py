"""What players call a track that they offer: `Français (Commentary)`. All pure.

Players that know the roles of a manifest name a track in the viewer's language; others show this
name as it is. So it is in the track's own language where that is told, and names of one group
differ.
"""

from collections.abc import Iterable, Sequence

from vitascope.encoding.master.languages import names_of
from vitascope.kernel.media import AudioTrack, Language, TextTrack

ORIGINAL = "Original"
_ROLES = {"description": "Audio description", "commentary": "Commentary"}


def sound_names(tracks: Sequence[AudioTrack]) -> list[str]:
    return _apart([_named(track.language, _about(track)) for track in tracks])


def text_names(tracks: Sequence[TextTrack]) -> list[str]:
    return _apart(
        [
            _named(
                track.language, [*(["CC"] * track.closed_captions), *(["forced"] * track.forced)]
            )
            for track in tracks
        ]
    )


def _about(track: AudioTrack) -> list[str]:
    role = _ROLES.get(track.role, "")
    said = [role] if role and not (track.commentary and track.label) else []
    known = track.language != "und"
    said += [ORIGINAL] if track.origin == "original" and known else []
    return [*said, *([track.label] if track.label else [])]


def _named(language: Language, about: Iterable[str]) -> str:
    own = names_of(language)
    name = own[-1] if own else ORIGINAL if language == "und" else str(language)
    region = language.partition("-")[2]
    inside = ", ".join([*([region] if own and region else []), *about])
    return (f"{name} ({inside})" if inside else name).replace('"', "'")


def _apart(names: Sequence[str]) -> list[str]:
    """Names within a group must differ (RFC 8216, 4.3.4.1.1): the second is called so."""
    seen: dict[str, int] = {}
    told: list[str] = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(f"{name} {seen[name]}" if seen[name] > 1 else name)
    return told
