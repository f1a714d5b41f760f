"""The page a profile comes home to."""

import enum
from typing import Literal, Protocol

import msgspec

from vitascope.catalog import EpisodeCard, TitleCard, TitlePage
from vitascope.kernel.ids import ContentId, TitleId
from vitascope.kernel.viewer import Viewer
from vitascope.viewing import Thumb

HomeMissing = Literal["catalog", "recommend", "search", "viewing"]
DeviceType = Literal["phone", "web", "television"]


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """A title on a row. Continue-watching tiles say where one is."""

    card: TitleCard
    content_id: ContentId | None = None  # what pressing play plays
    episode: EpisodeCard | None = None
    position_ms: int | None = None
    duration_ms: int | None = None


class HomeRowKind(enum.StrEnum):
    """`recommend.RowKind`, and the rows of what is the profile's own."""

    CONTINUE = "continue"  # begun and not finished
    LIST = "list"  # put aside
    NOW = "now"  # can be played
    BECAUSE = "because"  # like a title that was watched or liked
    NEW = "new"
    GENRE = "genre"
    PERSON = "person"  # by a director
    SOON = "soon"  # announced, cannot be played yet


class HomeRow(msgspec.Struct, frozen=True, kw_only=True):
    id: str  # "continue", "list", "new", "genre:drama", "because:ttl_..."
    kind: HomeRowKind
    heading: str  # in the profile's locale
    reason: str  # why this row is here
    tiles: tuple[Tile, ...]
    next_page_token: str | None = None  # more tiles of this row


class Billboard(msgspec.Struct, frozen=True, kw_only=True):
    tile: Tile
    synopsis: str
    in_list: bool


class Home(msgspec.Struct, frozen=True, kw_only=True):
    billboard: Billboard | None
    rows: tuple[HomeRow, ...]
    next_page_token: str | None = None  # more rows
    degraded: tuple[HomeMissing, ...] = ()  # what was left out because it did not answer


class TitleView(msgspec.Struct, frozen=True, kw_only=True):
    """A title's page with what is this profile's own."""

    title: TitlePage
    in_list: bool
    thumb: Thumb | None
    resume: Tile | None  # what pressing play plays, and from where
    positions: dict[ContentId, int]  # position_ms by episode
    durations: dict[ContentId, int]
    similar: tuple[TitleCard, ...]
    degraded: tuple[HomeMissing, ...] = ()


class SearchView(msgspec.Struct, frozen=True, kw_only=True):
    query: str
    cards: tuple[TitleCard, ...]
    suggestions: tuple[str, ...]
    degraded: tuple[HomeMissing, ...] = ()


class MyListView(msgspec.Struct, frozen=True, kw_only=True):
    cards: tuple[TitleCard, ...]  # added last comes first


class HistoryItem(msgspec.Struct, frozen=True, kw_only=True):
    card: TitleCard
    episode: EpisodeCard | None
    position_ms: int
    duration_ms: int
    at_ms: int


class HistoryView(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[HistoryItem, ...]  # watched last comes first
    next_page_token: str | None = None


class Homepage(Protocol):
    async def home(
        self, viewer: Viewer, *, page_token: str | None = None, device_type: DeviceType = "web"
    ) -> Home: ...

    async def row(self, viewer: Viewer, page_token: str) -> HomeRow:
        """Returns more tiles of one row. Raises `BadPageToken`."""
        ...

    async def title(self, viewer: Viewer, title_id: TitleId) -> TitleView:
        """Returns a title's page with what is the profile's own. Raises `NoSuchTitle`."""
        ...

    async def search(self, viewer: Viewer, query: str) -> SearchView: ...

    async def my_list(self, viewer: Viewer) -> MyListView: ...

    async def history(self, viewer: Viewer, *, page_token: str | None = None) -> HistoryView:
        """Returns what the profile watched, newest first. Raises `BadPageToken`."""
        ...
