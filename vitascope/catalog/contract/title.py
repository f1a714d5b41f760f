"""What is known of a title: its words, people, seasons and episodes, artwork and asset.

A process keeps every title in memory. What cannot hold itself is made with `gc=False`: to look
through 15,000 titles the garbage collector held the event loop for 60 ms, and now for 4.
"""

import enum
from typing import Literal

import msgspec

from vitascope.kernel.country import Window
from vitascope.kernel.ids import (
    AccountId,
    AssetId,
    ContentId,
    EpisodeId,
    KeyId,
    PersonId,
    SeasonId,
    TitleId,
)
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.media import AudioTrack, KeyLabel, Ladder, Scheme, TextTrack
from vitascope.kernel.scope import Rights


class TitleKind(enum.StrEnum):
    FILM = "film"
    SERIES = "series"


class TitleState(enum.StrEnum):
    DRAFT = "draft"  # its partner's alone, until it is announced or published
    ANNOUNCED = "announced"  # shown as coming
    PUBLISHED = "published"
    TAKEN_DOWN = "taken-down"
    DELETED = "deleted"  # a draft that is gone; no contract answers with it


class Wording(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A title's words in one locale. The first wording is the fallback."""

    locale: str
    name: str
    synopsis: str = ""
    tagline: str = ""


class CreditRole(enum.StrEnum):
    DIRECTOR = "director"
    WRITER = "writer"
    CAST = "cast"
    COMPOSER = "composer"
    PRODUCER = "producer"


class Credit(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    person_id: PersonId
    name: str
    role: CreditRole
    character: str = ""


ArtworkField = Literal["poster", "landscape", "billboard", "preview", "tint"]


class Taken(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A field of an artwork that nobody has set: it was taken from a film or an episode."""

    field: ArtworkField
    content_id: ContentId


class Artwork(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Paths below `/artwork/`. Poster 2:3, landscape 16:9, billboard 16:9 without words.

    On a poster or landscape that is named in `from_film` stands no name: an app writes it there."""

    poster: str = ""
    landscape: str = ""
    billboard: str = ""
    preview: str = ""  # a short silent clip
    tint: str = "#1d2430"  # a colour of the picture, for the page while it loads
    from_film: tuple[Taken, ...] = ()


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a packaged film or episode. A file never changes under its name: a new
    encode is a new version, and publishing flips the pointer to it. It has no keys where its scheme
    is `none`."""

    id: AssetId
    content_id: ContentId
    version: str  # hash of the package
    duration_ms: int
    ladder: Ladder
    audio: tuple[AudioTrack, ...]
    text: tuple[TextTrack, ...]
    key_ids: dict[KeyLabel, KeyId]
    scheme: Scheme
    prefix: str  # blobs prefix of its files: "assets/ast_.../v..."
    files: dict[str, str]  # file name -> SHA-256 hex
    sizes: dict[str, int]  # file name -> bytes
    credits_start_ms: int | None = None
    partial: bool = False  # more rungs are on the way

    @property
    def is_protected(self) -> bool:
        return self.scheme != "none"


class Episode(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: EpisodeId
    title_id: TitleId
    season_id: SeasonId
    season: int
    number: int
    wordings: tuple[Wording, ...]
    duration_ms: int | None = None
    playable: bool = False
    artwork: Artwork = Artwork()


class Season(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: SeasonId
    number: int
    wordings: tuple[Wording, ...] = ()
    episodes: tuple[Episode, ...] = ()


class Title(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """All that is known of a title. Viewers get it only through the calls that take a Viewer."""

    id: TitleId
    kind: TitleKind
    wordings: tuple[Wording, ...]
    year: int
    maturity: Maturity
    genres: tuple[str, ...]  # slugs: "science-fiction"
    tags: tuple[str, ...] = ()
    credits: tuple[Credit, ...] = ()
    countries: tuple[str, ...] = ()
    original_language: str = "und"
    windows: tuple[Window, ...] = (Window(),)
    state: TitleState = TitleState.ANNOUNCED
    artwork: Artwork = Artwork()
    seasons: tuple[Season, ...] = ()
    duration_ms: int | None = None
    playable: bool = False  # a film with an asset, a series with at least one playable episode
    partner_id: AccountId | None = None
    licence_note: str = ""  # "Public domain", "CC BY 3.0, Blender Foundation"
    protection: Scheme | None = None  # of its first version; None for the service's
    added_at_ms: int = 0
    published_at_ms: int | None = None

    @property
    def shown(self) -> bool:
        """Returns True if there are viewers who may see it; `rights` say which."""
        return self.state not in (TitleState.DRAFT, TitleState.TAKEN_DOWN)

    @property
    def rights(self) -> Rights:
        """Returns what decides who may see it."""
        return Rights(windows=self.windows, maturity=self.maturity, shown=self.shown)

    @property
    def episodes(self) -> list[Episode]:
        """Returns the episodes of all seasons, in the order in which they are watched."""
        every = (episode for season in self.seasons for episode in season.episodes)
        return sorted(every, key=lambda episode: (episode.season, episode.number))

    def wording(self, locale: str) -> Wording:
        """Returns the words for `locale`, else for its language, else the first ones."""
        exact = {w.locale: w for w in self.wordings}
        return exact.get(locale) or exact.get(locale.split("-")[0]) or self.wordings[0]
