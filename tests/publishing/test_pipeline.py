"""A master's way to its viewers: the steps and what the studio sees of them. (I2, I13)"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from tests.forked import ALARM_S, Forked
from tests.publishing.fake_encoding import ODD_CUE
from tests.publishing.worker import (
    FlipLog,
    bury,
    durable_of,
    notices_of,
    open_rows,
    pretend_worker,
    work_url,
)
from vitascope.catalog import Artwork
from vitascope.encoding import Severity
from vitascope.engines.rows import Rows
from vitascope.engines.rows.migrate import drift
from vitascope.engines.work.dbos import DbosWork
from vitascope.ingest import MasterReceived, Subtitles, UploadPriority
from vitascope.kernel.errors import Conflict, Invalid
from vitascope.kernel.ids import AccountId, AssetId, ContentId, JobId, MasterId, TitleId
from vitascope.kernel.media import Language
from vitascope.publishing import Job, JobNotRunning, JobState, NoSuchJob
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.store import NewJob
from vitascope.publishing.store.tables import metadata
from vitascope.publishing.tasks import PUBLISH, JobOrder

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
PARTNER = AccountId("acc_partner")


def master(
    name: str = "one",
    file_name: str = "film.mov",
    priority: UploadPriority = "normal",
    subtitles: tuple[Subtitles, ...] = (),
    *,
    replaces: bool = True,
    publish_at_ms: int | None = 0,
    by_operator: bool = False,
) -> MasterReceived:
    return MasterReceived(
        master_id=MasterId(f"mas_{name}"),
        partner_id=PARTNER,
        title_id=TitleId("ttl_x"),
        content_id=ContentId("ttl_x"),
        file_name=file_name,
        size=1,
        sha256="00",
        blob_key=f"masters/mas_{name}/bytes",
        priority=priority,
        subtitles=subtitles,
        replaces=replaces,
        publish_at_ms=publish_at_ms,
        by_operator=by_operator,
    )


JOB = JobId("job_one")


class Workers:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.processes: list[Forked] = []

    def start(
        self, pause_s: float = 0.0, jobs_at_once: int = 2, sandbox: str = "bubblewrap"
    ) -> Forked:
        given = (self.data, pause_s, jobs_at_once, sandbox)
        process = Forked(pretend_worker, *given, log=self.data / "stderr")
        self.processes.append(process)
        return process

    def kill(self, process: Forked) -> None:
        """The others know at once that it is dead."""
        process.kill()
        process.wait()
        bury(self.data, process.pid)

    def log(self, beginning: str = "") -> list[str]:
        file = self.data / "log"
        lines = file.read_text().splitlines() if file.exists() else []
        return [line for line in lines if line.startswith(beginning)]

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture
def workers(data: Path) -> Iterator[Workers]:
    workers = Workers(data)
    yield workers
    workers.stop()


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


async def until_job(
    publishing: DurablePublishing, true: Callable[[Job], bool], job_id: JobId = JOB
) -> Job:
    deadline = time.monotonic() + ALARM_S
    while True:
        job = await publishing.job(PARTNER, job_id)
        if true(job):
            return job
        assert time.monotonic() < deadline, f"{job.state} {job.reason} {job.steps}"
        await asyncio.sleep(0.05)


def is_in(*states: JobState) -> Callable[[Job], bool]:
    return lambda job: job.state in states


DONE = (JobState.LIVE, JobState.CANCELLED)  # of two masters of a title the earlier may be too late


async def test_the_migrations_make_the_tables(rows: Rows) -> None:
    def compare(connection: Connection) -> list[object]:
        return drift(connection, metadata)

    assert await rows.read(compare) == []


async def test_a_master_becomes_a_first_version_and_then_the_whole(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await publishing.receive(master())
    await publishing.receive(master())
    assert [job.state for job in (await publishing.jobs(PARTNER)).jobs] == [JobState.QUEUED]
    workers.start()
    job = await until_job(publishing, is_in(JobState.LIVE))
    assert job.playable
    first, whole = FlipLog(data).flips()
    assert (first.partial, whole.partial) == (True, False)
    assert first.id == whole.id == "ast_one"
    assert [rung.name for rung in whole.ladder] == ["v240", "v360"]
    assert {step.state for step in job.steps} == {"done"}
    names = [step.name for step in job.steps]
    assert names[:3] == ["inspect", "quality", "audio"]
    assert names[-1] == "publish"
    report = await publishing.report(PARTNER, JOB)
    assert [rung.name for rung in report.rungs] == ["v240", "v360"]
    assert [point.height for point in report.trials if point.chosen] == [240]
    assert report.checks["sync a-en-2"]["passed"]
    assert report.master == {"format": "mov"}
    assert names.index("publish first version") < names.index("shots")
    chunks = {step.name: (step.done, step.total) for step in job.steps if step.unit == "chunks"}
    assert chunks == {"first": (1, 1), "encode": (3, 3), "encode again": (2, 2)}
    trials = {step.name: (step.done, step.total) for step in job.steps if step.unit == "trials"}
    assert trials == {"trials": (2, 2), "trials near the rungs": (1, 1)}
    report = await publishing.report(PARTNER, JOB)
    assert [rung.vmaf for rung in report.rungs] == [90.0, 90.0]
    assert report.trials[0].chosen
    assert report.master == {"format": "mov"}
    encoded = workers.log("end chunk")
    assert len(encoded) == len(set(encoded)) == 1 + 3 + 3 + 2
    again = {f"end chunk v360 {frames} 28.0" for frames in ("0-50", "100-150")}
    assert {line for line in encoded if line.endswith(" 28.0")} == again
    measured = workers.log("end measure")
    assert len(measured) == len(set(measured)) == len(encoded)
    assert workers.log("end measure roughly") == ["end measure roughly v240 0-150 30.0"]


async def test_trials_that_tell_enough_are_not_followed_by_others(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    (data / "settled").touch()
    await publishing.receive(master())
    workers.start()
    job = await until_job(publishing, is_in(JobState.LIVE))
    assert [step.name for step in job.steps if step.unit == "trials"] == ["trials"]
    assert "samples near the rungs" in [step.name for step in job.steps]
    assert len(workers.log("end trial")) == 2


async def test_a_title_gets_pictures_of_its_film_once_it_can_be_played(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """I11"""
    await publishing.receive(master())
    workers.start()
    job = await until_job(publishing, is_in(JobState.LIVE))
    names = [step.name for step in job.steps]
    assert names.index("publish first version") < names.index("artwork") < names.index("encode")
    book = FlipLog(data)
    artwork = book.title().artwork
    shown = [artwork.poster, artwork.landscape, artwork.billboard, artwork.preview]
    drawn = ("poster.webp", "landscape.webp", "billboard.webp", "preview.mp4")
    assert [book.pictures()[path] for path in shown] == [f"encodes/00/{n}".encode() for n in drawn]
    assert artwork.tint == "#402010"
    assert len(artwork.from_film) == 5
    assert (await publishing.report(PARTNER, JOB)).findings == ()


async def test_pictures_that_a_person_set_stay_and_only_the_others_are_made(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    book = FlipLog(data)
    book.hang(Artwork(poster="mine.webp", tint="#000033"))
    await publishing.receive(master())
    workers.start()
    await until_job(publishing, is_in(JobState.LIVE))
    assert (book.title().artwork.poster, book.title().artwork.tint) == ("mine.webp", "#000033")
    assert book.title().artwork.preview.endswith(".mp4")
    whole = Artwork(poster="p.webp", landscape="l.webp", billboard="b.webp", preview="v.mp4")
    book.hang(whole)
    await publishing.receive(master("two"))
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_two"))
    assert book.title().artwork == whole
    assert len(book.pictures()) == 3, "pictures were kept that nobody can see"


@pytest.mark.parametrize(
    ("trouble", "code", "state"),
    [("dropped", "artwork-failed", "failed"), ("black", "no-artwork", "done")],
)
async def test_a_title_without_pictures_is_published_all_the_same(
    publishing: DurablePublishing, workers: Workers, data: Path, trouble: str, code: str, state: str
) -> None:
    (data / trouble).touch()
    await publishing.receive(master())
    workers.start()
    job = await until_job(publishing, is_in(JobState.LIVE))
    assert not FlipLog(data).flips()[-1].partial
    assert {step.name: step.state for step in job.steps}["artwork"] == state
    (finding,) = (await publishing.report(PARTNER, JOB)).findings
    assert (finding.code, finding.severity) == (code, Severity.NOTE)
    assert FlipLog(data).title().artwork == Artwork()


async def test_what_is_playable_first_never_waits_for_pictures(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """A title that is whole gets its new version before its new pictures."""
    await publishing.receive(master())
    workers.start()
    await until_job(publishing, is_in(JobState.LIVE))
    await publishing.receive(master("two"))
    job = await until_job(publishing, is_in(JobState.LIVE), JobId("job_two"))
    names = [step.name for step in job.steps]
    assert names[-2:] == ["publish", "artwork"]


async def test_a_job_begun_before_there_were_pictures_goes_on_without(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    old = JobOrder(
        job_id=JOB,
        title_id=TitleId("ttl_x"),
        content_id=ContentId("ttl_x"),
        asset_id=AssetId("ast_one"),
        master_key=master().blob_key,
        file_name="film.mov",
    )
    job = NewJob(
        id=JOB,
        partner_id=master().partner_id,
        title_id=old.title_id,
        content_id=old.content_id,
        file_name=old.file_name,
        master_id=master().master_id,
    )
    await publishing._ledger.open(job)
    await publishing._work.start(PUBLISH, old, id=JOB)
    workers.start()
    done = await until_job(publishing, is_in(JobState.LIVE))
    assert "artwork" not in [step.name for step in done.steps]


async def test_a_title_that_is_whole_gets_no_first_version_in_its_place(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    workers.start()
    await publishing.receive(master())
    await until_job(publishing, is_in(JobState.LIVE))
    await publishing.receive(master("two"))
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_two"))
    assert [flip.partial for flip in FlipLog(data).flips()] == [True, False, False]


async def test_an_unfit_master_is_rejected_with_what_to_fix(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await publishing.receive(master(file_name="notes.txt"))
    workers.start()
    job = await until_job(publishing, is_in(JobState.REJECTED))
    assert job.reason == "This is a text file. Send a film."
    (finding,) = (await publishing.report(PARTNER, JOB)).findings
    assert finding.code == "no-video"
    assert FlipLog(data).flips() == []
    with pytest.raises(Conflict):
        await publishing.retry(PARTNER, JOB, "try harder")
    with pytest.raises(JobNotRunning):
        await publishing.cancel(PARTNER, JOB, "enough")


async def test_what_was_found_of_subtitles_is_in_the_report(
    publishing: DurablePublishing, workers: Workers
) -> None:
    beside = Subtitles(
        content_id=ContentId("ttl_x"),
        language=Language("en"),
        file_name="en.srt",
        blob_key="subtitles/ttl_x/odd",
    )
    await publishing.receive(master(subtitles=(beside,)))
    workers.start()
    await until_job(publishing, is_in(JobState.LIVE))
    assert ODD_CUE in (await publishing.report(PARTNER, JOB)).findings


async def test_i7_subtitles_beside_the_master_take_the_place_of_its_own(
    publishing: DurablePublishing, workers: Workers
) -> None:
    beside = Subtitles(
        content_id=ContentId("ttl_x"),
        language=Language("en"),
        file_name="film.en.srt",
        blob_key="subtitles/ttl_x/1",
    )
    await publishing.receive(master(subtitles=(beside,)))
    workers.start()
    await until_job(publishing, is_in(JobState.LIVE))
    told = {line.split("text ")[1] for line in workers.log("text")}
    assert told == {"fr of 4", "en of subtitles/ttl_x/1"}


async def test_a_master_that_is_damaged_inside_is_rejected_too(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    (data / "scratched").touch()
    await publishing.receive(master())
    workers.start()
    job = await until_job(publishing, is_in(JobState.REJECTED))
    assert job.reason == "The film is damaged about 3.0 s in. Export it again."
    (finding,) = (await publishing.report(PARTNER, JOB)).findings
    assert (finding.code, finding.severity) == ("damaged", Severity.REFUSAL)
    assert workers.log() == []
    assert FlipLog(data).flips() == []


@pytest.mark.parametrize(
    ("odd", "before"), [("odd-1", []), ("odd-2", [True])], ids=["first version", "whole"]
)
async def test_i10_what_is_not_as_it_should_be_is_not_published(
    publishing: DurablePublishing, workers: Workers, data: Path, odd: str, before: list[bool]
) -> None:
    (data / odd).touch()
    await publishing.receive(master())
    workers.start()
    job = await until_job(publishing, is_in(JobState.FAILED))
    assert job.reason == "Sound is +144 ms from where it was delivered."
    report = await publishing.report(PARTNER, JOB)
    assert not report.checks["sync a-en-2"]["passed"]
    assert [flip.partial for flip in FlipLog(data).flips()] == before
    assert job.playable == bool(before)
    (data / odd).unlink()
    await publishing.retry(PARTNER, JOB, "verified by hand")
    await until_job(publishing, is_in(JobState.LIVE))
    assert [flip.partial for flip in FlipLog(data).flips()] == [True, False]


async def test_what_is_urgent_never_waits_for_a_place_behind_what_is_not(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    """I2: a worker that leads one job of a priority at a time begins the new release at once."""
    (data / "hold").write_text("package ast_old")  # it cannot be live before the new one
    workers.start(jobs_at_once=1)
    for name in ("old", "older"):
        await publishing.receive(master(name, priority="back-catalog"))
    await until_job(publishing, is_in(JobState.PACKAGING), JobId("job_old"))
    await publishing.receive(master("bad", file_name="notes.txt"))
    await publishing.receive(master("new", priority="new-release"))
    await until_job(publishing, is_in(JobState.REJECTED), JobId("job_bad"))
    await until_job(publishing, is_in(JobState.LIVE), JobId("job_new"))
    states = [
        (await publishing.job(PARTNER, JobId(f"job_{name}"))).state for name in ("old", "older")
    ]
    assert JobState.LIVE not in states
    assert states[1] is JobState.QUEUED


async def test_a_cancelled_job_stops_its_encodes_and_a_retry_does_the_rest(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    (data / "hold").write_text("chunk v240 50")  # it cannot end by itself before it is stopped
    worker = workers.start()
    await publishing.receive(master())
    await until_job(publishing, lambda _: len(workers.log("begin chunk v240 50")) > 0)
    stopped = await publishing.cancel(PARTNER, JOB, "wrong reel")
    assert (stopped.state, stopped.reason) == (JobState.CANCELLED, "wrong reel")
    (encode,) = [step for step in stopped.steps if step.name == "encode"]
    assert (encode.done, encode.total, encode.unit) == (1, 3, "chunks")
    await until_job(publishing, lambda _: len(workers.log("stop chunk")) > 0)
    (data / "hold").unlink()
    assert (await publishing.job(PARTNER, JOB)).state is JobState.CANCELLED
    assert "running" not in {step.state for step in (await publishing.job(PARTNER, JOB)).steps}
    again = await publishing.retry(PARTNER, JOB, "right after all")
    assert (again.attempt, again.reason) == (2, "right after all")
    job = await until_job(publishing, is_in(JobState.LIVE))
    assert {step.state for step in job.steps} == {"done"}
    encoded = workers.log("end chunk")
    assert len(encoded) == len(set(encoded))
    worker.terminate()
    assert await asyncio.to_thread(worker.wait) == 0


async def test_a_failed_job_says_why_and_a_retry_repeats_only_what_failed(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    (data / "broken").touch()
    workers.start()
    await publishing.receive(master())
    job = await until_job(publishing, is_in(JobState.FAILED))
    assert "in the service, and not in the file (OSError)" in job.reason
    assert "the packager is broken" in (data / "stderr").read_text()
    (failed,) = [step for step in job.steps if step.state == "failed"]
    assert (failed.name, failed.detail) == ("package first version", job.reason)
    before = workers.log("begin")
    (data / "broken").unlink()
    await publishing.retry(PARTNER, JOB, "repaired")
    await until_job(publishing, is_in(JobState.LIVE))
    assert workers.log("begin")[: len(before)] == before
    assert len(workers.log("begin chunk v240 0-150")) == 1


async def test_workers_killed_again_and_again_encode_no_finished_chunk_twice(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    await publishing.receive(master())
    for finished in (1, 3, 6):
        worker = workers.start(pause_s=0.3)
        await until_job(publishing, lambda _, n=finished: len(workers.log("end chunk")) >= n)  # type: ignore[misc]
        await asyncio.to_thread(workers.kill, worker)
    workers.start(pause_s=0.3)
    workers.start(pause_s=0.3)
    await until_job(publishing, is_in(JobState.LIVE))
    encoded = workers.log("end chunk")
    assert len(encoded) == len(set(encoded)) == 9
    whole = FlipLog(data).flips()[-1]
    assert [rung.name for rung in whole.ladder] == ["v240", "v360"]


async def test_changes_can_be_followed_and_belong_to_their_partner(
    publishing: DurablePublishing, workers: Workers
) -> None:
    await publishing.receive(master())
    (seen,) = await publishing.changed(PARTNER, 0)
    assert await publishing.changed(PARTNER, seen.change) == []
    stranger = AccountId("acc_else")
    assert await publishing.changed(stranger, 0) == []
    for ask in (publishing.job, publishing.report):
        with pytest.raises(NoSuchJob):
            await ask(stranger, JOB)
    with pytest.raises(NoSuchJob):
        await publishing.cancel(stranger, JOB, "mine now")
    with pytest.raises(Invalid):
        await publishing.cancel(PARTNER, JOB, " ")
    await publishing.cancel(PARTNER, JOB, "not now")
    (later,) = await publishing.changed(PARTNER, seen.change)
    assert later.state is JobState.CANCELLED
    await publishing.receive(master())
    assert (await publishing.job(PARTNER, JOB)).state is JobState.CANCELLED
