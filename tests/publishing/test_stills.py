"""I11: a partner chooses a title's pictures from several stills, which are kept for as long as they
may be wanted, and no longer."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.publishing.test_pipeline import PARTNER, Workers, is_in, master, until_job
from tests.publishing.worker import (
    FlipLog,
    durable_of,
    ledger_of,
    notices_of,
    open_rows,
    work_url,
)
from vitascope.catalog import NoSuchTitle
from vitascope.encoding import Still
from vitascope.engines.blobs.disk import DiskBlobs
from vitascope.engines.rows import Rows
from vitascope.engines.work.dbos import DbosWork
from vitascope.kernel.ids import AccountId, ContentId, JobId, TitleId
from vitascope.publishing import Change, JobState, NoSuchStill
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.stills import Stills
from vitascope.publishing.store import NewJob

pytestmark = pytest.mark.long

TITLE, FILM = TitleId("ttl_x"), ContentId("ttl_x")
FUTURE_MS = 2**60


@pytest.fixture
async def rows(data: Path) -> AsyncIterator[Rows]:
    rows = await open_rows(data)
    yield rows
    await rows.close()


@pytest.fixture
async def publishing(rows: Rows, data: Path) -> AsyncIterator[DurablePublishing]:
    work = DbosWork(work_url(data), notices=notices_of(data))
    FlipLog(data).own(PARTNER)
    yield durable_of(rows, work, data)
    await work.close()


@pytest.fixture
def blobs(data: Path) -> DiskBlobs:
    return DiskBlobs(root=data / "blobs")


@pytest.fixture
def stills(rows: Rows, blobs: DiskBlobs) -> Stills:
    return Stills(rows=rows, blobs=blobs)


async def taken(rows: Rows, blobs: DiskBlobs, name: str) -> tuple[JobId, list[Still]]:
    """A job, and three stills that were made for it."""
    job_id = JobId(f"job_{name}")
    job = NewJob(
        id=job_id, partner_id=PARTNER, title_id=TITLE, content_id=FILM, file_name="f", kind="master"
    )
    await ledger_of(rows).open(job)
    made = []
    for n in range(3):
        keys = [f"encodes/{name}/{n}{kind}.webp" for kind in ("", "-small")]
        for key in keys:
            await blobs.put(key, key.encode(), overwrite=True)
        made.append(Still(key=keys[0], small_key=keys[1], at_ms=1000 * n, width=640, height=360))
    return job_id, made


async def kept(rows: Rows, blobs: DiskBlobs, stills: Stills, name: str) -> JobId:
    job_id, made = await taken(rows, blobs, name)
    await stills.keep(job_id, made)
    await asyncio.sleep(0.002)  # the next job is a later one
    return job_id


async def shown(stills: Stills) -> list[str]:
    return [one.name for one in await stills.of(FILM)]


async def there(blobs: DiskBlobs) -> set[str]:
    return {blob.key.split("/")[2] for blob in await blobs.list("stills/")}


def of(name: str) -> list[str]:
    return [f"job_{name}-{n:02}" for n in (1, 2, 3)]


async def test_a_published_film_has_stills_which_outlive_what_they_were_made_of(
    publishing: DurablePublishing, data: Path, blobs: DiskBlobs
) -> None:
    assert list(await publishing.stills(PARTNER, TITLE, FILM)) == []
    workers = Workers(data)
    workers.start()
    try:
        await publishing.receive(master())
        await until_job(publishing, is_in(JobState.LIVE))
        offered = await publishing.stills(PARTNER, TITLE, FILM)
        assert [(one.at_ms, one.width, one.height) for one in offered] == [
            (1000, 640, 360),
            (2000, 640, 360),
        ]
        job = await publishing.republish(PARTNER, TITLE, FILM, Change(new_keys=True))
        await until_job(publishing, is_in(JobState.LIVE), job.id)
    finally:
        workers.stop()
    await blobs.delete_prefix("encodes/")
    assert await publishing.stills(PARTNER, TITLE, FILM) == offered
    for n, one in enumerate(offered):
        for small, kind in ((False, ""), (True, "-small")):
            content = await publishing.still(PARTNER, TITLE, FILM, one.name, small=small)
            assert content == f"encodes/00/still-{n}{kind}.webp".encode()


async def test_only_who_owns_the_title_sees_its_stills(
    rows: Rows, publishing: DurablePublishing, stills: Stills, blobs: DiskBlobs
) -> None:
    await kept(rows, blobs, stills, "a")
    other = AccountId("acc_other")
    for partner, film in ((other, FILM), (PARTNER, ContentId("ep_y"))):
        with pytest.raises(NoSuchTitle):
            await publishing.stills(partner, TITLE, film)
        with pytest.raises(NoSuchTitle):
            await publishing.still(partner, TITLE, film, "job_a-01")
    for unknown in ("job_a-04", "job_b-01", "job_a", "", "../job_a-01", "job_a-01-small"):
        with pytest.raises(NoSuchStill):
            await publishing.still(PARTNER, TITLE, FILM, unknown)


async def test_the_next_master_brings_its_own_and_the_old_return_when_it_is_discarded(
    rows: Rows, stills: Stills, blobs: DiskBlobs
) -> None:
    ledger = ledger_of(rows)
    first = await kept(rows, blobs, stills, "a")
    await ledger.move(first, JobState.LIVE)
    second = await kept(rows, blobs, stills, "b")
    assert await shown(stills) == of("b")
    await ledger.move(second, JobState.CANCELLED, "wrong reel")
    assert await shown(stills) == of("a")
    await kept(rows, blobs, stills, "c")
    assert await shown(stills) == of("c")
    assert await there(blobs) == {"job_a", "job_c"}, "more than two sets of one film are kept"


async def test_those_of_a_delivery_that_failed_are_offered_while_there_are_no_others(
    rows: Rows, stills: Stills, blobs: DiskBlobs
) -> None:
    first = await kept(rows, blobs, stills, "a")
    await ledger_of(rows).move(first, JobState.FAILED, "the disk is full")
    assert await shown(stills) == of("a")


async def test_a_deleted_title_leaves_none_not_even_of_a_worker_that_is_late(
    rows: Rows, publishing: DurablePublishing, stills: Stills, blobs: DiskBlobs
) -> None:
    await kept(rows, blobs, stills, "a")
    late, made = await taken(rows, blobs, "b")
    await publishing.forget_title(TITLE)
    assert await there(blobs) == set()
    await stills.keep(late, made)
    assert await there(blobs) == set()
    assert await shown(stills) == []


async def test_a_removed_episode_takes_its_own_with_it_and_no_others(
    rows: Rows, publishing: DurablePublishing, stills: Stills, blobs: DiskBlobs
) -> None:
    await kept(rows, blobs, stills, "a")
    late, made = await taken(rows, blobs, "b")
    await publishing.forget_episode(TITLE, ContentId("epi_other"))
    assert await shown(stills) == of("a")
    await publishing.forget_episode(TITLE, FILM)
    await stills.keep(late, made)
    assert (await there(blobs), await shown(stills)) == (set(), [])


async def test_what_a_killed_worker_left_is_swept(
    rows: Rows, stills: Stills, blobs: DiskBlobs
) -> None:
    await kept(rows, blobs, stills, "a")
    await blobs.put("stills/ttl_x/job_gone/01.webp", b"x")
    assert await stills.sweep(0) == 0, "it may be about to be told"
    assert await stills.sweep(FUTURE_MS) == 1
    assert await there(blobs) == {"job_a"}
    assert await shown(stills) == of("a")
