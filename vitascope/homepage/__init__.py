"""The page a profile comes home to, a title's page, and the search page."""

from vitascope.homepage.contract import (
    Billboard,
    DeviceType,
    HistoryItem,
    HistoryView,
    Home,
    Homepage,
    HomeRow,
    HomeRowKind,
    MyListView,
    SearchView,
    Tile,
    TitleView,
)

__all__ = [
    "Billboard",
    "DeviceType",
    "HistoryItem",
    "HistoryView",
    "Home",
    "HomeRow",
    "HomeRowKind",
    "Homepage",
    "MyListView",
    "SearchView",
    "Tile",
    "TitleView",
]
