"""Progress, history, my list and thumbs.

Announces `ThumbGiven`, `ListChanged` and `TitleFinished`.
"""

from vitascope.viewing.contract import (
    ListChanged,
    ListItem,
    Progress,
    Thumb,
    ThumbGiven,
    TitleFinished,
    Viewing,
)

__all__ = [
    "ListChanged",
    "ListItem",
    "Progress",
    "Thumb",
    "ThumbGiven",
    "TitleFinished",
    "Viewing",
]
