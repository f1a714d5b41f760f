"""Titles, seasons, episodes, people, assets, artwork and availability.

A process keeps every title in memory. What cannot hold itself is made with `gc=False`: to look
through 15,000 titles the garbage collector held the event loop for 60 ms, and now for 4.
"""

import enum
from collections.abc import Sequence
from typing import Protocol

import msgspec

from vitascope.kernel.country import Window
from vitascope.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from vitascope.kernel.events import Event
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
from vitascope.kernel.viewer import Viewer


class NoSuchTitle(NotFound):
    """Unknown, or not for this viewer: the answer does not tell which."""

    code = "no-such-title"


class NotYetPlayable(Conflict):
    code = "not-yet-playable"


class BadTitle(Invalid):
    code = "bad-title"


class NotYours(Forbidden):
    """The title is another partner's."""

    code = "not-yours"


class BadLine(Invalid):
    """A line of an import cannot be taken; `line` in the problem's body is its number."""

    code = "bad-line"


class TitleKind(enum.StrEnum):
    FILM = "film"
    SERIES = "series"


class Sort(enum.StrEnum):
    NEW = "new"  # what can be played first, published last first; then what is announced
    NAME = "name"
    YEAR = "year"  # the latest first


class TitleState(enum.StrEnum):
    DRAFT = "draft"  # its partner's alone, until it is announced or published
    ANNOUNCED = "announced"  # shown as coming
    PUBLISHED = "published"
    TAKEN_DOWN = "taken-down"


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


class Taken(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A field of an artwork that nobody has set: it was taken from a film or an episode."""

    field: str  # "poster"
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
    encode is a new version, and publishing flips the pointer to it."""

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


class TitleCard(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A title on a row: one locale's words, and no more than a tile needs."""

    id: TitleId
    kind: TitleKind
    name: str
    tagline: str
    year: int
    maturity: Maturity
    genres: tuple[str, ...]
    artwork: Artwork
    duration_ms: int | None
    playable: bool
    seasons: int = 0


class EpisodeCard(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    id: EpisodeId
    season: int
    number: int
    name: str
    synopsis: str
    duration_ms: int | None
    playable: bool
    artwork: Artwork


class Introduction(msgspec.Struct, frozen=True, kw_only=True):
    """A title at the head of a page. `opening` is the episode that a series begins with: the first
    that can be played."""

    title_id: TitleId
    synopsis: str
    opening: EpisodeCard | None = None


class SeasonCard(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    number: int
    name: str
    episodes: tuple[EpisodeCard, ...]


class TitlePage(msgspec.Struct, frozen=True, kw_only=True):
    """A title's own page, in one locale."""

    card: TitleCard
    synopsis: str
    credits: tuple[Credit, ...]
    countries: tuple[str, ...]
    original_language: str
    audio_languages: tuple[str, ...]
    text_languages: tuple[str, ...]
    max_height: int | None
    seasons: tuple[SeasonCard, ...]
    licence_note: str


class Playable(msgspec.Struct, frozen=True, kw_only=True):
    """What `play` needs to know of a content id, after the viewer's filter was passed."""

    title_id: TitleId
    content_id: ContentId
    name: str  # "Sintel", or "The Lost Island · S1 E2 · The Map"
    asset: Asset
    next_content_id: ContentId | None = None


class Genre(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    name: str
    titles: int


class CardPage(msgspec.Struct, frozen=True, kw_only=True):
    cards: tuple[TitleCard, ...]
    next_page_token: str | None = None


class TitleFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which titles are asked for: those of which all of this is true."""

    ids: tuple[TitleId, ...] = ()
    """These alone, at most 100; empty for any."""

    name: str = ""
    """In their name in some language; case, accents and punctuation make no difference."""

    exact: bool = False
    """`name` is the whole name, letter by letter."""

    state: TitleState | None = None


class RecordsPage(msgspec.Struct, frozen=True, kw_only=True):
    titles: tuple[Title, ...]
    next_page_token: str | None = None


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """How many titles were new, how many were changed, and how many were so already."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


class TitleChanged(Event, frozen=True, tag="TitleChanged"):
    """Words, artwork, people, windows or maturity changed, or the title is new."""

    title_id: TitleId

    @property
    def key(self) -> str:
        return self.title_id


class TitlePublished(Event, frozen=True, tag="TitlePublished"):
    """The pointer was flipped to a new asset version: the content can be played."""

    title_id: TitleId
    content_id: ContentId
    asset_id: AssetId
    version: str
    prefix: str
    partial: bool = False

    @property
    def key(self) -> str:
        return self.title_id


class TitleTakenDown(Event, frozen=True, tag="TitleTakenDown"):
    title_id: TitleId

    @property
    def key(self) -> str:
        return self.title_id


class Catalog(Protocol):
    """What viewers see of the catalogue: titles outside the viewer's `Scope` are left out of every
    answer."""

    async def cards(self, title_ids: Sequence[TitleId], viewer: Viewer) -> list[TitleCard]:
        """Returns cards in the order asked for; titles that are not for this viewer are left
        out."""
        ...

    async def introductions(
        self, title_ids: Sequence[TitleId], viewer: Viewer
    ) -> list[Introduction]:
        """Returns, as `cards` does, what the head of a page shows."""
        ...

    async def page(self, title_id: TitleId, viewer: Viewer) -> TitlePage:
        """Returns all that a title's page shows. Raises `NoSuchTitle`."""
        ...

    async def playable(self, content_id: ContentId, viewer: Viewer) -> Playable:
        """Returns what playback needs of a film or episode. Raises `NoSuchTitle`,
        `NotYetPlayable`."""
        ...

    async def contents(
        self, content_ids: Sequence[ContentId], viewer: Viewer
    ) -> dict[ContentId, tuple[TitleCard, EpisodeCard | None]]:
        """Returns the title (and the episode) that each content id belongs to; others are left
        out."""
        ...

    async def next_episodes(
        self, content_ids: Sequence[ContentId], viewer: Viewer
    ) -> dict[ContentId, ContentId]:
        """Returns the playable episode that follows each one, where there is one."""
        ...

    async def genres(self, viewer: Viewer) -> list[Genre]:
        """Returns the genres that have titles for this viewer, with how many; most titles first."""
        ...

    async def browse(
        self,
        viewer: Viewer,
        *,
        genre: str | None = None,
        kind: TitleKind | None = None,
        sort: Sort = Sort.NEW,
        page_token: str | None = None,
        limit: int = 40,
    ) -> CardPage:
        """Returns a page of the catalogue. `limit` is at most 100. Costs what the page holds,
        however large the catalogue is. Raises `Invalid`, `BadPageToken`."""
        ...

    async def named(self, beginning: str, viewer: Viewer, *, limit: int = 40) -> list[TitleCard]:
        """Returns titles whose name in the viewer's language begins with `beginning`, by name. Case
        does not matter."""
        ...


class TitleRecords(Protocol):
    """The catalogue as partners, publishing and those who index know it: every title, whole,
    whoever may see it. Nothing of it is shown to a viewer unless it lies in their `Scope`."""

    async def titles(self, title_ids: Sequence[TitleId]) -> list[Title]:
        """Returns titles in the order asked for; unknown ones are left out."""
        ...

    async def all_titles(self, *, after: TitleId | None = None, limit: int = 500) -> list[Title]:
        """Returns the titles that follow `after`, by id: for reading the catalogue from end to
        end."""
        ...

    async def titles_of(
        self,
        partner_id: AccountId | None,
        wanted: TitleFilter = TitleFilter(),  # noqa: B008 - it is frozen
        *,
        page_token: str | None = None,
        limit: int = 40,
    ) -> RecordsPage:
        """Returns a partner's own titles, or everybody's for None: those that can be played first,
        newest first. `limit` is at most 100. Raises `Invalid`, `BadPageToken`."""
        ...

    async def genre_names(self) -> dict[str, dict[str, str]]:
        """Returns the name of every known genre: slug, then locale."""
        ...

    async def save(self, title: Title) -> Title:
        """Add or replace everything but what publishing owns (assets, state, playable).
        Raises `BadTitle`. Announces `TitleChanged`."""
        ...

    async def save_all(self, titles: Sequence[Title]) -> Saved:
        """Do for each what `save` does, in one transaction: all are saved, or none. A title of
        another partner is not replaced: raises `NotYours`. Raises `BadTitle`. Announces
        `TitleChanged` for each that is new or changed."""
        ...

    async def set_artwork(
        self, title_id: TitleId, artwork: Artwork, *, episode_id: EpisodeId | None = None
    ) -> None:
        """Set the pictures that a person chose. Where they give none, what was taken from the film
        stays. Raises `NoSuchTitle`. Announces `TitleChanged`."""
        ...

    async def illustrate(self, title_id: TitleId, content_id: ContentId, taken: Artwork) -> None:
        """Set pictures taken from the film itself in the fields that no person has set; a series
        without any gets its episode's. Harmless when repeated. Raises `NoSuchTitle`. Announces
        `TitleChanged`."""
        ...

    async def keep_picture(self, content: bytes, suffix: str) -> str:
        """Keep a picture under a name made of its hash, and return the path for `Artwork`. `suffix`
        is `webp`, `jpg`, `png` or `mp4`. Raises `BadTitle`."""
        ...

    async def publish(self, title_id: TitleId, asset: Asset) -> None:
        """Flip the pointer of `asset.content_id` to this version, in one transaction; harmless
        when it points there already. Announces `TitlePublished`. Raises `NoSuchTitle`."""
        ...

    async def take_down(self, title_id: TitleId) -> None: ...

    async def asset(self, content_id: ContentId) -> Asset | None: ...


class PublishedVersion(msgspec.Struct, frozen=True, kw_only=True):
    asset_id: AssetId
    version: str


class PublishedPage(msgspec.Struct, frozen=True, kw_only=True):
    """The versions that titles play now. Those after `upto` are in the next page."""

    upto: int
    versions: tuple[PublishedVersion, ...] = ()
    more: bool = False


class PublishedAssets(Protocol):
    """The versions that were published, for whoever serves their files."""

    async def published(self, asset_id: AssetId, version: str) -> Asset | None:
        """Returns the version, or None if it was never published, or its title is taken down. A
        version that a newer one has replaced is still found: who plays it plays it to the end."""
        ...

    async def published_since(self, after: int, *, limit: int = 100) -> PublishedPage:
        """Returns the versions of the next `limit` titles that changed after this point; 0 is
        before all. A title that changed again comes again, later. `limit` is at most 500. Raises
        `Invalid`."""
        ...
