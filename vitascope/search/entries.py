"""A title as the ranking reads it: every phrase folded once, when the title changes."""

from collections.abc import Iterable

import msgspec

from vitascope.engines.text import fold
from vitascope.kernel.ids import TitleId
from vitascope.search.contract import SearchDocument


class Phrase(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A name, a person, a genre: as it is written, and folded."""

    written: str
    text: str

    @property
    def compact(self) -> str:
        return self.text.replace(" ", "")


class Entry(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    title_id: TitleId
    names: tuple[Phrase, ...]
    people: tuple[Phrase, ...]
    genres: tuple[Phrase, ...]
    tags: tuple[Phrase, ...]
    text: str  # folded
    year: int
    popularity: float

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        return (*self.names, *self.people, *self.genres, *self.tags)


def entry(document: SearchDocument) -> Entry:
    return Entry(
        title_id=document.title_id,
        names=_phrases(document.names),
        people=_phrases(document.people),
        genres=_phrases(document.genres),
        tags=_phrases(document.tags),
        text=fold(document.text),
        year=document.year,
        popularity=document.popularity,
    )


def phrase(written: str) -> Phrase:
    return Phrase(written, fold(written))


def _phrases(written: Iterable[str]) -> tuple[Phrase, ...]:
    return tuple(map(phrase, written))
