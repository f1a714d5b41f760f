"""Jobs for the studio, and their live updates."""

from collections.abc import AsyncGenerator, Sequence

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from vitascope.engines.http import AnyRequest, RoleNeeded, refusals, require
from vitascope.ingest import NotYourTitle
from vitascope.kernel.clock import Clock
from vitascope.kernel.errors import Conflict
from vitascope.kernel.ids import AccountId, ContentId, JobId, TitleId
from vitascope.kernel.media import Scheme
from vitascope.kernel.viewer import Role
from vitascope.publishing.contract import (
    Change,
    Job,
    JobNotRunning,
    JobReport,
    LiveVersion,
    NoSuchJob,
    NothingPublished,
    NothingToChange,
    Publishing,
)
from vitascope.publishing.settings import PublishingSettings

_BEAT_S = 15.0  # proxies close what is silent for longer


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why; kept with the job."""

    reason: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different about the live version. Subtitles are given at an address of their
    own and sound tracks are uploaded; both change it at once, and so do pictures."""

    without_audio: tuple[str, ...] = ()  # names of tracks: "a-en-51"
    scheme: Scheme | None = None
    new_keys: bool = False


def routes(publishing: Publishing, settings: PublishingSettings, clock: Clock) -> Router:
    """Returns everything for partners, and for operators who act as one."""
    known = refusals(RoleNeeded, NoSuchJob)

    @get("/jobs", responses=refusals(RoleNeeded))
    async def jobs(request: AnyRequest) -> Sequence[Job]:
        """The partner's jobs, newest first."""
        return await publishing.jobs(_partner(request))

    @get("/jobs/{job_id:str}", responses=known)
    async def job(request: AnyRequest, job_id: FromPath[JobId]) -> Job:
        return await publishing.job(_partner(request), job_id)

    @get("/jobs/{job_id:str}/report", responses=known)
    async def report(request: AnyRequest, job_id: FromPath[JobId]) -> JobReport:
        """What was seen, tried, chosen and measured."""
        return await publishing.report(_partner(request), job_id)

    @post(
        "/jobs/{job_id:str}/cancel",
        status_code=200,
        responses=refusals(RoleNeeded, NoSuchJob, JobNotRunning),
    )
    async def cancel(request: AnyRequest, job_id: FromPath[JobId], data: JSONBody[Reason]) -> Job:
        """Stop a job; what is encoded stays for a retry."""
        return await publishing.cancel(_partner(request), job_id, data.reason)

    @post(
        "/jobs/{job_id:str}/retry",
        status_code=200,
        responses=refusals(RoleNeeded, NoSuchJob, Conflict),
    )
    async def retry(request: AnyRequest, job_id: FromPath[JobId], data: JSONBody[Reason]) -> Job:
        """Run a failed or cancelled job again; what is finished is not repeated."""
        return await publishing.retry(_partner(request), job_id, data.reason)

    @get(
        "/titles/{title_id:str}/contents/{content_id:str}/live",
        operation_id="Live",
        summary="The sound tracks and the protection of the version that is live",
        responses=refusals(RoleNeeded, NotYourTitle, NothingPublished),
    )
    async def live(
        request: AnyRequest, title_id: FromPath[TitleId], content_id: FromPath[ContentId]
    ) -> LiveVersion:
        return await publishing.live(_partner(request), title_id, content_id)

    @post(
        "/titles/{title_id:str}/contents/{content_id:str}/republish",
        operation_id="Republish",
        summary="Publish the live version again with a change; no picture is encoded",
        status_code=202,
        responses=refusals(RoleNeeded, NotYourTitle, NothingPublished, NothingToChange),
    )
    async def republish(
        request: AnyRequest,
        title_id: FromPath[TitleId],
        content_id: FromPath[ContentId],
        data: JSONBody[Wanted],
    ) -> Job:
        change = Change(
            without_audio=data.without_audio, scheme=data.scheme, new_keys=data.new_keys
        )
        return await publishing.republish(_partner(request), title_id, content_id, change)

    @get("/events", media_type="text/event-stream", responses=refusals(RoleNeeded))
    async def events(request: AnyRequest, since: FromQuery[int] = 0) -> Stream:
        """Jobs as they change, as server-sent events; `since` is the last event's id."""
        partner_id = _partner(request)
        since = max(since, _last_event(request))
        return Stream(
            _following(publishing, partner_id, since, settings, clock),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return Router(
        path="/api/studio",
        route_handlers=[jobs, job, report, cancel, retry, live, republish, events],
        tags=["studio"],
    )


async def _following(
    publishing: Publishing,
    partner_id: AccountId,
    since: int,
    settings: PublishingSettings,
    clock: Clock,
) -> AsyncGenerator[bytes, None]:
    """Ends after a while, so that nobody follows for ever on a token of ten minutes."""
    quiet_since = clock.monotonic()
    end = quiet_since + settings.events_last_s
    yield b"retry: 1000\n\n"
    while True:
        for job in await publishing.changed(partner_id, since):
            since = job.change
            body = msgspec.json.encode(job)
            quiet_since = clock.monotonic()
            yield b"event: job\ndata: %b\nid: %d\n\n" % (body, since)
        if clock.monotonic() - quiet_since > _BEAT_S:
            quiet_since = clock.monotonic()
            yield b": still here\n\n"
        if clock.monotonic() >= end:
            return
        await clock.sleep(settings.events_poll_s)


def _partner(request: AnyRequest) -> AccountId:
    return require(request, Role.PARTNER, Role.OPERATOR).account_id


def _last_event(request: AnyRequest) -> int:
    """Where a browser's own EventSource was when it lost the connection."""
    text = request.headers.get("last-event-id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
