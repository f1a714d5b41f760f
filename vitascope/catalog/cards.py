"""A title as a viewer is shown it: one locale's words, and no more than the place needs."""

from collections.abc import Mapping

from vitascope.catalog.contract.catalog import (
    EpisodeCard,
    Introduction,
    SeasonCard,
    TitleCard,
    TitlePage,
)
from vitascope.catalog.contract.title import Asset, Episode, Season, Title, Wording
from vitascope.kernel.ids import ContentId


def card(title: Title, locale: str) -> TitleCard:
    words = title.wording(locale)
    return TitleCard(
        id=title.id,
        kind=title.kind,
        name=words.name,
        tagline=words.tagline,
        year=title.year,
        maturity=title.maturity,
        genres=title.genres,
        artwork=title.artwork,
        duration_ms=title.duration_ms,
        playable=title.playable,
        seasons=len(title.seasons),
    )


def episode_card(episode: Episode, locale: str) -> EpisodeCard:
    words = worded(episode.wordings, locale)
    return EpisodeCard(
        id=episode.id,
        season=episode.season,
        number=episode.number,
        name=words.name if words else "",
        synopsis=words.synopsis if words else "",
        duration_ms=episode.duration_ms,
        playable=episode.playable,
        artwork=episode.artwork,
    )


def introduction(title: Title, locale: str) -> Introduction:
    opening = next((episode for episode in title.episodes if episode.playable), None)
    return Introduction(
        title_id=title.id,
        synopsis=title.wording(locale).synopsis,
        opening=episode_card(opening, locale) if opening else None,
    )


def page(title: Title, locale: str, assets: Mapping[ContentId, Asset]) -> TitlePage:
    """Returns a title's page. `assets` are those of the title's contents, as far as they have
    some."""
    return TitlePage(
        card=card(title, locale),
        synopsis=title.wording(locale).synopsis,
        credits=title.credits,
        countries=title.countries,
        original_language=title.original_language,
        audio_languages=_languages(*(t.language for a in assets.values() for t in a.audio)),
        text_languages=_languages(*(t.language for a in assets.values() for t in a.text)),
        max_height=max((r.height for a in assets.values() for r in a.ladder), default=None),
        seasons=tuple(_season(season, locale) for season in title.seasons),
        licence_note=title.licence_note,
    )


def playing_name(title: Title, content_id: ContentId, locale: str) -> str:
    """Returns what a player shows: `Sintel`, or `The Lost Island · S1 E2 · The Map`."""
    name = title.wording(locale).name
    for episode in title.episodes:
        if ContentId(episode.id) == content_id:
            words = worded(episode.wordings, locale)
            parts = [name, f"S{episode.season} E{episode.number}", words.name if words else ""]
            return " · ".join(part for part in parts if part)
    return name


def worded(wordings: tuple[Wording, ...], locale: str) -> Wording | None:
    """Returns the words for `locale`, else for its language, else the first; None where there are
    none."""
    exact = {words.locale: words for words in wordings}
    first = wordings[0] if wordings else None
    return exact.get(locale) or exact.get(locale.split("-")[0]) or first


def _season(season: Season, locale: str) -> SeasonCard:
    words = worded(season.wordings, locale)
    ordered = sorted(season.episodes, key=lambda episode: episode.number)
    return SeasonCard(
        number=season.number,
        name=words.name if words else "",
        episodes=tuple(episode_card(episode, locale) for episode in ordered),
    )


def _languages(*spoken: str) -> tuple[str, ...]:
    """Each once, in the order of the tracks."""
    return tuple(dict.fromkeys(language for language in spoken if language != "und"))
