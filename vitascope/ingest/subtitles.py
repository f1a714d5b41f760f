"""Subtitle files that partners give apart from a master: kept, and announced."""

import hashlib
import re
from collections.abc import Sequence

from vitascope.engines.blobs import Blobs
from vitascope.engines.bus import Outbox
from vitascope.engines.rows import Connection, Rows
from vitascope.ingest import store
from vitascope.ingest.admission import Admission, refuse_bad_name
from vitascope.ingest.contract import (
    MOST_MOVED_MS,
    NoSuchSubtitles,
    SubtitleDraft,
    Subtitles,
    SubtitlesChanged,
)
from vitascope.kernel.errors import Invalid
from vitascope.kernel.ids import AccountId, ContentId, TitleId

MOST_LANGUAGES = 100
LARGEST = 4 * 1024 * 1024  # bytes; a long film's subtitles are a fiftieth of it

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Enough to refuse a film or a letter that was sent in their place; a worker reads them later.
_KNOWN = re.compile(
    rb"\d\d:\d\d[.,]\d{3}\s*-->"  # SRT, WebVTT
    rb"|(?im:^\s*\[(?:script info|events)\])"  # ASS, SSA
    rb"|<(?:[A-Za-z_][\w.-]{0,40}:)?tt[\s>]"  # TTML
    rb"|(?i:\A\s*scenarist_scc)"
    rb"|\A.{3}STL\d\d\.\d\d",  # EBU STL
    re.DOTALL,
)


class RowsSubtitles:
    def __init__(self, *, rows: Rows, outbox: Outbox, blobs: Blobs, admission: Admission) -> None:
        self._rows = rows
        self._outbox = outbox
        self._blobs = blobs
        self._admission = admission

    async def put(
        self, partner_id: AccountId, draft: SubtitleDraft, content: bytes
    ) -> Sequence[Subtitles]:
        await self._admission.refuse_strangers(partner_id, draft.title_id, draft.content_id)
        _refuse_nonsense(draft, content)
        # named by its content: what a job under way was told of stays as it is
        key = f"subtitles/{draft.content_id}/{hashlib.sha256(content).hexdigest()[:40]}"
        await self._blobs.put(key, content, overwrite=True)
        given = Subtitles(
            content_id=draft.content_id,
            language=draft.language,
            file_name=draft.file_name,
            blob_key=key,
            kind=draft.kind,
            moved_ms=draft.moved_ms,
        )

        def work(connection: Connection) -> tuple[Subtitles, ...]:
            store.put_subtitles(connection, given)
            if len(store.subtitles_of(connection, draft.content_id)) > MOST_LANGUAGES:
                raise Invalid(f"A film can have at most {MOST_LANGUAGES} files of subtitles.")
            return self._announce(connection, partner_id, draft)

        return await self._rows.write(work)

    async def drop(self, partner_id: AccountId, gone: SubtitleDraft) -> Sequence[Subtitles]:
        await self._admission.refuse_strangers(partner_id, gone.title_id, gone.content_id)

        def work(connection: Connection) -> tuple[Subtitles, ...]:
            if not store.drop_subtitles(connection, gone.content_id, gone.language, gone.kind):
                return store.subtitles_of(connection, gone.content_id)
            return self._announce(connection, partner_id, gone)

        return await self._rows.write(work)

    async def move(self, partner_id: AccountId, draft: SubtitleDraft) -> Sequence[Subtitles]:
        await self._admission.refuse_strangers(partner_id, draft.title_id, draft.content_id)
        _refuse_far(draft)

        def work(connection: Connection) -> tuple[Subtitles, ...]:
            content_id, by_ms = draft.content_id, draft.moved_ms
            if not store.move_subtitles(connection, content_id, draft.language, draft.kind, by_ms):
                raise NoSuchSubtitles("There are no such subtitles beside this film's master.")
            return self._announce(connection, partner_id, draft)

        return await self._rows.write(work)

    async def of(
        self, partner_id: AccountId, title_id: TitleId, content_id: ContentId
    ) -> Sequence[Subtitles]:
        await self._admission.refuse_strangers(partner_id, title_id, content_id)
        return await self._of(content_id)

    def _announce(
        self, connection: Connection, partner_id: AccountId, draft: SubtitleDraft
    ) -> tuple[Subtitles, ...]:
        """Tell of all that there are now, in the same transaction; they are returned."""
        there = store.subtitles_of(connection, draft.content_id)
        changed = SubtitlesChanged(
            partner_id=partner_id,
            title_id=draft.title_id,
            content_id=draft.content_id,
            language=draft.language,
            kind=draft.kind,
            subtitles=there,
            by_operator=draft.by_operator,
        )
        self._outbox.put(connection, changed)
        return there

    async def _of(self, content_id: ContentId) -> Sequence[Subtitles]:
        return await self._rows.read(lambda c: store.subtitles_of(c, content_id))


def _refuse_far(draft: SubtitleDraft) -> None:
    if abs(draft.moved_ms) > MOST_MOVED_MS:
        raise Invalid("Subtitles can be moved by an hour at most.", field="moved_ms")


def _refuse_nonsense(draft: SubtitleDraft, content: bytes) -> None:
    if len(draft.language) > 64 or not _LANGUAGE.fullmatch(draft.language):
        raise Invalid(f"{draft.language!r} is not a language code. Use one like en, fr or pt-BR.")
    refuse_bad_name(draft.file_name)
    _refuse_far(draft)
    if len(content) > LARGEST:
        raise Invalid(f"Subtitles may have {LARGEST >> 20} MiB at most.")
    bare = content.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf")
    if not _KNOWN.search(bare):  # UTF-16 has a zero by each letter
        raise Invalid(
            "This file has no subtitles in SRT, WebVTT, ASS, TTML, SCC or EBU STL. "
            "Convert it to one of these formats."
        )
