"""Titles and all that describes them.

Announces `TitleChanged`, `TitlePublished`, `TitleTakenDown`, `TitleDeleted` and
`EpisodeRemoved`.
"""

from vitascope.catalog.contract.catalog import (
    CardPage,
    Catalog,
    EpisodeCard,
    Genre,
    Introduction,
    Playable,
    SeasonCard,
    Sort,
    TitleCard,
    TitlePage,
)
from vitascope.catalog.contract.errors import (
    BadLine,
    BadTitle,
    NoSuchTitle,
    NotADraft,
    NotYetPlayable,
    NotYours,
)
from vitascope.catalog.contract.events import (
    EpisodeRemoved,
    TitleChanged,
    TitleDeleted,
    TitlePublished,
    TitleTakenDown,
)
from vitascope.catalog.contract.published_assets import (
    PublishedAssets,
    PublishedPage,
    PublishedVersion,
)
from vitascope.catalog.contract.title import (
    Artwork,
    Asset,
    Credit,
    CreditRole,
    Episode,
    Season,
    Taken,
    Title,
    TitleKind,
    TitleState,
    Wording,
)
from vitascope.catalog.contract.title_records import (
    Preview,
    RecordsPage,
    Saved,
    TitleFilter,
    TitleRecords,
)
from vitascope.kernel.scope import Rights, Scope

__all__ = [
    "Artwork",
    "Asset",
    "BadLine",
    "BadTitle",
    "CardPage",
    "Catalog",
    "Credit",
    "CreditRole",
    "Episode",
    "EpisodeCard",
    "EpisodeRemoved",
    "Genre",
    "Introduction",
    "NoSuchTitle",
    "NotADraft",
    "NotYetPlayable",
    "NotYours",
    "Playable",
    "Preview",
    "PublishedAssets",
    "PublishedPage",
    "PublishedVersion",
    "RecordsPage",
    "Rights",
    "Saved",
    "Scope",
    "Season",
    "SeasonCard",
    "Sort",
    "Taken",
    "Title",
    "TitleCard",
    "TitleChanged",
    "TitleDeleted",
    "TitleFilter",
    "TitleKind",
    "TitlePage",
    "TitlePublished",
    "TitleRecords",
    "TitleState",
    "TitleTakenDown",
    "Wording",
]
