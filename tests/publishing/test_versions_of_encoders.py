"""The encoder is updated while a job is under way: chunks of two versions are never joined."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from tests.encoding.steps import inspected
from tests.encoding.test_checkpoints import CLIP, chunks_of, encoding_over
from tests.publishing.test_parts import Once
from tests.publishing.test_pipeline import JOB, PARTNER, master
from tests.publishing.worker import ledger_of, open_rows, settings_of
from vitascope.encoding import Chunk, Encoding, JoinChunks, OnProgress, PlanQuick, Request
from vitascope.encoding.contract.request import T
from vitascope.encoding.local import LocalEncoding
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.kernel.clock import SystemClock
from vitascope.publishing.ledger import Ledger
from vitascope.publishing.parts import PartSteps
from vitascope.publishing.plans import EncodingPlan, EncodingPlans
from vitascope.publishing.room import RoomWaits
from vitascope.publishing.store import NewJob
from vitascope.publishing.tasks import ChunkOrder, JoinOrder

pytestmark = pytest.mark.long


class Joined:
    """An encoding that notes what is joined."""

    def __init__(self, encoding: LocalEncoding) -> None:
        self._encoding = encoding
        self.keys: list[str] = []

    async def run(self, request: Request[T], progress: OnProgress | None = None) -> T:
        if isinstance(request, JoinChunks):
            self.keys = [chunk.key for chunk in request.chunks]
        return await self._encoding.run(request, progress)

    async def need_room(self) -> None:
        await self._encoding.need_room()

    async def sweep(self, before_ms: int, keep: object = ()) -> int:
        raise AssertionError("nobody sweeps here")


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


def worker_of(encoding: Encoding, ledger: Ledger, blobs: DiskBlobs) -> PartSteps:
    return PartSteps(
        encoding=encoding,
        plans=EncodingPlans(blobs),
        ledger=ledger,
        settings=settings_of(),
        room=RoomWaits(encoding=encoding, ledger=ledger, clock=SystemClock()),
    )


async def test_a_job_begun_with_one_encoder_is_finished_with_another_and_not_mixed(
    ledger: Ledger, tmp_path: Path
) -> None:
    blobs = DiskBlobs(root=tmp_path / "blobs")
    old, tools_before = encoding_over(tmp_path)
    new, tools_after = encoding_over(tmp_path, "x264")
    source = await inspected(old, blobs, CLIP)
    quick = await old.run(PlanQuick(source=source))
    seams = [0, source.frames // 3, source.frames // 2, source.frames]
    chunks = tuple(
        Chunk(index=n, start=start, end=end, keyframes=(start,))
        for n, (start, end) in enumerate(itertools.pairwise(seams))
    )
    shots = msgspec.structs.replace(quick.shots, chunks=chunks)
    plan = EncodingPlan(source=source, shots=shots, rungs=quick.ladder.rungs)
    key = await EncodingPlans(blobs).file(JOB, "encode", plan)
    rung, count = plan.rungs[0].name, len(plan.shots.chunks)
    joined = Joined(new)
    before, after = worker_of(old, ledger, blobs), worker_of(joined, ledger, blobs)
    for index in range(count):
        order = ChunkOrder(
            job_id=JOB, plan_key=key, index=index, rungs=(rung,), rough=True, step="encode"
        )
        doing = before if index < count - 1 else after  # all but the last, before the update
        assert await doing.chunk(Once(), order)  # type: ignore[arg-type]
    assert (chunks_of(tools_before), chunks_of(tools_after)) == (count - 1, 1)
    join = JoinOrder(job_id=JOB, plan_key=key, rung=rung, rough=True)
    made = await after.join(Once(), join)  # type: ignore[arg-type]
    assert made.frames == source.frames
    assert chunks_of(tools_after) == count, "the newer encoder has not encoded each chunk once"
    by_version = {
        name: {(await one.run(plan.encoding_of(n, rung)))[0].key for n in range(count)}
        for name, one in (("old", old), ("new", new))
    }
    assert set(joined.keys) == by_version["new"]
    assert not by_version["new"] & by_version["old"]
