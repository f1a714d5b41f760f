"""Who may hand in what: the partner's own titles, within the quota, while there is room."""

import asyncio
from pathlib import Path

import msgspec

from vitascope.catalog import NoSuchTitle, TitleRecords
from vitascope.ingest.contract import (
    AlreadyLive,
    DiskFull,
    NotYourTitle,
    QuotaExceeded,
    UploadDraft,
    UploadTooLarge,
)
from vitascope.ingest.part_file import free_bytes
from vitascope.ingest.settings import IngestSettings
from vitascope.ingest.sounds import refuse_unfit, standard
from vitascope.kernel.characters import has_control_characters
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AccountId, ContentId, TitleId

_GIB = 1 << 30
LONGEST_NAME = 255
MOST_UNDER_WAY = 1000


class Admission:
    def __init__(
        self, catalog: TitleRecords, folder: Path | None, settings: IngestSettings
    ) -> None:
        self._catalog = catalog
        self._folder = folder
        self._settings = settings

    async def check(self, partner_id: AccountId, draft: UploadDraft) -> UploadDraft:
        """Check everything but the quota, which is for the transaction to decide. Returns the draft
        in its standard form."""
        _refuse_nonsense(draft)
        limit = round(self._settings.max_upload_gib * _GIB)
        if draft.size > limit:
            raise UploadTooLarge(
                f"A master can have at most {limit} bytes; this one has {draft.size}.", limit=limit
            )
        if not draft.piece:
            await self.refuse_strangers(partner_id, draft.title_id, draft.content_id)
        if draft.sound is not None:
            sound = await standard(draft.sound)
            draft = msgspec.structs.replace(draft, sound=sound)
            refuse_unfit(sound, await self._catalog.asset(draft.content_id))
        elif not draft.piece and not draft.replaces:
            await self._refuse_what_is_live(draft.content_id)
        await self._refuse_when_full(draft)
        return draft

    async def refuse_strangers(
        self, partner_id: AccountId, title_id: TitleId, content_id: ContentId
    ) -> None:
        title = next(iter(await self._catalog.titles([title_id])), None)
        if title is None or title.partner_id != partner_id:  # which of the two, nobody is told
            raise NoSuchTitle(f"You have no title {title_id}. Create it in the studio first.")
        episodes: set[str] = {episode.id for episode in title.episodes}
        contents = episodes if title.seasons else {title.id}
        if content_id not in contents:
            raise NotYourTitle(
                f"{content_id} is neither this film nor an episode of this series. For a film, "
                "content_id is the title's own id; for a series, the id of the episode."
            )

    async def _refuse_what_is_live(self, content_id: ContentId) -> None:
        if await self._catalog.asset(content_id) is not None:
            raise AlreadyLive(
                "This film or episode is live already. Say that the master replaces it, or deliver "
                "it for another title or episode."
            )

    def refuse_beyond_quota(self, partner_id: AccountId, draft: UploadDraft, used: int) -> None:
        limit = self.limit_bytes(partner_id)
        if used + draft.size > limit:
            raise QuotaExceeded(
                f"Your quota is {limit} bytes, of which {used} are used; this master needs "
                f"{draft.size}. Ask for a larger quota, or cancel uploads that you don't need.",
                limit_bytes=limit,
                used_bytes=used,
            )

    def limit_bytes(self, partner_id: AccountId) -> int:
        own = self._settings.quotas_gib.get(partner_id, self._settings.quota_gib)
        return round(own * _GIB)

    async def _refuse_when_full(self, draft: UploadDraft) -> None:
        if self._folder is None:  # nothing is kept on this machine
            return
        free = await asyncio.to_thread(free_bytes, self._folder)
        if free - draft.size < round(self._settings.keep_free_gib * _GIB):
            raise DiskFull("The service has no room for a file of this size now. Try again later.")


def refuse_too_many(under_way: int) -> None:
    """Raises `QuotaExceeded`."""
    if under_way >= MOST_UNDER_WAY:
        raise QuotaExceeded(
            f"You have {under_way} uploads under way. Finish or cancel some of them first.",
            limit=MOST_UNDER_WAY,
        )


def _refuse_nonsense(draft: UploadDraft) -> None:
    if draft.size <= 0:
        raise Invalid("Upload-Length must be above zero: an empty file cannot be a master.")
    refuse_bad_name(draft.file_name)


def refuse_bad_name(file_name: str) -> None:
    """Raises `Invalid` for what no file is called."""
    if not file_name.strip() or len(file_name) > LONGEST_NAME:
        raise Invalid(f"The file name must have 1 to {LONGEST_NAME} characters.")
    if has_control_characters(file_name):
        raise Invalid("The file name has control characters in it. Rename the file.")
