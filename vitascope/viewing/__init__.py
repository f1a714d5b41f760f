"""Progress, history, my list and thumbs.

Announces `TitleWatched`, `TitleFinished`, `HistoryRemoved`, `ThumbGiven` and `ListChanged`.
"""

from vitascope.viewing.contract import (
    LONGEST_LIST,
    HistoryRemoved,
    ListChanged,
    ListFull,
    ListItem,
    Progress,
    Thumb,
    ThumbGiven,
    TitleFinished,
    TitleWatched,
    Viewing,
)

__all__ = [
    "LONGEST_LIST",
    "HistoryRemoved",
    "ListChanged",
    "ListFull",
    "ListItem",
    "Progress",
    "Thumb",
    "ThumbGiven",
    "TitleFinished",
    "TitleWatched",
    "Viewing",
]
