"""Progress, history, my list and thumbs.

Announces `TitleWatched`, `TitleFinished`, `HistoryRemoved`, `ThumbGiven` and `ListChanged`.
"""

from vitascope.viewing.contract import (
    HistoryRemoved,
    ListChanged,
    ListItem,
    Progress,
    Thumb,
    ThumbGiven,
    TitleFinished,
    TitleWatched,
    Viewing,
)

__all__ = [
    "HistoryRemoved",
    "ListChanged",
    "ListItem",
    "Progress",
    "Thumb",
    "ThumbGiven",
    "TitleFinished",
    "TitleWatched",
    "Viewing",
]
