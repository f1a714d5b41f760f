"""What an event is: something that happened, told in the past tense, ordered by key.

A domain declares its events in its `contract.py`:

    class TitlePublished(Event, frozen=True, tag="TitlePublished"):
        title_id: TitleId

        @property
        def key(self) -> str:
            return self.title_id

Events with the same key arrive in the order in which they were announced, each at least once;
a listener makes itself harmless to repetition by `Envelope.id`.
"""

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """The parent of all events. Fields are only ever added, with defaults."""

    @property
    def key(self) -> str:
        """Returns the key by which events are ordered: those of one key are heard in order."""
        raise NotImplementedError(f"{type(self).__name__} does not say what it is ordered by")


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """An event on its way. `id` is unique for ever, `offset` orders the log it lies in."""

    id: str
    type: str
    key: str
    at_ms: int
    body: bytes
    offset: int = 0
