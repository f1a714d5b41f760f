"""What is like what, and what a profile would like next.

Announces `TasteChanged`.
"""

from vitascope.recommend.contract import (
    RankedRow,
    RankedRows,
    Recommend,
    RowKind,
    RowsContext,
    RowsLimit,
    Similar,
    TasteChanged,
)

__all__ = [
    "RankedRow",
    "RankedRows",
    "Recommend",
    "RowKind",
    "RowsContext",
    "RowsLimit",
    "Similar",
    "TasteChanged",
]
