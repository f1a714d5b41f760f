"""The studio's pages about jobs, and their live updates. (I2)"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import pytest
from litestar import Litestar, Request, Response
from litestar.types import ASGIApp, Receive, Scope, Send

from tests.asgi import asgi
from tests.clocks import until_asleep
from tests.notices import HeardNotices, LostNotices
from tests.publishing.test_pipeline import JOB, PARTNER, master
from tests.publishing.worker import FlipLog, durable_of, ledger_of, notices_of, open_rows, work_url
from vitascope.catalog import Asset
from vitascope.engines.bus.outbox import RowsOutbox
from vitascope.engines.notices import TopicListener
from vitascope.engines.rows import Rows
from vitascope.engines.work import WorkState
from vitascope.engines.work.dbos import DbosWork
from vitascope.kernel.clock import HeldClock, SystemClock
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.ids import AccountId, AssetId, ContentId, DeviceId, JobId, TitleId
from vitascope.kernel.media import AudioTrack, Codec, Language
from vitascope.kernel.viewer import Principal, Role
from vitascope.publishing import Job, JobChanged, JobState
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.ledger import CHANGED
from vitascope.publishing.routes import _following, routes
from vitascope.publishing.settings import PublishingSettings

UNHEARD = TopicListener(LostNotices(), CHANGED, SystemClock())


def signed_in(app: ASGIApp) -> ASGIApp:
    async def enter(scope: Scope, receive: Receive, send: Send) -> None:
        names = dict(cast(Any, scope).get("headers", []))
        role = Role(names.get(b"x-role", b"partner").decode())
        principal = Principal(account_id=PARTNER, device_id=DeviceId("dev_x"), role=role)
        cast(Any, scope).setdefault("state", {})["principal"] = principal
        await app(scope, receive, send)

    return enter


def refused(_: Request[Any, Any, Any], error: VitascopeError) -> Response[Any]:
    return Response({"code": error.code, "detail": error.detail}, status_code=error.status)


@pytest.fixture
async def rows(data: Path) -> AsyncIterator[Rows]:
    rows = await open_rows(data)
    yield rows
    await rows.close()


@pytest.fixture
async def publishing(rows: Rows, data: Path) -> AsyncIterator[DurablePublishing]:
    work = DbosWork(work_url(data), notices=notices_of(data))
    yield durable_of(rows, work, data)
    await work.close()


@pytest.fixture
async def client(publishing: DurablePublishing) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(
        [routes(publishing, PublishingSettings(events_last_s=0.0), SystemClock(), UNHEARD)],
        middleware=[signed_in],
        exception_handlers={VitascopeError: refused},
        openapi_config=None,
    )
    transport = asgi(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def test_jobs_are_listed_shown_cancelled_and_retried(
    client: httpx.AsyncClient, publishing: DurablePublishing
) -> None:
    await publishing.receive(master())
    (listed,) = (await client.get("/api/studio/jobs")).json()["jobs"]
    assert listed["state"] == "queued"
    place = f"/api/studio/jobs/{JOB}"
    assert (await client.get(place)).json() == listed
    assert (await client.get(f"{place}/report")).json()["findings"] == []
    cancelled = await client.post(f"{place}/cancel", json={"reason": "wrong reel"})
    assert cancelled.status_code == 200
    assert (cancelled.json()["state"], cancelled.json()["reason"]) == ("cancelled", "wrong reel")
    again = await client.post(f"{place}/cancel", json={"reason": "still wrong"})
    assert (again.status_code, again.json()["code"]) == (409, "job-not-running")
    retried = await client.post(f"{place}/retry", json={"reason": "right after all"})
    assert (retried.json()["state"], retried.json()["attempt"]) == ("queued", 2)
    empty = await client.post(f"{place}/cancel", json={"reason": ""})
    assert empty.status_code == 400
    assert (await client.get("/api/studio/jobs/job_none")).status_code == 404


async def test_jobs_come_in_pages_by_state_and_text(
    client: httpx.AsyncClient, publishing: DurablePublishing
) -> None:
    for n in range(5):
        await publishing.receive(master(f"n{n}", file_name=f"Reel_{n}.mov"))
    await publishing.cancel(PARTNER, JobId("job_n3"), "wrong reel")

    async def found(**asked: Any) -> list[str]:
        names: list[str] = []
        while True:
            answer = await client.get("/api/studio/jobs", params={"limit": 2, **asked})
            page = answer.raise_for_status().json()
            assert len(page["jobs"]) <= 2
            names += [job["file_name"] for job in page["jobs"]]
            if not page["next_page_token"]:
                return names
            asked["page_token"] = page["next_page_token"]

    assert await found() == [f"Reel_{n}.mov" for n in (4, 3, 2, 1, 0)]
    assert await found(filter="under-way") == [f"Reel_{n}.mov" for n in (4, 2, 1, 0)]
    assert await found(filter="ended", content_id="ttl_x") == ["Reel_3.mov"]
    assert await found(text="reel_1") == ["Reel_1.mov"]
    assert await found(text="%") == []
    assert len(await found(text="a film")) == 5, "by the name of the title"
    for wrong in ({"limit": 101}, {"limit": 0}, {"page_token": "x"}, {"text": "x" * 301}):
        assert (await client.get("/api/studio/jobs", params=wrong)).status_code == 400


async def test_a_job_tells_how_far_its_steps_are(
    client: httpx.AsyncClient, publishing: DurablePublishing, rows: Rows
) -> None:
    ledger = ledger_of(rows)
    await publishing.receive(master())
    await ledger.expect(JOB, "encode", 3)
    for part in ("0", "1", "0"):  # after a kill a part may be told once more
        await ledger.part_done(JOB, "encode", part)
    await ledger.begin(JOB, "verify", state=JobState.VERIFYING, total=100, unit="%")
    teller = ledger.teller(JOB, "verify", 0.0)
    for fraction in (0.4, 0.3):
        teller(fraction)
    assert teller._writing is not None
    await teller._writing
    told = (await client.get(f"/api/studio/jobs/{JOB}")).json()
    assert told["state"] == "verifying"
    assert {
        step["name"]: (step["done"], step["total"], step["unit"]) for step in told["steps"]
    } == {
        "encode": (2, 3, "chunks"),
        "verify": (40, 100, "%"),
    }


async def test_viewers_have_no_studio(client: httpx.AsyncClient) -> None:
    for path in ("jobs", "jobs/job_x", "jobs/job_x/report", "events"):
        answer = await client.get(f"/api/studio/{path}", headers={"X-Role": "viewer"})
        assert answer.status_code == 403


async def test_a_job_whose_work_ended_without_a_word_has_failed(
    publishing: DurablePublishing, rows: Rows
) -> None:
    await publishing.receive(master())
    await ledger_of(rows).begin(JOB, "inspect", state=JobState.INSPECTING)
    assert await publishing.reconcile() == 0
    await publishing._work.cancel(JOB)
    assert await publishing.reconcile() == 1
    job = await publishing.job(PARTNER, JOB)
    assert job.state is JobState.FAILED
    assert job.reason.endswith(".")


async def test_a_job_reopened_by_who_died_before_queueing_it_is_queued(
    publishing: DurablePublishing, rows: Rows
) -> None:
    await publishing.receive(master())
    await publishing.cancel(PARTNER, JOB, "wrong reel")
    assert await ledger_of(rows).reopen(JOB, "right after all")
    assert await publishing.reconcile() == 0
    status = await publishing._work.status(JOB)
    assert status is not None
    assert status.state is WorkState.QUEUED


async def test_changes_of_state_are_announced(rows: Rows, publishing: DurablePublishing) -> None:
    await publishing.receive(master())
    await publishing.cancel(PARTNER, JOB, "wrong reel")
    outbox = RowsOutbox(rows=rows, clock=SystemClock(), announced=lambda: None)
    told = [msgspec.json.decode(e.body, type=JobChanged) for _, e in await outbox.waiting(10)]
    assert [event.state for event in told] == [JobState.QUEUED, JobState.CANCELLED]


def events_in(text: str) -> list[tuple[int, Job]]:
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if fields.get("event") == "job":
            found.append((int(fields["id"]), msgspec.json.decode(fields["data"], type=Job)))
    return found


async def test_events_tell_what_changed_since(
    client: httpx.AsyncClient, publishing: DurablePublishing
) -> None:
    await publishing.receive(master())
    (first,) = await publishing.changed(PARTNER, 0)
    await publishing.cancel(PARTNER, JOB, "wrong reel")
    answer = await client.get("/api/studio/events?since=0")
    assert answer.headers["content-type"].startswith("text/event-stream")
    ((last, told),) = events_in(answer.text)
    assert (told.state, told.change) == (JobState.CANCELLED, last)
    assert events_in((await client.get(f"/api/studio/events?since={last}")).text) == []
    before = {"Last-Event-ID": str(first.change)}
    back = await client.get("/api/studio/events", headers=before)
    assert [change for change, _ in events_in(back.text)] == [last]


async def test_events_tell_what_changes_while_one_follows(publishing: DurablePublishing) -> None:
    await publishing.receive(master())
    stream = _following(
        publishing, PARTNER, 0, PublishingSettings(events_poll_s=0.02), SystemClock(), UNHEARD
    )
    assert await anext(stream) == b"retry: 1000\n\n"
    told = [job async for job in _jobs_until(stream, JobState.QUEUED)]
    await publishing.cancel(PARTNER, JOB, "wrong reel")
    told += [job async for job in _jobs_until(stream, JobState.CANCELLED)]
    assert [job.state for job in told] == [JobState.QUEUED, JobState.CANCELLED]
    await stream.aclose()


async def test_events_are_looked_for_when_a_notice_comes(publishing: DurablePublishing) -> None:
    clock, notices, settings = HeldClock(), HeardNotices(), PublishingSettings()
    changed = TopicListener(notices, CHANGED, clock)
    stream = _following(publishing, PARTNER, 0, settings, clock, changed)
    assert await anext(stream) == b"retry: 1000\n\n"
    told = asyncio.ensure_future(anext(stream))
    await until_asleep(clock, 1)
    clock.advance(settings.events_poll_s)
    await until_asleep(clock, 1)  # the clock stands from now on: a notice wakes it, or nothing
    await publishing.receive(master())
    notices.tell(CHANGED)
    assert b"event: job" in await told
    await stream.aclose()


async def _jobs_until(stream: AsyncGenerator[bytes, None], state: JobState) -> AsyncIterator[Job]:
    async for block in stream:
        for _, job in events_in(block.decode()):
            yield job
            if job.state is state:
                return


async def test_a_stream_stops_asking_when_its_reader_leaves(publishing: DurablePublishing) -> None:
    stream = _following(
        publishing,
        AccountId("acc_x"),
        0,
        PublishingSettings(events_poll_s=0.02),
        SystemClock(),
        UNHEARD,
    )
    assert await anext(stream) == b"retry: 1000\n\n"
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_what_is_live_is_told_to_its_owner_alone(
    client: httpx.AsyncClient, data: Path
) -> None:
    place = "/api/studio/titles/ttl_x/contents/ttl_x"
    assert (await client.get(f"{place}/live")).json()["code"] == "no-such-title"
    book = FlipLog(data)
    book.own(PARTNER)
    none = await client.get(f"{place}/live")
    assert (none.status_code, none.json()["code"]) == (409, "nothing-published")
    await book.publish(TitleId("ttl_x"), LIVE)
    told = (await client.get(f"{place}/live")).json()
    assert (told["version"], told["scheme"], told["partial"]) == ("v1", "cbcs", False)
    assert [track["label"] for track in told["audio"]] == ["The director"]
    # a version of somebody else's film is not reached by way of one's own title
    other = "/api/studio/titles/ttl_x/contents/ttl_other"
    assert (await client.get(f"{other}/live")).json()["code"] == "nothing-published"
    change = {"new_keys": True, "without_audio": [], "scheme": None}
    refused = await client.post(f"{other}/republish", json=change)
    assert refused.json()["code"] == "nothing-published"


LIVE = Asset(
    id=AssetId("ast_1"),
    content_id=ContentId("ttl_x"),
    version="v1",
    duration_ms=6000,
    ladder=(),
    audio=(
        AudioTrack(
            name="a-en-co-2",
            language=Language("en"),
            channels=2,
            codec=Codec.AAC,
            bitrate_kbps=128,
            commentary=True,
            label="The director",
        ),
    ),
    text=(),
    key_ids={},
    scheme="cbcs",
    prefix="assets/ast_1/v1",
    files={},
    sizes={},
)


async def test_a_film_is_estimated_before_anybody_sends_it(
    client: httpx.AsyncClient, publishing: DurablePublishing
) -> None:
    film = {"duration_ms": 60_000, "width": 1920, "height": 1080, "frame_rate": 24.0}
    alone = (await client.post("/api/studio/estimate", json=film)).json()
    assert alone["cpu_s"] > 60 and alone["size"] > 1_000_000 and not alone["learned"]
    assert 0 < alone["playable_in_ms"] < alone["live_in_ms"] and alone["jobs_ahead"] == 0
    await publishing.receive(master())
    behind = (await client.post("/api/studio/estimate", json=film)).json()
    assert behind["jobs_ahead"] == 1 and behind["live_in_ms"] == 2 * alone["live_in_ms"]
    urgent = {**film, "priority": "new-release"}
    first = (await client.post("/api/studio/estimate", json=urgent)).json()
    assert first["jobs_ahead"] == 0
    viewer = {"x-role": "viewer"}
    refusal = await client.post("/api/studio/estimate", json=film, headers=viewer)
    assert refusal.status_code == 403


@pytest.mark.parametrize(
    "odd", [{"duration_ms": 0}, {"width": -1}, {"height": 100_000}, {"frame_rate": 0}]
)
async def test_a_film_that_cannot_be_is_not_estimated(
    client: httpx.AsyncClient, odd: dict[str, int]
) -> None:
    film = {"duration_ms": 60_000, "width": 1920, "height": 1080, "frame_rate": 24.0, **odd}
    assert (await client.post("/api/studio/estimate", json=film)).status_code == 400
