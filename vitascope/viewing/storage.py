"""What viewing needs of its store, in its own words.

No transaction is assumed outside: a change and its announcements are one call, and one fact. When a
method returns, both are durable; when it raises, it may be repeated, and neither was kept without
the other. How that is done (a row and an outbox in one transaction, a conditional write and a log)
is the store's own business.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from vitascope.kernel.events import Event
from vitascope.kernel.ids import ContentId, ProfileId, TitleId
from vitascope.viewing.contract import ListItem, Progress, Thumb

News = Callable[[Progress, Progress | None], Sequence[Event]]
"""What a report that is kept says anew, given the one that was kept before it."""


class ViewingStore(Protocol):
    async def record(self, reports: Sequence[Progress], news: News) -> None:
        """Keep each report that comes after the one that is kept of its profile and content, unless
        it is not `wanted`; announce what `news` says of those that were kept. There is at most one
        report of a profile and content, in the order of `last_of_each`."""
        ...

    async def positions(
        self, profile_id: ProfileId, content_ids: Sequence[ContentId]
    ) -> list[Progress]:
        """Returns the report kept of each content, in any order; removed ones are left out, here
        and below."""
        ...

    async def recent(self, profile_id: ProfileId, limit: int) -> list[Progress]:
        """Returns the last content of each title, newest first."""
        ...

    async def watched(
        self, profile_id: ProfileId, before: tuple[int, str] | None, limit: int
    ) -> list[Progress]:
        """Returns reports by `at_ms` and content, newest first, those after the place `before`."""
        ...

    async def remove_from_history(
        self, profile_id: ProfileId, title_id: TitleId, at_ms: int, news: Sequence[Event]
    ) -> None:
        """Forget a title's reports, and remember when, so that late ones are not wanted. Of several
        removals the latest counts."""
        ...

    async def listed(self, profile_id: ProfileId, limit: int) -> list[ListItem]:
        """Returns my list, added last first."""
        ...

    async def on_list(
        self, profile_id: ProfileId, title_ids: Sequence[TitleId]
    ) -> frozenset[TitleId]:
        """Returns those of the titles that are on my list."""
        ...

    async def add_to_list(
        self, profile_id: ProfileId, item: ListItem, news: Sequence[Event]
    ) -> None:
        """Add a title, and announce `news`; nothing of it when the title is there already."""
        ...

    async def remove_from_list(
        self, profile_id: ProfileId, title_id: TitleId, news: Sequence[Event]
    ) -> None:
        """Remove a title, and announce `news`; nothing of it when the title is not there."""
        ...

    async def thumbs(
        self, profile_id: ProfileId, title_ids: Sequence[TitleId]
    ) -> dict[TitleId, Thumb]: ...

    async def all_thumbs(
        self, profile_id: ProfileId, after: TitleId | None, limit: int
    ) -> dict[TitleId, Thumb]:
        """Returns thumbs by the title's id, those after a title."""
        ...

    async def set_thumb(
        self,
        profile_id: ProfileId,
        title_id: TitleId,
        thumb: Thumb | None,
        news: Sequence[Event],
    ) -> None:
        """Give a thumb or take it back (None), and announce `news`; nothing of it when it is so
        already."""
        ...

    async def forget_profile(self, profile_id: ProfileId) -> None:
        """Remove all that is kept of a profile, announcing nothing."""
        ...
