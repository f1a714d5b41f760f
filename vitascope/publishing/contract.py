"""From a master received to a title published: one durable job, observable step by step."""

import enum
from collections.abc import Sequence
from typing import Any, Literal, Protocol

import msgspec

from vitascope.encoding import Finding, HullPoint
from vitascope.ingest import SoundDraft, Subtitles, UploadPriority
from vitascope.kernel.errors import Conflict, Invalid, NotFound
from vitascope.kernel.events import Event
from vitascope.kernel.ids import AccountId, ContentId, JobId, MasterId, TitleId
from vitascope.kernel.media import AudioTrack, Language, Rung, Scheme, TextTrack


class NoSuchJob(NotFound):
    code = "no-such-job"


class JobNotRunning(Conflict):
    code = "job-not-running"


class NothingPublished(Conflict):
    """Only what is live can be changed."""

    code = "nothing-published"


class NothingToChange(Invalid):
    code = "nothing-to-change"


class JobState(enum.StrEnum):
    QUEUED = "queued"
    INSPECTING = "inspecting"
    REJECTED = "rejected"  # the master is not fit; `findings` say why
    ANALYSING = "analysing"  # shots and trial encodes
    ENCODING = "encoding"
    PACKAGING = "packaging"
    VERIFYING = "verifying"
    LIVE = "live"
    CANCELLED = "cancelled"
    FAILED = "failed"  # our fault; may be retried


StepState = Literal["waiting", "running", "done", "failed"]


class StepProgress(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a job: `encode v720`, with its chunks."""

    name: str
    state: StepState
    done: int = 0
    total: int = 0
    unit: str = ""  # "chunks"
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    detail: str = ""


class JobReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the studio shows of a title: the hull, the rungs, what QC found, what was measured."""

    findings: tuple[Finding, ...] = ()
    trials: tuple[HullPoint, ...] = ()
    rungs: tuple[Rung, ...] = ()
    loudness_lufs: float | None = None
    master: dict[str, Any] = {}  # technical metadata as inspected
    checks: dict[str, Any] = {}  # verification: frames, hashes, A/V offset


class Job(msgspec.Struct, frozen=True, kw_only=True):
    id: JobId
    master_id: MasterId
    partner_id: AccountId
    title_id: TitleId
    content_id: ContentId
    file_name: str
    priority: UploadPriority
    state: JobState
    steps: tuple[StepProgress, ...]
    created_at_ms: int
    updated_at_ms: int
    playable: bool = False  # a first version with some rungs is live already
    reason: str = ""  # of a failure, a cancellation or a retry
    attempt: int = 1
    change: int = 0  # counts up with every change; live updates follow it


class NewSound(msgspec.Struct, frozen=True, kw_only=True):
    """A sound track that was delivered by itself: what it is, and where its file lies."""

    draft: SoundDraft
    file_name: str
    blob_key: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different about a version that is live. What is not named stays as it is.
    `subtitles` take the place of those that it has in their languages. Pictures for tiles are not
    part of a version: the catalogue shows another one as soon as it has it."""

    subtitles: tuple[Subtitles, ...] = ()
    without_subtitles: tuple[Language, ...] = ()
    without_audio: tuple[str, ...] = ()  # names of tracks: "a-en-51"
    sound: NewSound | None = None
    scheme: Scheme | None = None
    new_keys: bool = False


class LiveVersion(msgspec.Struct, frozen=True, kw_only=True):
    """What can be changed about the version that viewers get now."""

    version: str
    audio: tuple[AudioTrack, ...]
    text: tuple[TextTrack, ...]
    scheme: Scheme
    partial: bool  # a first version: the others of its rungs are being encoded


class JobChanged(Event, frozen=True, tag="JobChanged"):
    job_id: JobId
    state: JobState

    @property
    def key(self) -> str:
        return self.job_id


class Publishing(Protocol):
    async def jobs(self, partner_id: AccountId, *, limit: int = 100) -> Sequence[Job]:
        """Returns the partner's jobs, newest first."""
        ...

    async def changed(self, partner_id: AccountId, since: int) -> Sequence[Job]:
        """Returns jobs whose `change` is above `since`, in that order; for live updates."""
        ...

    async def job(self, partner_id: AccountId, job_id: JobId) -> Job:
        """Returns the job. Raises `NoSuchJob`."""
        ...

    async def report(self, partner_id: AccountId, job_id: JobId) -> JobReport:
        """Returns what was measured and found. Raises `NoSuchJob`."""
        ...

    async def live(
        self, partner_id: AccountId, title_id: TitleId, content_id: ContentId
    ) -> LiveVersion:
        """Returns the version that is live. Raises `NotYourTitle`, `NothingPublished`."""
        ...

    async def republish(
        self, partner_id: AccountId, title_id: TitleId, content_id: ContentId, change: Change
    ) -> Job:
        """Publish the live version of a film or episode again with a change; no picture is encoded.
        Raises `NotYourTitle`, `NothingPublished`, `NothingToChange`."""
        ...

    async def cancel(self, partner_id: AccountId, job_id: JobId, reason: str) -> Job:
        """Cancel a running job. Raises `NoSuchJob`, `JobNotRunning`."""
        ...

    async def retry(self, partner_id: AccountId, job_id: JobId, reason: str) -> Job:
        """Run a failed or cancelled job again; finished chunks are not encoded again.
        Raises `NoSuchJob`, `Conflict`."""
        ...
