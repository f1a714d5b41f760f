"""The page a profile comes home to, a title's page, and the search page."""

from vitascope.homepage.contract import (
    Billboard,
    HistoryItem,
    HistoryView,
    Home,
    Homepage,
    HomeRow,
    MyListView,
    SearchView,
    Tile,
    TitleView,
)

__all__ = [
    "Billboard",
    "HistoryItem",
    "HistoryView",
    "Home",
    "HomeRow",
    "Homepage",
    "MyListView",
    "SearchView",
    "Tile",
    "TitleView",
]
