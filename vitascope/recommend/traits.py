"""What a title is made of, as recommendation sees it."""

from collections.abc import Iterator

import msgspec

from vitascope.catalog import CreditRole, Title
from vitascope.kernel.ids import TitleId
from vitascope.kernel.scope import Rights

Feature = tuple[str, str]  # kind, name

WEIGHTS = {"person": 1.5, "genre": 1.0, "tag": 1.1, "decade": 0.5, "country": 0.25}
"""How much a shared feature of each kind says, before its rarity."""


class Traits(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    title_id: TitleId
    genres: tuple[str, ...]
    tags: tuple[str, ...]
    people: tuple[str, ...]
    directors: tuple[str, ...]
    countries: tuple[str, ...]
    year: int
    rights: Rights
    playable: bool
    presentable: bool  # has what the head of a page shows: pictures, and words
    new_ms: int  # when it was published, else announced


def traits_of(title: Title) -> Traits:
    directed = (credit.name for credit in title.credits if credit.role is CreditRole.DIRECTOR)
    return Traits(
        title_id=title.id,
        genres=tuple(dict.fromkeys(title.genres)),
        tags=title.tags,
        people=tuple(dict.fromkeys(credit.name for credit in title.credits)),
        directors=tuple(dict.fromkeys(directed)),
        countries=title.countries,
        year=title.year,
        rights=title.rights,
        playable=title.playable,
        presentable=bool(title.artwork.billboard and title.artwork.landscape)
        and any(wording.synopsis for wording in title.wordings),
        new_ms=title.published_at_ms or title.added_at_ms,
    )


def features(traits: Traits) -> Iterator[Feature]:
    yield from (("person", name) for name in traits.people)
    yield from (("genre", slug) for slug in traits.genres)
    yield from (("tag", tag) for tag in dict.fromkeys(traits.tags))
    yield from (("country", country) for country in dict.fromkeys(traits.countries))
    yield "decade", str(traits.year // 10)
