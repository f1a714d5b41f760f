"""What is kept of every title costs nothing while nobody asks for it."""

import gc

import msgspec

from tests.catalog.setup import series
from vitascope.catalog import Title


def test_the_garbage_collector_does_not_look_through_titles() -> None:
    """At 15,000 titles that held the event loop for 60 ms, some times a minute."""
    title = msgspec.json.decode(msgspec.json.encode(series("Saga", 2, 3)), type=Title)
    parts = [title, *title.wordings, *title.windows, title.artwork, *title.seasons, *title.episodes]
    assert not [type(part).__name__ for part in parts if gc.is_tracked(part)]
