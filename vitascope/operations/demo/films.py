"""The demo's titles, read from `demo/titles/*.toml` into what the catalogue keeps.

Ids are made from slugs, so that a second start finds what the first one brought.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from vitascope.catalog import (
    Credit,
    CreditRole,
    Episode,
    Season,
    Title,
    TitleKind,
    Wording,
)
from vitascope.kernel.ids import (
    AccountId,
    ContentId,
    EpisodeId,
    PersonId,
    SeasonId,
    TitleId,
)
from vitascope.kernel.maturity import Maturity

LOCALES = ("en", "fr")
_ROLES = {
    "directors": CreditRole.DIRECTOR,
    "writers": CreditRole.WRITER,
    "cast": CreditRole.CAST,
    "composers": CreditRole.COMPOSER,
    "producers": CreditRole.PRODUCER,
}
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


class DemoMaster(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to play of a content: a file of the demo, and subtitle files beside it."""

    content_id: ContentId
    title_id: TitleId
    file: str
    subtitles: tuple[str, ...] = ()  # languages, for FILE.LANGUAGE.vtt

    def texts(self) -> dict[str, str]:
        """Returns the names of the subtitle files by language."""
        stem = self.file.rpartition(".")[0]
        return {language: f"{stem}.{language}.vtt" for language in self.subtitles}


class DemoFilm(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    title: Title
    tint: str  # a colour of its pictures
    masters: tuple[DemoMaster, ...]
    playing_ms: int  # how long what is played takes: of a clip, the clip


def films(folder: Path, partner_id: AccountId) -> list[DemoFilm]:
    """Returns all of `folder`/titles, in the order of the files' names and then as written."""
    files = sorted((folder / "titles").glob("*.toml"))
    entries = [e for file in files for e in tomllib.loads(file.read_text("utf-8"))["title"]]
    return [film(entry, partner_id) for entry in entries]


def film(entry: Mapping[str, Any], partner_id: AccountId) -> DemoFilm:
    slug = entry["slug"]
    title_id = TitleId(demo_id("ttl", slug))
    seasons = tuple(_season(entry, title_id, season) for season in entry.get("season", ()))
    kind = TitleKind(entry.get("kind", "film"))
    title = Title(
        id=title_id,
        kind=kind,
        wordings=tuple(Wording(locale=locale, **entry[locale]) for locale in LOCALES),
        year=entry["year"],
        maturity=Maturity(entry["maturity"]),
        genres=tuple(entry["genres"]),
        tags=tuple(entry["tags"]),
        credits=tuple(_credits(entry)),
        countries=tuple(entry["countries"]),
        original_language=entry["language"],
        seasons=seasons,
        duration_ms=entry["minutes"] * 60_000 if kind is TitleKind.FILM else None,
        partner_id=partner_id,
        licence_note=entry["licence"],
    )
    return DemoFilm(
        slug=slug,
        title=title,
        tint=entry["tint"],
        masters=tuple(_masters(entry, title_id)),
        playing_ms=entry.get("playing_s", entry["minutes"] * 60) * 1000,
    )


def demo_id(prefix: str, name: str) -> str:
    """Returns an id like any other, the same for the same name."""
    value = int.from_bytes(hashlib.sha256(f"demo {prefix} {name}".encode()).digest()[:16], "big")
    digits = [_DIGITS[(value >> shift) & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(digits)}"


def episode_id(slug: str, season: int, number: int) -> EpisodeId:
    return EpisodeId(demo_id("epi", f"{slug} {season} {number}"))


def _credits(entry: Mapping[str, Any]) -> list[Credit]:
    credits = []
    for field, role in _ROLES.items():
        for line in entry.get(field, ()):
            name, _, character = line.partition(": ")
            person = PersonId(demo_id("per", name))
            credits.append(Credit(person_id=person, name=name, role=role, character=character))
    return credits


def _season(entry: Mapping[str, Any], title_id: TitleId, season: Mapping[str, Any]) -> Season:
    number = season["number"]
    season_id = SeasonId(demo_id("sea", f"{entry['slug']} {number}"))
    episodes = tuple(
        Episode(
            id=episode_id(entry["slug"], number, place),
            title_id=title_id,
            season_id=season_id,
            season=number,
            number=place,
            wordings=tuple(
                Wording(locale=locale, name=episode[locale][0], synopsis=episode[locale][1])
                for locale in LOCALES
            ),
            duration_ms=entry["minutes"] * 60_000,
        )
        for place, episode in enumerate(season["episodes"], start=1)
    )
    return Season(id=season_id, number=number, episodes=episodes)


def _masters(entry: Mapping[str, Any], title_id: TitleId) -> list[DemoMaster]:
    found = []
    if "media" in entry:
        content = ContentId(title_id)
        found.append(_master(content, title_id, entry["media"]))
    for season in entry.get("season", ()):
        for place, episode in enumerate(season["episodes"], start=1):
            if "media" in episode:
                content = ContentId(episode_id(entry["slug"], season["number"], place))
                found.append(_master(content, title_id, episode["media"]))
    return found


def _master(content_id: ContentId, title_id: TitleId, media: Mapping[str, Any]) -> DemoMaster:
    return DemoMaster(
        content_id=content_id,
        title_id=title_id,
        file=media["file"],
        subtitles=tuple(media.get("subtitles", ())),
    )
