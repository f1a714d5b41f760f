"""Draws the pictures of the demo's titles. They are kept as files in `demo/artwork`; run this after
a title or its `art` changed: `.venv/bin/python -m demo.drawing [SLUG...]`."""

from demo.drawing.poster import Design, Pictures, pictures

__all__ = ["Design", "Pictures", "pictures"]
