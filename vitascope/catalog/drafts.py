"""A title as a partner writes it: every field but the name may be left out."""

import datetime
from typing import Annotated

import msgspec

from vitascope.catalog.contract.errors import BadTitle
from vitascope.catalog.contract.title import (
    Credit,
    CreditRole,
    Episode,
    Season,
    Title,
    TitleKind,
    TitleState,
    Wording,
)
from vitascope.kernel.bounds import FEW, HUNDRED, ID, MANY, MOST, NAME, NUMBER, PASSAGE, PLACE, WORD
from vitascope.kernel.country import EVERYWHERE, Country, Window
from vitascope.kernel.ids import AccountId, EpisodeId, PersonId, SeasonId, TitleId, new_id
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.media import Scheme

UNRATED = Maturity.SIXTEEN
"""A new title without a level is not shown to children until its partner says that it may be."""


class CreditDraft(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, NAME]
    role: CreditRole
    character: Annotated[str, NAME] = ""
    person_id: Annotated[PersonId, ID] | None = None


class EpisodeDraft(msgspec.Struct, frozen=True, kw_only=True):
    """With an `id` it is that episode, changed; without one it is new."""

    number: Annotated[int, PLACE]
    name: Annotated[str, NAME]
    synopsis: Annotated[str, PASSAGE] = ""
    id: Annotated[EpisodeId, ID] | None = None


class SeasonDraft(msgspec.Struct, frozen=True, kw_only=True):
    number: Annotated[int, PLACE]
    episodes: Annotated[tuple[EpisodeDraft, ...], MOST] = ()


class WindowDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A `Window`: where it may be shown, from when (inclusive) until when."""

    country: Annotated[Country, ID] = EVERYWHERE
    from_ms: Annotated[int, NUMBER] = 0
    until_ms: Annotated[int, NUMBER] | None = None


class TitleDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a partner may set. In a change, what is left out stays as it is.

    `name`, `synopsis` and `tagline` are the words in `locale`; words in other languages stay.
    `protection` is how its first version is protected; what is live is changed by itself.
    `announced` is whether viewers see the title as coming before it is published; without it they
    do not.
    """

    name: Annotated[str, NAME] | None = None
    synopsis: Annotated[str, PASSAGE] | None = None
    tagline: Annotated[str, NAME] | None = None
    locale: Annotated[str, ID] = "en"
    year: Annotated[int, PLACE] | None = None
    kind: TitleKind | None = None
    genres: Annotated[tuple[Annotated[str, WORD], ...], FEW] | None = None
    tags: Annotated[tuple[Annotated[str, WORD], ...], HUNDRED] | None = None
    maturity: Maturity | None = None
    countries: Annotated[tuple[Annotated[str, ID], ...], MANY] | None = None
    original_language: Annotated[str, ID] | None = None
    credits: Annotated[tuple[CreditDraft, ...], MANY] | None = None
    windows: Annotated[tuple[WindowDraft, ...], MANY] | None = None
    seasons: Annotated[tuple[SeasonDraft, ...], MANY] | None = None
    licence_note: Annotated[str, PASSAGE] | None = None
    protection: Scheme | None = None
    announced: bool | None = None


def new_title(draft: TitleDraft, partner_id: AccountId, now_ms: int) -> Title:
    """Raises `BadTitle`."""
    if not (draft.name or "").strip():
        raise BadTitle("Give the title a name.")
    this_year = datetime.datetime.fromtimestamp(now_ms / 1000, datetime.UTC).year
    blank = Title(
        id=TitleId(new_id("ttl")),
        kind=draft.kind or TitleKind.FILM,
        wordings=(),
        year=this_year,
        maturity=UNRATED,
        genres=(),
        state=TitleState.DRAFT,
        partner_id=partner_id,
    )
    return changed(blank, draft)


def changed(title: Title, draft: TitleDraft) -> Title:
    """Returns `title` with all that `draft` gives. An episode that can be watched is not left out.
    Raises `BadTitle`."""
    if draft.kind not in (None, title.kind):
        raise BadTitle("A film cannot become a series, nor a series a film. Add a new title.")
    plain = ("year", "genres", "tags", "maturity", "countries", "original_language")
    given = {name: getattr(draft, name) for name in (*plain, "licence_note", "protection")}
    return msgspec.structs.replace(
        title,
        **{name: value for name, value in given.items() if value is not None},
        state=_state(title, draft),
        wordings=_worded(title.wordings, draft),
        windows=title.windows if draft.windows is None else tuple(map(_window, draft.windows)),
        credits=title.credits if draft.credits is None else tuple(map(_credit, draft.credits)),
        seasons=title.seasons if draft.seasons is None else _seasons(title, draft),
    )


def _state(title: Title, draft: TitleDraft) -> TitleState:
    """The catalog holds to it only until the title is published."""
    if draft.announced is None:
        return title.state
    return TitleState.ANNOUNCED if draft.announced else TitleState.DRAFT


def _worded(wordings: tuple[Wording, ...], draft: TitleDraft) -> tuple[Wording, ...]:
    words = {each.locale: each for each in wordings}
    given = {"name": draft.name, "synopsis": draft.synopsis, "tagline": draft.tagline}
    told = {name: value for name, value in given.items() if value is not None}
    if not told:
        return wordings
    old = words.get(draft.locale, Wording(locale=draft.locale, name=""))
    words[draft.locale] = msgspec.structs.replace(old, **told)
    return tuple(words.values())


def _window(draft: WindowDraft) -> Window:
    return Window(country=draft.country, from_ms=draft.from_ms, until_ms=draft.until_ms)


def _credit(draft: CreditDraft) -> Credit:
    person = draft.person_id or PersonId(new_id("per"))
    return Credit(person_id=person, name=draft.name, role=draft.role, character=draft.character)


def _seasons(title: Title, draft: TitleDraft) -> tuple[Season, ...]:
    old = {season.number: season for season in title.seasons}
    given = {episode.id for season in draft.seasons or () for episode in season.episodes}
    for episode in title.episodes:
        if episode.playable and episode.id not in given:
            raise BadTitle(
                f"Season {episode.season}, episode {episode.number} is live and can't be removed."
            )
    return tuple(
        _season(title, old.get(season.number), season, draft.locale)
        for season in draft.seasons or ()
    )


def _season(title: Title, old: Season | None, draft: SeasonDraft, locale: str) -> Season:
    season_id = old.id if old else SeasonId(new_id("sea"))
    known = {episode.id: episode for episode in title.episodes}
    episodes = []
    for each in draft.episodes:
        if each.id is not None and each.id not in known:
            raise BadTitle(f"This title has no episode {each.id}.")
        was = known.get(each.id) if each.id else None
        words = TitleDraft(name=each.name, synopsis=each.synopsis, locale=locale)
        blank = was or Episode(
            id=EpisodeId(new_id("epi")), title_id=title.id, season_id=season_id,
            season=draft.number, number=each.number, wordings=(),
        )  # fmt: skip
        episodes.append(
            msgspec.structs.replace(
                blank,
                season_id=season_id,
                season=draft.number,
                number=each.number,
                wordings=_worded(blank.wordings, words),
            )
        )
    wordings = old.wordings if old else ()
    return Season(id=season_id, number=draft.number, wordings=wordings, episodes=tuple(episodes))
