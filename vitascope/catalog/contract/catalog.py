"""The catalogue as viewers see it: cards, pages, and what can be played."""

import enum
from collections.abc import Sequence
from typing import Protocol

import msgspec

from vitascope.catalog.contract.title import Artwork, Asset, Credit, TitleKind
from vitascope.kernel.ids import ContentId, EpisodeId, TitleId
from vitascope.kernel.maturity import Maturity
from vitascope.kernel.viewer import Viewer


class Sort(enum.StrEnum):
    NEW = "new"  # what can be played first, published last first; then what is announced
    NAME = "name"
    YEAR = "year"  # the latest first


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
    until_ms: int | None = None  # when the viewer's window closes; None for never


class Genre(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    name: str
    titles: int


class CardPage(msgspec.Struct, frozen=True, kw_only=True):
    cards: tuple[TitleCard, ...]
    next_page_token: str | None = None


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
