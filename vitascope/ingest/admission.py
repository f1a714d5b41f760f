"""Who may hand in what: the partner's own titles, within the quota, while there is room."""

import asyncio
from pathlib import Path

import msgspec

from vitascope.catalog import NoSuchTitle, TitleRecords
from vitascope.ingest.contract import (
    DiskFull,
    NotYourTitle,
    QuotaExceeded,
    UploadDraft,
    UploadTooLarge,
)
from vitascope.ingest.part_file import free_bytes
from vitascope.ingest.settings import IngestSettings
from vitascope.ingest.sounds import refuse_unfit, standard
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AccountId, ContentId, TitleId

_GIB = 1 << 30


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
        await self.refuse_strangers(partner_id, draft.title_id, draft.content_id)
        if draft.sound is not None:
            sound = await standard(draft.sound)
            draft = msgspec.structs.replace(draft, sound=sound)
            refuse_unfit(sound, await self._catalog.asset(draft.content_id))
        await self._refuse_when_full(draft)
        return draft

    async def refuse_strangers(
        self, partner_id: AccountId, title_id: TitleId, content_id: ContentId
    ) -> None:
        title = next(iter(await self._catalog.titles([title_id])), None)
        if title is None:
            raise NoSuchTitle(f"There is no title {title_id}. Create it in the studio first.")
        if title.partner_id != partner_id:
            raise NotYourTitle(
                "This title belongs to another partner; you can't send masters for it."
            )
        episodes: set[str] = {episode.id for episode in title.episodes}
        contents = episodes if title.seasons else {title.id}
        if content_id not in contents:
            raise NotYourTitle(
                f"{content_id} is neither this film nor an episode of this series. For a film, "
                "content_id is the title's own id; for a series, the id of the episode."
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


def _refuse_nonsense(draft: UploadDraft) -> None:
    if draft.size <= 0:
        raise Invalid("Upload-Length must be above zero: an empty file cannot be a master.")
    if not draft.file_name or len(draft.file_name) > 255:
        raise Invalid("The file name must have 1 to 255 characters.")
