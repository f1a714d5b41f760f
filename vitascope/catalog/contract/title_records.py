"""The catalogue as partners, publishing and those who index it know it: whole titles."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from vitascope.catalog.contract.catalog import Playable, TitlePage
from vitascope.catalog.contract.title import Artwork, Asset, Title, TitleState
from vitascope.kernel.ids import AccountId, ContentId, EpisodeId, TitleId


class TitleFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which titles are asked for: those of which all of this is true."""

    ids: tuple[TitleId, ...] = ()
    """These alone, at most 100; empty for any."""

    name: str = ""
    """In their name in some language; case, accents and punctuation make no difference."""

    exact: bool = False
    """`name` is the whole name, letter by letter."""

    state: TitleState | None = None


class RecordsPage(msgspec.Struct, frozen=True, kw_only=True):
    titles: tuple[Title, ...]
    next_page_token: str | None = None


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """How many titles were new, how many were changed, and how many were so already."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A title as viewers will see it, and what of it can be played for its partner: what is live
    and what waits to be published."""

    page: TitlePage
    contents: tuple[ContentId, ...]


class TitleRecords(Protocol):
    """The catalogue as partners, publishing and those who index know it: every title, whole,
    whoever may see it. Nothing of it is shown to a viewer unless it lies in their `Scope`."""

    async def titles(self, title_ids: Sequence[TitleId]) -> list[Title]:
        """Returns titles in the order asked for; unknown ones are left out."""
        ...

    async def all_titles(self, *, after: TitleId | None = None, limit: int = 500) -> list[Title]:
        """Returns the titles that follow `after`, by id: for reading the catalogue from end to
        end."""
        ...

    async def titles_of(
        self,
        partner_id: AccountId | None,
        wanted: TitleFilter = TitleFilter(),  # noqa: B008 - it is frozen
        *,
        page_token: str | None = None,
        limit: int = 40,
    ) -> RecordsPage:
        """Returns a partner's own titles, or everybody's for None: those that can be played first,
        newest first. `limit` is at most 100. Raises `Invalid`, `BadPageToken`."""
        ...

    async def genre_names(self) -> dict[str, dict[str, str]]:
        """Returns the name of every known genre: slug, then locale."""
        ...

    async def save(self, title: Title) -> Title:
        """Add or replace everything but what publishing owns (assets, state, playable).
        Raises `BadTitle`. Announces `TitleChanged`."""
        ...

    async def save_all(self, titles: Sequence[Title]) -> Saved:
        """Do for each what `save` does, in one transaction: all are saved, or none. A title of
        another partner is not replaced: raises `NotYours`. Raises `BadTitle`. Announces
        `TitleChanged` for each that is new or changed."""
        ...

    async def set_artwork(
        self, title_id: TitleId, artwork: Artwork, *, episode_id: EpisodeId | None = None
    ) -> None:
        """Set the pictures that a person chose. Where they give none, what was taken from the film
        stays. Raises `NoSuchTitle`. Announces `TitleChanged`."""
        ...

    async def illustrate(self, title_id: TitleId, content_id: ContentId, taken: Artwork) -> None:
        """Set pictures taken from the film itself in the fields that no person has set; a series
        without any gets its episode's. Harmless when repeated. Raises `NoSuchTitle`. Announces
        `TitleChanged`."""
        ...

    async def keep_picture(self, content: bytes, suffix: str) -> str:
        """Keep a picture under a name made of its hash, and return the path for `Artwork`. `suffix`
        is `webp`, `jpg`, `png` or `mp4`. Raises `BadTitle`."""
        ...

    async def publish(
        self, title_id: TitleId, asset: Asset, *, instead_of: str | None = None
    ) -> bool:
        """Flip the pointer of `asset.content_id` to this version, in one transaction; harmless
        when it points there already. With `instead_of` only where it points at that version now,
        or at none for an empty one, else False. Announces `TitlePublished`. Raises
        `NoSuchTitle`."""
        ...

    async def prepare(
        self, title_id: TitleId, asset: Asset, *, instead_of: str | None = None
    ) -> bool:
        """Keep a version that is to be published later; edges may serve it, so that its partner can
        watch it. With `instead_of` only where that version is kept now, or none for an empty one,
        else False. Raises `NoSuchTitle`."""
        ...

    async def prepared(self, content_id: ContentId) -> Asset | None:
        """Returns the version that waits to be published."""
        ...

    async def preview(self, title_id: TitleId, locale: str) -> Preview:
        """Returns a title as it will be seen, whatever its state. Raises `NoSuchTitle`."""
        ...

    async def previewed(self, title_id: TitleId, content_id: ContentId, locale: str) -> Playable:
        """Returns what playback needs of a film or episode for its partner: the version that waits
        to be published, else the live one. Raises `NoSuchTitle`, `NotYetPlayable`."""
        ...

    async def take_down(self, title_id: TitleId) -> None:
        """Hide a title from everybody; harmless when it is. Announces `TitleTakenDown`. Raises
        `NoSuchTitle`."""
        ...

    async def restore(self, title_id: TitleId) -> None:
        """Undo a take-down: what can be played is published again, the rest is a draft. Announces
        `TitleChanged`. Raises `NoSuchTitle`."""
        ...

    async def delete(self, title_id: TitleId) -> None:
        """Delete a draft that was never published. Announces `TitleDeleted`. Raises `NoSuchTitle`,
        `NotADraft`."""
        ...

    async def asset(self, content_id: ContentId) -> Asset | None:
        """Returns the version that is live."""
        ...
