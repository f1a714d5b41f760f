"""What the catalogue announces."""

from vitascope.kernel.events import Event
from vitascope.kernel.ids import AssetId, ContentId, TitleId


class TitleChanged(Event, frozen=True, tag="TitleChanged"):
    """Words, artwork, people, windows or maturity changed, or the title is new."""

    title_id: TitleId

    @property
    def key(self) -> str:
        return self.title_id


class TitlePublished(Event, frozen=True, tag="TitlePublished"):
    """The pointer was flipped to a new asset version: the content can be played."""

    title_id: TitleId
    content_id: ContentId
    asset_id: AssetId
    version: str
    prefix: str
    partial: bool = False

    @property
    def key(self) -> str:
        return self.title_id


class TitleDeleted(Event, frozen=True, tag="TitleDeleted"):
    """A draft is gone, with all that was written of it."""

    title_id: TitleId

    @property
    def key(self) -> str:
        return self.title_id


class EpisodeRemoved(Event, frozen=True, tag="EpisodeRemoved"):
    """An episode that was never published is no longer in its series."""

    title_id: TitleId
    content_id: ContentId

    @property
    def key(self) -> str:
        return self.title_id


class TitleTakenDown(Event, frozen=True, tag="TitleTakenDown"):
    title_id: TitleId

    @property
    def key(self) -> str:
        return self.title_id
