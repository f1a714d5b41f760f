"""Posters for the demo's titles: drawn, not fetched, as if for a screen printer."""

from vitascope.operations.demo.posters.poster import Design, Pictures, pictures

__all__ = ["Design", "Pictures", "pictures"]
