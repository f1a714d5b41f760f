"""I8: what a title is worth, for everybody to whom its partner gave the address."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec
import pytest
from litestar import Litestar

from tests.asgi import asgi
from tests.publishing.test_formats import AV1
from tests.publishing.test_pipeline import (
    JOB,
    PARTNER,
    Workers,
    is_in,
    publishing,
    rows,
    until_job,
    workers,
)
from tests.publishing.test_republish import CONTENT, TITLE, live
from tests.publishing.test_routes import refused, signed_in
from tests.publishing.worker import FlipLog
from vitascope.kernel.errors import VitascopeError
from vitascope.kernel.ids import AccountId, JobId
from vitascope.kernel.media import Codec
from vitascope.publishing import JobState, NoSuchJob, NotShared
from vitascope.publishing.durable import DurablePublishing
from vitascope.publishing.sharing_routes import routes

__all__ = ["publishing", "rows", "workers"]  # fixtures

pytestmark = pytest.mark.long


@pytest.fixture
async def client(publishing: DurablePublishing) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar(
        [routes(publishing)],
        middleware=[signed_in],
        exception_handlers={VitascopeError: refused},
        openapi_config=None,
    )
    async with httpx.AsyncClient(transport=asgi(app), base_url="http://test") as client:
        yield client


async def test_a_page_shows_all_of_what_is_live_and_nothing_else_of_the_job(
    publishing: DurablePublishing, workers: Workers, data: Path, client: httpx.AsyncClient
) -> None:
    FlipLog(data).own(PARTNER)
    await live(publishing, workers)
    place = f"/api/studio/jobs/{JOB}/share"
    assert (await publishing.report(PARTNER, JOB)).shared == ""
    name = (await client.put(place)).json()["shared"]
    assert (await client.put(place)).json()["shared"] == name, "the address that was given is lost"
    page = (await client.get(f"/api/quality/{name}")).json()
    report = msgspec.to_builtins(await publishing.report(PARTNER, JOB))
    assert [rung["name"] for rung in page["rungs"]] == [rung["name"] for rung in report["rungs"]]
    assert page["trials"]
    assert page["checks"] == len(report["checks"]) == page["checks_passed"]
    assert set(page).isdisjoint({"findings", "master", "loudness_lufs", "review"})

    ordered = await publishing.republish(PARTNER, TITLE, CONTENT, AV1)
    await until_job(publishing, is_in(JobState.LIVE), ordered.id)
    more = await publishing.quality_page(name)
    assert {rung.codec for rung in more.rungs} == {Codec.H264, Codec.AV1}
    assert len(more.trials) > len(page["trials"])

    assert (await client.delete(place)).json()["shared"] == ""
    gone = await client.get(f"/api/quality/{name}")
    assert (gone.status_code, gone.json()["code"]) == (404, "not-shared")
    again = (await client.put(place)).json()["shared"]
    assert again not in ("", name)
    with pytest.raises(NotShared):
        await publishing.quality_page(name)


async def test_pages_are_found_by_nobody_who_was_not_given_the_address(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    book = FlipLog(data)
    book.own(PARTNER)
    await live(publishing, workers)
    tail = JOB.partition("_")[2]
    guesses = [tail, f"{tail}-", f"{tail}-{'0' * 32}", JOB, "", "-", "x" * 3000, "é"]
    for guess in guesses:
        with pytest.raises(NotShared):
            await publishing.quality_page(guess)
    name = (await publishing.share(PARTNER, JOB, on=True)).shared
    assert len(name) >= len(tail) + 32
    for guess in (*guesses, name[:-1], name + "0"):
        with pytest.raises(NotShared):
            await publishing.quality_page(guess)
    with pytest.raises(NoSuchJob):
        await publishing.share(AccountId("acc_other"), JOB, on=False)


async def test_what_is_not_published_has_no_page(
    publishing: DurablePublishing, workers: Workers, data: Path
) -> None:
    FlipLog(data).own(PARTNER)
    await live(publishing, workers)
    ordered = await publishing.republish(PARTNER, TITLE, CONTENT, AV1)
    with pytest.raises(NotShared):
        await publishing.share(PARTNER, JobId(ordered.id), on=True)
