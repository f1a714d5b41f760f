"""What ingest remembers: one row an upload, which is also the row of the master it became."""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    MetaData,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Row

from vitascope.ingest.contract import Subtitles, Upload, UploadDraft, UploadState
from vitascope.kernel.ids import AccountId, ContentId, MasterId, TitleId, UploadId
from vitascope.kernel.media import Language

metadata = MetaData()

uploads = Table(
    "uploads",
    metadata,
    Column("id", Text, primary_key=True),
    Column("partner_id", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("title_id", Text, nullable=False),
    Column("content_id", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at_ms", BigInteger, nullable=False),
    Column("expires_at_ms", BigInteger, nullable=False),
    Column("sha256", Text),
    Column("master_id", Text),
    Index("uploads_by_partner", "partner_id", "created_at_ms"),
    Index("uploads_by_state", "state", "expires_at_ms"),
)

subtitles = Table(
    "subtitles",
    metadata,
    Column("content_id", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("file_name", Text, nullable=False),
    Column("blob_key", Text, nullable=False),
)

_HELD = (UploadState.UPLOADING.value, UploadState.RECEIVED.value)


def add(connection: Connection, upload: Upload) -> None:
    draft = upload.draft
    connection.execute(
        insert(uploads).values(
            id=upload.id,
            partner_id=upload.partner_id,
            file_name=draft.file_name,
            size=draft.size,
            title_id=draft.title_id,
            content_id=draft.content_id,
            priority=draft.priority,
            offset=upload.offset,
            state=upload.state.value,
            created_at_ms=upload.created_at_ms,
            expires_at_ms=upload.expires_at_ms,
        )
    )


def find(connection: Connection, upload_id: UploadId) -> Upload | None:
    found = connection.execute(select(uploads).where(uploads.c.id == upload_id))
    row = found.one_or_none()
    return None if row is None else _upload(row)


def of_partner(
    connection: Connection, partner_id: AccountId, states: Collection[UploadState]
) -> list[Upload]:
    """Newest first."""
    found = connection.execute(
        select(uploads)
        .where(uploads.c.partner_id == partner_id)
        .where(uploads.c.state.in_([state.value for state in states]))
        .order_by(uploads.c.created_at_ms.desc(), uploads.c.id.desc())
    )
    return [_upload(row) for row in found]


def used_bytes(connection: Connection, partner_id: AccountId) -> int:
    """Masters held, and the declared sizes of uploads under way."""
    held = select(func.coalesce(func.sum(uploads.c.size), 0)).where(
        uploads.c.partner_id == partner_id, uploads.c.state.in_(_HELD)
    )
    return int(connection.scalar(held) or 0)


def move(connection: Connection, upload_id: UploadId, offset: int, expires_at_ms: int) -> None:
    """Offsets only ever grow."""
    connection.execute(
        update(uploads)
        .where(uploads.c.id == upload_id, uploads.c.offset <= offset)
        .where(uploads.c.state == UploadState.UPLOADING.value)
        .values(offset=offset, expires_at_ms=expires_at_ms)
    )


def end(
    connection: Connection,
    upload_id: UploadId,
    state: UploadState,
    *,
    sha256: str | None = None,
    master_id: MasterId | None = None,
) -> bool:
    """Whether it was still under way, and this call ended it."""
    ended = connection.execute(
        update(uploads)
        .where(uploads.c.id == upload_id, uploads.c.state == UploadState.UPLOADING.value)
        .values(state=state.value, sha256=sha256, master_id=master_id)
    )
    return ended.rowcount == 1


def expired(connection: Connection, now_ms: int) -> list[Upload]:
    found = connection.execute(
        select(uploads)
        .where(uploads.c.state == UploadState.UPLOADING.value)
        .where(uploads.c.expires_at_ms <= now_ms, uploads.c.offset < uploads.c.size)
    )
    return [_upload(row) for row in found]


def whole(connection: Connection) -> Sequence[Upload]:
    """Uploads whose last byte is here but which were not announced: the process died in between."""
    found = connection.execute(
        select(uploads)
        .where(uploads.c.state == UploadState.UPLOADING.value)
        .where(uploads.c.offset == uploads.c.size)
    )
    return [_upload(row) for row in found]


def put_subtitles(connection: Connection, given: Subtitles) -> None:
    drop_subtitles(connection, given.content_id, given.language)
    connection.execute(insert(subtitles).values(**msgspec.structs.asdict(given)))


def drop_subtitles(connection: Connection, content_id: ContentId, language: Language) -> None:
    connection.execute(
        delete(subtitles).where(
            subtitles.c.content_id == content_id, subtitles.c.language == language
        )
    )


def subtitles_of(connection: Connection, content_id: ContentId) -> tuple[Subtitles, ...]:
    """By language."""
    found = connection.execute(
        select(subtitles).where(subtitles.c.content_id == content_id).order_by(subtitles.c.language)
    )
    return tuple(
        Subtitles(
            content_id=ContentId(row.content_id),
            language=Language(row.language),
            file_name=row.file_name,
            blob_key=row.blob_key,
        )
        for row in found
    )


def _upload(row: Row[tuple[object, ...]]) -> Upload:
    kept = row._mapping
    draft = UploadDraft(
        file_name=kept["file_name"],
        size=kept["size"],
        title_id=TitleId(kept["title_id"]),
        content_id=ContentId(kept["content_id"]),
        priority=kept["priority"],
    )
    return Upload(
        id=UploadId(kept["id"]),
        partner_id=AccountId(kept["partner_id"]),
        draft=draft,
        offset=kept["offset"],
        state=UploadState(kept["state"]),
        created_at_ms=kept["created_at_ms"],
        expires_at_ms=kept["expires_at_ms"],
        sha256=kept["sha256"],
        master_id=kept["master_id"],
    )
