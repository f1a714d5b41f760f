"""Sound tracks that partners give for what is published: what is asked for, and what is refused
before a byte is sent."""

import asyncio

import msgspec

from vitascope.catalog import Asset
from vitascope.ingest.contract import NoLiveVersion, SoundAlreadyThere, SoundDraft
from vitascope.kernel.errors import Invalid
from vitascope.kernel.media import Language

LONGEST_LABEL = 60


async def standard(sound: SoundDraft) -> SoundDraft:
    """Returns the same, its language as catalogues write it: `fra` is `fr`. Raises `Invalid`."""
    if len(sound.label) > LONGEST_LABEL:
        raise Invalid(f"The label of an audio track may have {LONGEST_LABEL} characters.")
    language = await asyncio.to_thread(_standard, sound.language)
    return msgspec.structs.replace(sound, language=language, label=sound.label.strip())


def refuse_unfit(sound: SoundDraft, live: Asset | None) -> None:
    """Raises `NoLiveVersion`, `SoundAlreadyThere`."""
    if live is None:
        raise NoLiveVersion(
            "Nothing is published yet. Upload the audio track when the film is live, or a master "
            "with this audio."
        )
    there = [
        track.name
        for track in live.audio
        if (track.language, track.role) == (sound.language, sound.role)
    ]
    if there and not sound.replaces:
        raise SoundAlreadyThere(
            f"There is audio in '{sound.language}' already ({', '.join(there)}). "
            "Say that this replaces it, or name another language or role."
        )


def _standard(language: str) -> Language:
    # Slow to import, and needed once in a while: the service starts without it.
    import langcodes

    try:
        tag = langcodes.standardize_tag(language.strip())
    except ValueError:
        tag = ""
    if not tag or not langcodes.tag_is_valid(tag):
        raise Invalid(f"{language!r} is not a language code. Use one like en, fr or pt-BR.")
    return Language(tag)
