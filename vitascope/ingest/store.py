"""What ingest remembers: one row an upload, which is also the row of the master it became."""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Row

from vitascope.engines.blobs import Multipart
from vitascope.ingest.contract import (
    SoundDraft,
    SubtitleKind,
    Subtitles,
    Upload,
    UploadDraft,
    UploadState,
)
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
    Column("sound", Text),  # a `SoundDraft` in JSON; none for a master
    Column("pieces", Text),  # "[]" for a piece; for what is joined from pieces their ids, in JSON
    Column("replaces", Boolean),
    Column("publish_at_ms", BigInteger),
    Column("by_operator", Boolean),
    Index("uploads_by_partner", "partner_id", "created_at_ms"),
    Index("uploads_by_state", "state", "expires_at_ms"),
)

subtitles = Table(
    "subtitles_of_kinds",
    metadata,
    Column("content_id", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("file_name", Text, nullable=False),
    Column("blob_key", Text, nullable=False),
    Column("moved_ms", Integer, nullable=False),
)

multiparts = Table(
    "multiparts",
    metadata,
    Column("upload_id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("begun_at_ms", BigInteger, nullable=False),
    Column("part_bytes", BigInteger, nullable=False),
    Column("sender", Text, nullable=False),  # empty while nobody sends
    Column("sender_until_ms", BigInteger, nullable=False),
)

parts = Table(
    "parts",
    metadata,
    Column("upload_id", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),
    Column("tag", Text, nullable=False),
)

MOST_LISTED = 1000
_HELD = (UploadState.UPLOADING.value, UploadState.RECEIVED.value)
_PIECE = "[]"
_WAITING = and_(uploads.c.state == UploadState.RECEIVED.value, uploads.c.pieces == _PIECE)
_UNDER_WAY = or_(uploads.c.state == UploadState.UPLOADING.value, _WAITING)


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
            sound=msgspec.json.encode(draft.sound).decode() if draft.sound else None,
            pieces=_pieces(draft),
            replaces=draft.replaces,
            publish_at_ms=draft.publish_at_ms,
            by_operator=draft.by_operator,
        )
    )


def find(connection: Connection, upload_id: UploadId) -> Upload | None:
    found = connection.execute(select(uploads).where(uploads.c.id == upload_id))
    row = found.one_or_none()
    return None if row is None else _upload(row)


def of_partner(
    connection: Connection, partner_id: AccountId, states: Collection[UploadState]
) -> list[Upload]:
    """Returns a partner's uploads that are no pieces, newest first."""
    found = connection.execute(
        select(uploads)
        .where(uploads.c.partner_id == partner_id)
        .where(or_(uploads.c.pieces.is_(None), uploads.c.pieces != _PIECE))
        .where(uploads.c.state.in_([state.value for state in states]))
        .order_by(uploads.c.created_at_ms.desc(), uploads.c.id.desc())
        .limit(MOST_LISTED)
    )
    return [_upload(row) for row in found]


def used_bytes(connection: Connection, partner_id: AccountId) -> int:
    """Returns the bytes of masters held, and of uploads under way as they were declared."""
    held = select(func.coalesce(func.sum(uploads.c.size), 0)).where(
        uploads.c.partner_id == partner_id, uploads.c.state.in_(_HELD)
    )
    return int(connection.scalar(held) or 0)


def count_under_way(connection: Connection, partner_id: AccountId) -> int:
    """Returns how many uploads of a partner are under way, pieces that wait among them."""
    counted = select(func.count()).where(uploads.c.partner_id == partner_id, _UNDER_WAY)
    return int(connection.scalar(counted) or 0)


def move(connection: Connection, upload_id: UploadId, offset: int, expires_at_ms: int) -> None:
    """Move an upload's offset and its expiry. Offsets only ever grow."""
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
    """End an upload, or a piece that is whole. Returns True if it was under way, or waiting to be
    joined, until this call."""
    ended = connection.execute(
        update(uploads)
        .where(uploads.c.id == upload_id, _UNDER_WAY)
        .values(state=state.value, sha256=sha256, master_id=master_id)
    )
    return ended.rowcount == 1


def expired(connection: Connection, now_ms: int) -> list[Upload]:
    """Returns uploads that nobody added to in time, and pieces that nobody joined."""
    late = uploads.c.expires_at_ms <= now_ms
    short = uploads.c.offset < uploads.c.size
    uploading = uploads.c.state == UploadState.UPLOADING.value
    found = connection.execute(select(uploads).where(late, or_(and_(uploading, short), _WAITING)))
    return [_upload(row) for row in found]


def whole(connection: Connection) -> Sequence[Upload]:
    """Returns uploads whose last byte is here but which were not announced: the process died in
    between."""
    found = connection.execute(
        select(uploads)
        .where(uploads.c.state == UploadState.UPLOADING.value)
        .where(uploads.c.offset == uploads.c.size)
    )
    return [_upload(row) for row in found]


def under_way(connection: Connection) -> set[UploadId]:
    found = select(uploads.c.id).where(uploads.c.state == UploadState.UPLOADING.value)
    return {UploadId(row.id) for row in connection.execute(found)}


def join(connection: Connection, piece_ids: Sequence[UploadId]) -> bool:
    """Take pieces out of what waits, for an upload that is joined from them. Returns False, having
    taken some, when one does not wait: the transaction is to be given up then."""
    taken = connection.execute(
        update(uploads)
        .where(uploads.c.id.in_(piece_ids), _WAITING)
        .values(state=UploadState.JOINED.value)
    )
    return taken.rowcount == len(piece_ids)


def being_joined(connection: Connection) -> list[Upload]:
    """Returns uploads that are joined from pieces and lack bytes of them."""
    found = connection.execute(
        select(uploads)
        .where(uploads.c.state == UploadState.UPLOADING.value)
        .where(uploads.c.pieces != _PIECE, uploads.c.offset < uploads.c.size)
    )
    return [_upload(row) for row in found]


def joined(connection: Connection) -> set[UploadId]:
    """Returns pieces that are part of another upload, whose bytes may be there still."""
    found = select(uploads.c.id).where(uploads.c.state == UploadState.JOINED.value)
    return {UploadId(row.id) for row in connection.execute(found)}


def drop(connection: Connection, upload_id: UploadId) -> None:
    connection.execute(delete(uploads).where(uploads.c.id == upload_id))


def put_subtitles(connection: Connection, given: Subtitles) -> None:
    drop_subtitles(connection, given.content_id, given.language, given.kind)
    connection.execute(insert(subtitles).values(**msgspec.structs.asdict(given)))


def drop_subtitles(
    connection: Connection, content_id: ContentId, language: Language, kind: SubtitleKind
) -> bool:
    """Returns False when there were none."""
    dropped = connection.execute(
        delete(subtitles).where(
            subtitles.c.content_id == content_id,
            subtitles.c.language == language,
            subtitles.c.kind == kind,
        )
    )
    return bool(dropped.rowcount)


def move_subtitles(
    connection: Connection,
    content_id: ContentId,
    language: Language,
    kind: SubtitleKind,
    moved_ms: int,
) -> bool:
    """Returns False when there are none."""
    moved = connection.execute(
        update(subtitles)
        .where(
            subtitles.c.content_id == content_id,
            subtitles.c.language == language,
            subtitles.c.kind == kind,
        )
        .values(moved_ms=moved_ms)
    )
    return bool(moved.rowcount)


def subtitles_of(connection: Connection, content_id: ContentId) -> tuple[Subtitles, ...]:
    """Returns a content's subtitles, by language."""
    found = connection.execute(
        select(subtitles)
        .where(subtitles.c.content_id == content_id)
        .order_by(subtitles.c.language, subtitles.c.kind)
    )
    return tuple(
        Subtitles(
            content_id=ContentId(row.content_id),
            language=Language(row.language),
            kind=row.kind,
            file_name=row.file_name,
            blob_key=row.blob_key,
            moved_ms=row.moved_ms,
        )
        for row in found
    )


class StoredMultipart(msgspec.Struct, frozen=True, kw_only=True):
    """A multipart upload of the store, and the size of all its parts but the last."""

    multipart: Multipart
    part_bytes: int


def add_multipart(connection: Connection, upload_id: UploadId, kept: StoredMultipart) -> None:
    connection.execute(
        insert(multiparts).values(
            upload_id=upload_id,
            **msgspec.structs.asdict(kept.multipart),
            part_bytes=kept.part_bytes,
            sender="",
            sender_until_ms=0,
        )
    )


def find_multipart(connection: Connection, upload_id: UploadId) -> StoredMultipart | None:
    row = connection.execute(
        select(multiparts).where(multiparts.c.upload_id == upload_id)
    ).one_or_none()
    if row is None:
        return None
    multipart = Multipart(key=row.key, id=row.id, begun_at_ms=row.begun_at_ms)
    return StoredMultipart(multipart=multipart, part_bytes=row.part_bytes)


def multipart_ids(connection: Connection) -> set[str]:
    """Returns the ids of all multipart uploads that an upload has."""
    return {row.id for row in connection.execute(select(multiparts.c.id))}


def ended_with_parts(connection: Connection) -> list[UploadId]:
    """Returns uploads that are under way no more, of which something is left."""
    found = (
        select(multiparts.c.upload_id)
        .join(uploads, uploads.c.id == multiparts.c.upload_id)
        .where(uploads.c.state != UploadState.UPLOADING.value)
    )
    return [UploadId(row.upload_id) for row in connection.execute(found)]


def drop_multipart(connection: Connection, upload_id: UploadId) -> None:
    connection.execute(delete(multiparts).where(multiparts.c.upload_id == upload_id))
    connection.execute(delete(parts).where(parts.c.upload_id == upload_id))


def claim(
    connection: Connection, upload_id: UploadId, sender: str, now_ms: int, until_ms: int
) -> int | None:
    """Make `sender` the one who may add to the upload, and return its offset; None while another
    is. The same call prolongs a claim."""
    free = or_(
        multiparts.c.sender == sender,
        multiparts.c.sender == "",
        multiparts.c.sender_until_ms <= now_ms,
    )
    claimed = connection.execute(
        update(multiparts)
        .where(multiparts.c.upload_id == upload_id, free)
        .values(sender=sender, sender_until_ms=until_ms)
    )
    if claimed.rowcount != 1:
        return None
    return int(connection.scalar(select(uploads.c.offset).where(uploads.c.id == upload_id)) or 0)


def release(connection: Connection, upload_id: UploadId, sender: str) -> None:
    connection.execute(
        update(multiparts)
        .where(multiparts.c.upload_id == upload_id, multiparts.c.sender == sender)
        .values(sender="", sender_until_ms=0)
    )


def is_sender(connection: Connection, upload_id: UploadId, sender: str) -> bool:
    found = select(multiparts.c.sender).where(multiparts.c.upload_id == upload_id)
    return connection.scalar(found) == sender


def put_tags(connection: Connection, upload_id: UploadId, tags: dict[int, str]) -> None:
    for number, tag in tags.items():
        where = (parts.c.upload_id == upload_id, parts.c.number == number)
        connection.execute(delete(parts).where(*where))
        connection.execute(insert(parts).values(upload_id=upload_id, number=number, tag=tag))


def tags(connection: Connection, upload_id: UploadId) -> list[str]:
    """Returns the tags of the parts 1, 2, ..."""
    found = select(parts.c.tag).where(parts.c.upload_id == upload_id).order_by(parts.c.number)
    return [str(row.tag) for row in connection.execute(found)]


def _pieces(draft: UploadDraft) -> str | None:
    if draft.piece or draft.joined_from:
        return msgspec.json.encode(draft.joined_from).decode()
    return None


def _upload(row: Row[tuple[object, ...]]) -> Upload:
    kept = row._mapping
    draft = UploadDraft(
        file_name=kept["file_name"],
        size=kept["size"],
        title_id=TitleId(kept["title_id"]),
        content_id=ContentId(kept["content_id"]),
        priority=kept["priority"],
        sound=msgspec.json.decode(kept["sound"], type=SoundDraft) if kept["sound"] else None,
        piece=kept["pieces"] == _PIECE,
        joined_from=msgspec.json.decode(kept["pieces"] or _PIECE, type=tuple[UploadId, ...]),
        replaces=bool(kept["replaces"]),
        publish_at_ms=kept["publish_at_ms"],
        by_operator=bool(kept["by_operator"]),
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
