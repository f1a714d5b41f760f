"""From a master received to a title published: one durable job, observable step by step."""

import enum
from collections.abc import Sequence
from typing import Any, Literal, Protocol

import msgspec

from vitascope.encoding import Finding, HullPoint, Quality, Saving
from vitascope.ingest import SoundDraft, SubtitleKind, Subtitles, UploadPriority
from vitascope.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from vitascope.kernel.events import Event
from vitascope.kernel.ids import AccountId, ContentId, JobId, MasterId, TitleId
from vitascope.kernel.media import (
    AudioTrack,
    Format,
    FormatName,
    Language,
    Rung,
    Scheme,
    TextTrack,
)
from vitascope.publishing.estimates import Estimate, FilmTold
from vitascope.publishing.judgement import AppliedRules, Judgement, MasterRules, Review, Reviewer
from vitascope.publishing.quality_page import QualityPage


class NoSuchJob(NotFound):
    code = "no-such-job"


class NoSuchStill(NotFound):
    code = "no-such-still"


class JobNotRunning(Conflict):
    code = "job-not-running"


class NotInReview(Conflict):
    """Nobody is asked about this job, or somebody has decided already."""

    code = "not-in-review"


class ReviewedByOperators(Forbidden):
    """In this catalogue only operators decide about masters."""

    code = "reviewed-by-operators"


class BadRules(Invalid):
    code = "bad-rules"


class NotScheduled(Invalid):
    """Changes to what is live are published as soon as they are ready."""

    code = "not-scheduled"


class NothingPublished(Conflict):
    """Only what is live can be changed."""

    code = "nothing-published"


class NothingToChange(Invalid):
    code = "nothing-to-change"


class JobState(enum.StrEnum):
    QUEUED = "queued"
    INSPECTING = "inspecting"
    NEEDS_REVIEW = "needs-review"  # waits until somebody decides whether the master is fit
    REJECTED = "rejected"  # the master is not fit; `findings` or a review say why
    ANALYSING = "analysing"  # shots and trial encodes
    ENCODING = "encoding"
    PACKAGING = "packaging"
    VERIFYING = "verifying"
    NO_ROOM = "no-room"  # a disk of the service is full; it goes on by itself
    READY = "ready"  # verified, and waits to be published
    LIVE = "live"
    CANCELLED = "cancelled"
    FAILED = "failed"  # our fault; may be retried


JobKind = Literal["master", "change", "formats"]
"""What a job was started by: a master, a change to what is live, or formats to be added to that."""

StepState = Literal["waiting", "running", "done", "failed"]

StepUnit = Literal["", "%", "chunks", "trials"]
"""What a step counts."""

SandboxName = Literal["", "bubblewrap", "landlock", "limits"]
"""In what a worker opens files: `limits` is no sandbox, and an empty one no tools at all."""


class StepProgress(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a job: `encode v720`, with its chunks."""

    name: str
    state: StepState
    done: int = 0
    total: int = 0
    unit: StepUnit = ""
    started_at_ms: int | None = None
    ended_at_ms: int | None = None
    detail: str = ""
    cpu_s: float = 0.0  # processor time, of all workers


class JobReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the studio shows of a title: the hull, the rungs, what QC found, what was measured.
    `quality` is what each rung is worth, by its name."""

    findings: tuple[Finding, ...] = ()
    trials: tuple[HullPoint, ...] = ()
    rungs: tuple[Rung, ...] = ()
    quality: dict[str, Quality] = {}
    loudness_lufs: float | None = None
    master: dict[str, Any] = {}  # technical metadata as inspected
    checks: dict[str, Any] = {}  # verification: frames, hashes, A/V offset
    saving: Saving | None = None  # against a fixed ladder
    judgement: Judgement = ""  # of the master, by what was found in it
    review: Review | None = None  # what somebody decided about it
    size: int = 0  # bytes of what was published
    shared: str = ""  # the name of its quality page, for whom it was shared


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
    publish_at_ms: int | None = 0  # a date; 0 is as soon as it is ready, None is when it is said
    replaces: bool = False  # it takes the place of what is live
    kind: JobKind = "master"
    share_done: float = 0.0  # of the whole, 0 to 1; it never falls while a job goes on
    left_ms: int | None = None  # from `updated_at_ms`, as earlier jobs tell; None: nobody can say
    cpu_s: float = 0.0  # processor time so far, of all workers
    estimate: Estimate | None = None  # as it was told when the master had been inspected


class NewSound(msgspec.Struct, frozen=True, kw_only=True):
    """A sound track that was delivered by itself: what it is, and where its file lies."""

    draft: SoundDraft
    file_name: str
    blob_key: str


class TextSlot(msgspec.Struct, frozen=True, kw_only=True):
    """What there is one file of subtitles for."""

    language: Language
    kind: SubtitleKind


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different about a version that is live. What is not named stays as it is.
    `subtitles` take the place of those that it has of their languages and kinds;
    `without_subtitles` are of the kind "full". Pictures for tiles are not
    part of a version: the catalogue shows another one as soon as it has it."""

    subtitles: tuple[Subtitles, ...] = ()
    without_subtitles: tuple[Language, ...] = ()
    without_text: tuple[TextSlot, ...] = ()
    without_audio: tuple[str, ...] = ()  # names of tracks: "a-en-51"
    sound: NewSound | None = None
    scheme: Scheme | None = None
    new_keys: bool = False
    formats: tuple[FormatName, ...] = ()  # to be added; by themselves, as they take long


class FormatOffer(msgspec.Struct, frozen=True, kw_only=True):
    """A format that the live version has not: roughly what adding it would take."""

    codec: FormatName  # `hevc-hdr` and the like where the master is in HDR
    size: int  # bytes
    cpu_hours: float


class LiveVersion(msgspec.Struct, frozen=True, kw_only=True):
    """What can be changed about the version that viewers get now."""

    version: str
    audio: tuple[AudioTrack, ...]
    text: tuple[TextTrack, ...]
    scheme: Scheme
    partial: bool  # a first version: the others of its rungs are being encoded
    formats: tuple[Format, ...] = ()  # of its pictures
    offers: tuple[FormatOffer, ...] = ()  # those that may be added


class OfferedStill(msgspec.Struct, frozen=True, kw_only=True):
    """A still of a film, to be chosen for one of its title's pictures."""

    name: str
    at_ms: int  # from the film's beginning
    width: int
    height: int


class JobFilter(enum.StrEnum):
    """Which jobs somebody looks for."""

    ALL = "all"
    UNDER_WAY = "under-way"
    FAILED = "failed"  # and rejected: what somebody has to look at
    ENDED = "ended"
    READY = "ready"  # what waits to be published
    REVIEW = "needs-review"  # about what somebody has to decide


class JobsWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which jobs of a partner are asked for: those of which all of this is true."""

    filter: JobFilter = JobFilter.ALL
    text: str = ""
    """In the name of the file or, in some language, of the title."""

    content_id: ContentId | None = None
    title_id: TitleId | None = None


class JobPage(msgspec.Struct, frozen=True, kw_only=True):
    """Jobs, newest first."""

    jobs: tuple[Job, ...]
    next_page_token: str | None = None


class WorkerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A worker that is there, and what it is at."""

    name: str
    since_ms: int
    running: tuple[str, ...] = ()  # kinds of work: "publish", "chunk"
    sandbox: SandboxName = ""


class QueueStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What workers have to do. `waiting` and `running` count parts of jobs: chunks, trials; with
    `more` there are more of them than were counted."""

    jobs: dict[JobState, int]  # in each state that is not an end
    waiting: int
    running: int
    more: bool
    workers: tuple[WorkerStatus, ...]


class JobChanged(Event, frozen=True, tag="JobChanged"):
    job_id: JobId
    state: JobState

    @property
    def key(self) -> str:
        return self.job_id


class Publishing(Protocol):
    async def jobs(
        self,
        partner_id: AccountId,
        wanted: JobsWanted = JobsWanted(),  # noqa: B008 - it is frozen
        *,
        page_token: str | None = None,
        limit: int = 40,
    ) -> JobPage:
        """Returns a page of the partner's jobs. `limit` is at most 100. Raises `Invalid`,
        `BadPageToken`."""
        ...

    async def all_jobs(
        self,
        wanted: JobFilter = JobFilter.ALL,
        *,
        page_token: str | None = None,
        limit: int = 50,
    ) -> JobPage:
        """Returns a page of the jobs of all partners, for operators. `limit` is at most 100.
        Raises `Invalid`, `BadPageToken`."""
        ...

    async def queue(self) -> QueueStatus:
        """Returns what workers have to do, and which workers there are."""
        ...

    async def changed(self, partner_id: AccountId, since: int) -> Sequence[Job]:
        """Returns jobs whose `change` is above `since`, in that order; for live updates."""
        ...

    async def estimate(self, film: FilmTold) -> Estimate:
        """Returns what publishing a film would take that nobody has sent yet."""
        ...

    async def none_has_sandbox(self) -> Sequence[str]:
        """Returns the workers by name if there are some and none has a sandbox: then only
        operators' files are taken. Else nothing."""
        ...

    async def job(self, partner_id: AccountId | None, job_id: JobId) -> Job:
        """Returns the job of the partner, or any for None. Raises `NoSuchJob`."""
        ...

    async def report(self, partner_id: AccountId | None, job_id: JobId) -> JobReport:
        """Returns what was measured and found, of a job of the partner, or of any for None. Raises
        `NoSuchJob`."""
        ...

    async def share(self, partner_id: AccountId, job_id: JobId, *, on: bool) -> JobReport:
        """Show the quality page of a master's job to everybody who has its name, or end that: the
        next name is another one. Raises `NoSuchJob`, `NotShared` of a job that has none."""
        ...

    async def quality_page(self, name: str) -> QualityPage:
        """Returns what is shared under this name, of the version that is live. Raises
        `NotShared`."""
        ...

    async def finding_picture(
        self, partner_id: AccountId | None, job_id: JobId, name: str
    ) -> bytes:
        """Returns the picture of a finding of the report as WebP, at most 480 pixels wide. Raises
        `NoSuchJob`, `NoSuchStill`."""
        ...

    async def review(
        self,
        partner_id: AccountId | None,
        job_id: JobId,
        *,
        approved: bool,
        reason: str,
        reviewer: Reviewer,
    ) -> Job:
        """Decide about a master that needs review: its job goes on, or it is refused. Of a job of
        the partner, or of any for None. Raises `NoSuchJob`, `NotInReview`, `ReviewedByOperators`,
        `Invalid`."""
        ...

    async def rules(self, catalogue_id: AccountId) -> AppliedRules:
        """Returns what weighs how much among the findings in a catalogue's masters."""
        ...

    async def set_rules(self, catalogue_id: AccountId, own: MasterRules) -> AppliedRules:
        """Set the catalogue's own rules; masters that are judged from now on are judged by them.
        Raises `BadRules`."""
        ...

    async def live(
        self, partner_id: AccountId, title_id: TitleId, content_id: ContentId
    ) -> LiveVersion:
        """Returns the version that is live. Raises `NoSuchTitle`, `NothingPublished`."""
        ...

    async def stills(
        self, partner_id: AccountId, title_id: TitleId, content_id: ContentId
    ) -> Sequence[OfferedStill]:
        """Returns stills of a film or episode to choose from, the best first; none before the first
        master was looked at. Raises `NoSuchTitle`."""
        ...

    async def still(
        self,
        partner_id: AccountId,
        title_id: TitleId,
        content_id: ContentId,
        name: str,
        *,
        small: bool = False,
    ) -> bytes:
        """Returns one of them as WebP, at most 1920 pixels wide; 320 if `small`. Raises
        `NoSuchTitle`, `NoSuchStill`."""
        ...

    async def republish(
        self,
        partner_id: AccountId,
        title_id: TitleId,
        content_id: ContentId,
        change: Change,
        *,
        by_operator: bool = False,
    ) -> Job:
        """Publish the live version of a film or episode again with a change; no picture is encoded.
        Raises `NoSuchTitle`, `NothingPublished`, `NothingToChange`."""
        ...

    async def schedule(
        self, partner_id: AccountId, job_id: JobId, at_ms: int | None, *, replace: bool = False
    ) -> Job:
        """Publish what a job makes at `at_ms`; 0 is as soon as it is ready, None is when its
        partner says. What is live is replaced only with `replace`, unless the delivery said so.
        Raises `NoSuchJob`, `JobNotRunning`, `AlreadyLive`, `NotScheduled`."""
        ...

    async def cancel(self, partner_id: AccountId | None, job_id: JobId, reason: str) -> Job:
        """Cancel a running job of the partner, or of any for None. Raises `NoSuchJob`,
        `JobNotRunning`."""
        ...

    async def retry(self, partner_id: AccountId | None, job_id: JobId, reason: str) -> Job:
        """Run a failed or cancelled job of the partner, or of any for None, again; finished chunks
        are not encoded again. Raises `NoSuchJob`, `Conflict`."""
        ...
