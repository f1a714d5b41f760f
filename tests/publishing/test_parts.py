"""What any worker does of a job: its parts, counted as the studio sees them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from tests.publishing.fake_encoding import FakeEncoding
from tests.publishing.test_pipeline import JOB, PARTNER, master
from tests.publishing.worker import ledger_of, open_rows, settings_of
from vitascope.encoding import Chunk, PlannedRung, ShotPlan, Source
from vitascope.encoding.picture.ladder import rung_name
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.media import H264_SDR, Codec, Format
from vitascope.publishing import JobState
from vitascope.publishing.ledger import Ledger
from vitascope.publishing.parts import PartSteps
from vitascope.publishing.plans import EncodingPlan, EncodingPlans
from vitascope.publishing.room import RoomWaits
from vitascope.publishing.store import NewJob
from vitascope.publishing.tasks import ChunkOrder, JoinOrder

T = TypeVar("T")

SOURCE = Source(
    master_key="masters/mas_x/bytes",
    sha256="00",
    size=1,
    format="mov",
    duration_ms=4000,
    video_index=0,
    width=1280,
    height=720,
    frame_rate="25",
    frames=100,
)
SHOTS = ShotPlan(
    chunks=tuple(
        Chunk(index=n, start=50 * n, end=50 * n + 50, keyframes=(50 * n,)) for n in range(2)
    ),
    frame_rate="25",
    picture_key=SOURCE.master_key,
)


class Once:
    """As much of `Steps` as a part asks for."""

    id = "job_x.encode-00001"
    priority = 20
    taken = 1
    party = ""

    async def step(
        self, name: str, run: Callable[[], Awaitable[T]], returns: type[T], *, attempts: int = 1
    ) -> T:
        return await run()


def rung(height: int, format: Format) -> PlannedRung:
    return PlannedRung(
        name=rung_name(format, height),
        width=426,
        height=height,
        crfs=(30.0,),
        bitrate_kbps=1.0,
        format=format,
    )


@pytest.fixture
async def ledger(data: Path) -> AsyncIterator[Ledger]:
    ledger = ledger_of(await open_rows(data))
    job = master()
    await ledger.open(
        NewJob(
            id=JOB,
            partner_id=PARTNER,
            title_id=job.title_id,
            content_id=job.content_id,
            file_name=job.file_name,
        )
    )
    yield ledger
    await ledger.rows.close()


async def test_a_chunk_is_a_part_in_each_format_and_joined_as_it_was_encoded(
    ledger: Ledger, data: Path
) -> None:
    plans, encoding = EncodingPlans(DiskBlobs(root=data / "blobs")), FakeEncoding(data)
    parts = PartSteps(
        encoding=encoding,
        plans=plans,
        ledger=ledger,
        settings=settings_of(),
        room=RoomWaits(encoding=encoding, ledger=ledger, clock=SystemClock()),
    )
    by_format = {H264_SDR: (240, 360), Format(Codec.VP9): (480, 720)}
    rungs = tuple(rung(h, format) for format, heights in by_format.items() for h in heights)
    plan_key = await plans.file(
        JOB, "encode", EncodingPlan(source=SOURCE, shots=SHOTS, rungs=rungs)
    )
    await ledger.expect(JOB, "encode", 4)
    for index in range(2):
        for format, heights in by_format.items():
            order = ChunkOrder(
                job_id=JOB,
                plan_key=plan_key,
                index=index,
                rungs=tuple(rung_name(format, height) for height in heights),
                rough=False,
                step="encode",
            )
            assert len(await parts.chunk(Once(), order)) == 2  # type: ignore[arg-type]
    (step,) = (await ledger.job(JOB)).steps
    assert (step.done, step.total, step.state) == (4, 4, "running")
    log = (data / "log").read_text()
    for one in rungs:
        join = JoinOrder(job_id=JOB, plan_key=plan_key, rung=one.name, rough=False)
        made = await parts.join(Once(), join)  # type: ignore[arg-type]
        assert made.rung.name == one.name
    assert (data / "log").read_text() == log, "something was encoded or measured once more"


async def test_a_job_that_is_begun_anew_has_nothing_done_of_it(ledger: Ledger) -> None:
    await ledger.expect(JOB, "encode", 3)
    await ledger.part_done(JOB, "encode", "0 v240")
    assert await ledger.begin_anew(JOB)
    job = await ledger.job(JOB)
    assert (job.state, job.steps, job.attempt) == (JobState.QUEUED, (), 1)
    await ledger.expect(JOB, "encode", 2)
    await ledger.part_done(JOB, "encode", "1 v240")
    assert [(step.done, step.total) for step in (await ledger.job(JOB)).steps] == [(1, 2)]
    assert await ledger.begin_anew(JOB), "it was under way again"
    assert not await ledger.begin_anew(JOB), "another process has just begun it anew"
    await ledger.expect(JOB, "encode", 2)
    await ledger.move(JOB, JobState.CANCELLED, "enough")
    assert not await ledger.begin_anew(JOB)
    assert len((await ledger.job(JOB)).steps) == 1
