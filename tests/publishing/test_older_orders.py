"""What an earlier version put in a queue is done by this one."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from tests.publishing.fake_encoding import FakeEncoding
from tests.publishing.worker import ledger_of, open_rows, settings_of
from vitascope.encoding import Chunk, PlannedRung, RenditionRef, ShotPlan, Source
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.kernel.ids import JobId
from vitascope.kernel.media import H264_SDR
from vitascope.publishing.parts import PartSteps
from vitascope.publishing.plans import EncodingPlan, EncodingPlans
from vitascope.publishing.tasks import ChunkOrder, TrialOrder

T = TypeVar("T")

# as they lie in the queue of a data folder of 0.1.0
CHUNK = b"""{"job_id": "job_x", "plan_key": "jobs/job_x/encode.json", "rung": "v240",
             "step": "encode v240", "index": 1}"""
TRIAL = b"""{"job_id": "job_x", "plan_key": "jobs/job_x/shots.json",
             "trial": {"name": "240p crf 30", "height": 240, "crf": 30.0,
             "samples_key": "s", "samples": [[0, 50]]}}"""
RENDITION = b"""{"key": "k", "sha256": "s", "frames": 1, "keyframes": [0], "size": 1,
                 "rung": {"name": "v240", "width": 426, "height": 240, "codec": "h264",
                 "bitrate_kbps": 1, "peak_kbps": 1, "vmaf": 0.0, "vmaf_model": ""}}"""


class Once:
    """As much of `Steps` as a part asks for."""

    id = "job_x.encode-v240.00001"
    priority = 20

    async def step(
        self, name: str, run: Callable[[], Awaitable[T]], returns: type[T], *, attempts: int = 1
    ) -> T:
        return await run()


@pytest.fixture
async def parts(tmp_path: Path) -> PartSteps:
    source = Source(
        master_key="masters/mas_x/bytes",
        sha256="00",
        size=1,
        format="mov",
        duration_ms=4000,
        video_index=0,
        width=426,
        height=240,
        frame_rate="25",
        frames=100,
    )
    shots = ShotPlan(
        chunks=tuple(Chunk(index=n, start=50 * n, end=50 * n + 50, keyframes=(50 * n,))
                     for n in range(2)),
        frame_rate="25",
        picture_key=source.master_key,
    )  # fmt: skip
    rung = PlannedRung(name="v240", width=426, height=240, crfs=(30.0,), bitrate_kbps=1.0)
    plans = EncodingPlans(DiskBlobs(root=tmp_path / "blobs"))
    await plans.file(
        JobId("job_x"), "encode", EncodingPlan(source=source, shots=shots, rungs=(rung,))
    )
    await plans.file(JobId("job_x"), "shots", EncodingPlan(source=source, shots=shots))
    ledger = ledger_of(await open_rows(tmp_path))
    encoding = FakeEncoding(tmp_path)
    return PartSteps(encoding=encoding, plans=plans, ledger=ledger, settings=settings_of())


async def test_a_chunk_that_names_its_plan_is_encoded(parts: PartSteps) -> None:
    made = await parts.chunk(Once(), msgspec.json.decode(CHUNK, type=ChunkOrder))  # type: ignore[arg-type]
    assert made.key == "chunk v240 50-100 30.0"
    await parts._ledger.rows.close()


async def test_a_trial_without_a_format_is_of_h264(parts: PartSteps) -> None:
    order = msgspec.json.decode(TRIAL, type=TrialOrder)
    assert order.trial.format == H264_SDR
    assert (await parts.trial(Once(), order)).format == H264_SDR  # type: ignore[arg-type]
    await parts._ledger.rows.close()


async def test_a_job_that_has_not_ended_well_keeps_its_master(parts: PartSteps) -> None:
    assert await parts._plans.masters() == {"00"}
    await parts._plans.forget(JobId("job_x"))
    assert await parts._plans.masters() == set()
    await parts._ledger.rows.close()


def test_a_rendition_of_before_has_a_format_and_no_quality_that_nobody_measured() -> None:
    rung = msgspec.json.decode(RENDITION, type=RenditionRef).rung
    assert rung.format == H264_SDR
    assert rung.vmaf is None
    assert msgspec.to_builtins(rung)["vmaf"] is None, "nor is one told"
