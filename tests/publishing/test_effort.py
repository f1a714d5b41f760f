"""What an effort changes about a job, and that a job keeps it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.publishing.fake_encoding import FakeEncoding
from tests.publishing.test_pipeline import DONE, Workers, is_in, master, until_job
from tests.publishing.worker import durable_of, notices_of, open_rows, work_url
from vitascope.encoding import Effort, RenditionRef
from vitascope.engines.work.dbos import DbosWork
from vitascope.kernel.ids import JobId
from vitascope.kernel.media import H264_SDR, Rung
from vitascope.publishing.picture_steps import worth_having


@pytest.fixture
def workers(data: Path) -> Iterator[Workers]:
    workers = Workers(data)
    yield workers
    workers.stop()


@pytest.mark.long
async def test_a_job_keeps_the_effort_it_began_with(workers: Workers, data: Path) -> None:
    rows, work = await open_rows(data), DbosWork(work_url(data), notices=notices_of(data))
    efforts: tuple[Effort, ...] = ("fast", "balanced")
    for effort in efforts:  # the service is started again with another one
        publishing = durable_of(rows, work, data, effort=effort)
        await publishing.receive(master(effort, f"{effort}.mov"))
    publishing = durable_of(rows, work, data, effort="best")
    workers.start()
    for effort in efforts:
        await until_job(publishing, is_in(*DONE), JobId(f"job_{effort}"))
    asked = FakeEncoding.asked_at(data)
    assert asked.keys() == {"fast", "balanced"}
    assert "RunTrial" not in asked["fast"] and "RunTrial" in asked["balanced"]
    whole = {"PlanQuick", "EncodeChunk", "MeasureChunk", "PlanLadder", "JoinChunks"}
    assert whole <= asked["fast"] and whole <= asked["balanced"]
    await work.close()
    await rows.close()


# -- rungs that were predicted only


def made(name: str, height: int, kbps: int, vmaf: float | None) -> RenditionRef:
    rung = Rung(
        name=name,
        width=height * 16 // 9,
        height=height,
        codec=H264_SDR.codec,
        bitrate_kbps=kbps,
        peak_kbps=kbps,
        vmaf=vmaf,
        vmaf_model="v",
    )
    return RenditionRef(key=name, sha256="", rung=rung, frames=1, keyframes=(0,), size=1)


def names(*rungs: RenditionRef) -> list[str]:
    return [one.rung.name for one in worth_having(rungs)]


def test_a_rung_that_needs_more_bits_and_is_worth_no_more_is_left_out() -> None:
    low, good, top = made("a", 360, 90, 80), made("b", 360, 80, 85), made("c", 720, 300, 95)
    assert names(low, good, top) == ["b", "c"]
    assert names(made("a", 240, 60, 70), good, top) == ["a", "b", "c"]


def test_of_two_that_are_equal_one_stays() -> None:
    assert names(made("a", 360, 80, 85), made("b", 360, 80, 85)) == ["b"]


def test_sizes_beyond_the_display_and_what_was_not_measured_stay() -> None:
    assert names(made("a", 1080, 900, 95), made("b", 2160, 2000, 94)) == ["a", "b"]
    assert names(made("a", 1080, 900, None), made("b", 720, 2000, 94)) == ["a", "b"]
