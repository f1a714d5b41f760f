"""Masters from partners: resumable uploads, checked on arrival, never lost."""

import enum
from collections.abc import AsyncIterator, Sequence
from typing import Literal, Protocol

import msgspec

from vitascope.kernel.errors import (
    Conflict,
    Forbidden,
    Gone,
    NotFound,
    PreconditionFailed,
    TooLarge,
    Unavailable,
    VitascopeError,
)
from vitascope.kernel.events import Event
from vitascope.kernel.ids import AccountId, ContentId, MasterId, TitleId, UploadId
from vitascope.kernel.media import Language, SoundRole


class NoSuchUpload(NotFound):
    code = "no-such-upload"


class UploadExpired(Gone):
    code = "upload-expired"


class OffsetConflict(Conflict):
    """`extra["offset"]` is where the upload stands."""

    code = "offset-conflict"


class ChecksumMismatch(VitascopeError):
    status = 460  # as tus 1.0 has it
    code = "checksum-mismatch"


class QuotaExceeded(TooLarge):
    code = "quota-exceeded"


class UploadTooLarge(TooLarge):
    code = "upload-too-large"


class NotYourUpload(Forbidden):
    code = "not-your-upload"


class NoSuchSubtitles(NotFound):
    code = "no-such-subtitles"


class NotYourTitle(Forbidden):
    """A partner sends masters for its own titles only, each for the film or one of its episodes."""

    code = "not-your-title"


class UploadBusy(VitascopeError):
    """Another request is sending to this upload; come back after `extra["retry_after_s"]`."""

    status = 423
    code = "upload-busy"


class PieceMissing(Conflict):
    """A file is joined from pieces that have arrived whole, each used once."""

    code = "piece-missing"


class JoinedByService(Forbidden):
    """The bytes of a joined upload come from its pieces, never from a request."""

    code = "joined-by-service"


class NoLiveVersion(Conflict):
    """A sound track by itself goes to what is published already."""

    code = "no-live-version"


class SoundAlreadyThere(Conflict):
    """There is sound in this language and role, and the delivery does not say that it replaces
    it."""

    code = "sound-already-there"


class AlreadyLive(Conflict):
    """The film or episode is live, and the delivery does not say that it replaces it."""

    code = "already-live"


class DiskFull(Unavailable):
    code = "disk-full"


class UnsupportedTusVersion(PreconditionFailed):
    code = "unsupported-tus-version"


CHECKSUMS = ("sha1", "sha256", "md5")


UploadPriority = Literal["new-release", "normal", "back-catalog"]


class UploadState(enum.StrEnum):
    UPLOADING = "uploading"
    RECEIVED = "received"  # whole and hashed; announced, unless it is a piece
    JOINED = "joined"  # a piece that is part of another upload now
    EXPIRED = "expired"
    TERMINATED = "terminated"


class SoundDraft(msgspec.Struct, frozen=True, kw_only=True):
    """Which sound track of a published film a delivery is. It takes the place of the one in the
    same language and role only where `replaces` says so."""

    language: Language
    role: SoundRole = "main"
    label: str = ""  # what viewers read beside the language
    replaces: bool = False


MOST_PIECES = 64


class UploadDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be uploaded. tus calls a piece a partial upload, and what is joined from pieces a
    final one."""

    file_name: str
    size: int
    title_id: TitleId
    content_id: ContentId  # the film or episode this master is of
    priority: UploadPriority = "normal"
    sound: SoundDraft | None = None  # not a master, but a sound track for what is published
    piece: bool = False  # of a file that is sent in pieces at once; its title is not known yet
    joined_from: tuple[UploadId, ...] = ()  # its pieces, in order; the service knows its size
    replaces: bool = False  # a master that takes the place of what is live
    publish_at_ms: int | None = 0
    """When the film is published: at a date; 0 is as soon as it is ready, None is when its partner
    says."""
    by_operator: bool = False  # opened also where no sandbox works


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    id: UploadId
    partner_id: AccountId
    draft: UploadDraft
    offset: int
    state: UploadState
    created_at_ms: int
    expires_at_ms: int
    sha256: str | None = None
    master_id: MasterId | None = None


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """`trouble` is why files of partners are not taken at the moment."""

    limit_bytes: int
    used_bytes: int  # masters held, and the declared sizes of uploads under way
    trouble: Literal["no-sandbox"] | None = None


SubtitleKind = Literal["full", "sdh", "forced"]
"""Of subtitles: all that is said; with sounds, for who can't hear; only what is not in the film's
language, shown by themselves."""

MOST_MOVED_MS = 3_600_000


class SubtitleDraft(msgspec.Struct, frozen=True, kw_only=True):
    title_id: TitleId
    content_id: ContentId  # the film or episode they are of
    language: Language
    file_name: str
    kind: SubtitleKind = "full"
    moved_ms: int = 0  # by which all times are later
    by_operator: bool = False  # opened also where no sandbox works


class Subtitles(msgspec.Struct, frozen=True, kw_only=True):
    """A subtitle file of a film or episode, given apart from its master. What is live is published
    again with it, and every later version has it."""

    content_id: ContentId
    language: Language
    file_name: str
    blob_key: str
    kind: SubtitleKind = "full"
    moved_ms: int = 0


class MasterReceived(Event, frozen=True, tag="MasterReceived"):
    """`subtitles` are what the partner had handed in for this content by then."""

    master_id: MasterId
    partner_id: AccountId
    title_id: TitleId
    content_id: ContentId
    file_name: str
    size: int
    sha256: str
    blob_key: str
    priority: UploadPriority = "normal"
    subtitles: tuple[Subtitles, ...] = ()
    replaces: bool = False
    publish_at_ms: int | None = 0
    by_operator: bool = False

    @property
    def key(self) -> str:
        return self.content_id


class SoundReceived(Event, frozen=True, tag="SoundReceived"):
    """A sound track for what is published arrived whole."""

    master_id: MasterId
    partner_id: AccountId
    title_id: TitleId
    content_id: ContentId
    file_name: str
    size: int
    sha256: str
    blob_key: str
    sound: SoundDraft
    by_operator: bool = False

    @property
    def key(self) -> str:
        return self.content_id


class SubtitlesChanged(Event, frozen=True, tag="SubtitlesChanged"):
    """Those in `language` were handed in or taken away; `subtitles` are all that there are now."""

    partner_id: AccountId
    title_id: TitleId
    content_id: ContentId
    language: Language
    subtitles: tuple[Subtitles, ...]
    kind: SubtitleKind = "full"
    by_operator: bool = False

    @property
    def key(self) -> str:
        return self.content_id


class Ingest(Protocol):
    async def create(self, partner_id: AccountId, draft: UploadDraft) -> Upload:
        """Begin an upload. One that is joined from pieces needs no more than that: the service
        puts them together, and it is `RECEIVED` some time after. Raises `QuotaExceeded`,
        `UploadTooLarge`, `NotYourTitle`, `DiskFull`, `Invalid`; for a master `AlreadyLive`; for a
        sound track `NoLiveVersion`, `SoundAlreadyThere`; for what is joined `PieceMissing`,
        `NoSuchUpload`, `NotYourUpload`."""
        ...

    async def upload(self, partner_id: AccountId, upload_id: UploadId) -> Upload:
        """Returns the upload. Raises `NoSuchUpload`, `NotYourUpload`, `UploadExpired`."""
        ...

    async def append(
        self,
        partner_id: AccountId,
        upload_id: UploadId,
        offset: int,
        chunks: AsyncIterator[bytes],
        *,
        checksum: tuple[str, bytes] | None = None,
    ) -> Upload:
        """Write from `offset` on; what is acknowledged is on disk. When `chunks` raises, what
        arrived is kept (without a checksum) or dropped (with one). Completion announces
        `MasterReceived`, or `SoundReceived`. `checksum` is an algorithm of `CHECKSUMS` and the
        digest of `chunks`.
        Raises `OffsetConflict`, `ChecksumMismatch`, `UploadBusy`, `UploadTooLarge`,
        `JoinedByService`; and as `upload`."""
        ...

    async def terminate(self, partner_id: AccountId, upload_id: UploadId) -> None: ...

    async def uploads(
        self, partner_id: AccountId, state: UploadState | None = None
    ) -> Sequence[Upload]:
        """Returns uploads, newest first: all but the terminated ones, or those in `state`. Pieces
        are not among them."""
        ...

    async def put_subtitles(
        self, partner_id: AccountId, draft: SubtitleDraft, content: bytes
    ) -> Sequence[Subtitles]:
        """Keep subtitles for a film or episode, in the place of what it had of this language and
        kind. Returns all that it has now. Announces `SubtitlesChanged`. Raises `NotYourTitle`,
        `Invalid`."""
        ...

    async def drop_subtitles(
        self,
        partner_id: AccountId,
        title_id: TitleId,
        content_id: ContentId,
        language: Language,
        kind: SubtitleKind = "full",
    ) -> Sequence[Subtitles]:
        """Remove subtitles of a language and kind from later versions. Harmless when there are
        none. Announces `SubtitlesChanged`. Raises `NotYourTitle`."""
        ...

    async def move_subtitles(
        self, partner_id: AccountId, draft: SubtitleDraft
    ) -> Sequence[Subtitles]:
        """Show those of the draft's language and kind `moved_ms` later than their file says; less
        than 0 for earlier. Announces `SubtitlesChanged`. Raises `NotYourTitle`, `NoSuchSubtitles`,
        `Invalid`."""
        ...

    async def subtitles(
        self, partner_id: AccountId, title_id: TitleId, content_id: ContentId
    ) -> Sequence[Subtitles]:
        """Returns subtitles by language. Raises `NotYourTitle`."""
        ...

    async def quota(self, partner_id: AccountId) -> Quota: ...

    async def expire(self) -> int:
        """Remove expired uploads. Returns how many."""
        ...
