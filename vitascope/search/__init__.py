"""Finding titles by what people type, typos and all."""

from vitascope.search.contract import (
    Found,
    Hit,
    Search,
    SearchDocument,
    Suggestion,
)

__all__ = [
    "Found",
    "Hit",
    "Search",
    "SearchDocument",
    "Suggestion",
]
