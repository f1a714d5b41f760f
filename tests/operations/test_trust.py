"""I1, section 2: where a worker has no sandbox, only operators' files are opened."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import httpx

from tests.operations.conftest import Deployment, signed_in
from vitascope.catalog import TitleRecords
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.ingest import Ingest
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.ids import ContentId, TitleId
from vitascope.kernel.viewer import Role
from vitascope.operations import doctor
from vitascope.operations.demo.bringing import upload_to
from vitascope.operations.demo.films import DemoMaster
from vitascope.publishing import overview

SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHello.\n"


class Walled(SandboxedMedia):
    async def sandbox(self) -> str:
        return "landlock"


@asynccontextmanager
async def a_worker(deployment: Deployment, name: str, media: SandboxedMedia) -> AsyncIterator[None]:
    """One that is there, and says how it opens files."""
    leases = await deployment.process.engines.leases()
    entered = asyncio.create_task(overview.enter(leases, name, SystemClock(), media))
    while name not in [lease.holder for lease in await leases.holders(overview.WORKERS)]:
        await asyncio.sleep(0)
    try:
        yield
    finally:
        entered.cancel()
        await asyncio.gather(entered, return_exceptions=True)


async def title_of(http: httpx.AsyncClient) -> str:
    made = await http.post("/api/studio/titles", json={"name": "Mine"})
    title_id: str = made.raise_for_status().json()["id"]
    return title_id


async def begun(http: httpx.AsyncClient, title_id: str) -> httpx.Response:
    words = {"filename": "film.mp4", "title_id": title_id}
    told = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in words.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "1000", "Upload-Metadata": told}
    return await http.post("/api/uploads", headers=headers)


async def everything(http: httpx.AsyncClient, title_id: str, place: str) -> list[httpx.Response]:
    """All by which an account has a file of its own opened."""
    bytes_of = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
    bytes_of["Content-Type"] = "application/offset+octet-stream"
    subtitles = f"/api/studio/titles/{title_id}/contents/{title_id}/subtitles/en"
    piece = {"Tus-Resumable": "1.0.0", "Upload-Length": "10", "Upload-Concat": "partial"}
    change = f"/api/studio/titles/{title_id}/contents/{title_id}/republish"
    return [
        await begun(http, title_id),
        await http.post("/api/uploads", headers=piece),
        await http.patch(place, headers=bytes_of, content=b"x" * 10),
        await http.put(subtitles, content=SRT),
        await http.post(change, json={"new_keys": True}),
        await http.post("/api/studio/jobs/job_1/retry", json={"reason": "again"}),
    ]


async def test_partners_are_refused_while_no_worker_has_a_sandbox(deployment: Deployment) -> None:
    """One that has a sandbox is enough: partners' files go to it, and to no other."""
    async with (
        signed_in(deployment, Role.PARTNER) as http,
        a_worker(deployment, "worker-2", SandboxedMedia(sandbox="limits")),
    ):
        title_id = await title_of(http)
        async with a_worker(deployment, "worker-1", Walled()):
            first = await begun(http, title_id)
            assert first.status_code == 201
            assert (await http.get("/api/studio/quota")).json()["trouble"] is None
            found = await everything(http, title_id, "/api/uploads/upl_1")
            assert 403 not in {one.status_code for one in found}
        for answer in await everything(http, title_id, first.headers["location"]):
            assert (answer.status_code, answer.json()["code"]) == (403, "no-sandbox")
            assert answer.json()["workers"] == ["worker-2"]
            assert "apt install bubblewrap" in answer.json()["detail"]
        assert (await http.get("/api/studio/quota")).json()["trouble"] == "no-sandbox"
        assert (await http.get("/api/studio/uploads")).is_success, "they see what they have"
        ended = await http.delete(first.headers["location"], headers={"Tus-Resumable": "1.0.0"})
        assert ended.status_code == 204


async def test_operators_files_are_taken_all_the_same(deployment: Deployment) -> None:
    async with (
        signed_in(deployment, Role.OPERATOR) as http,
        a_worker(deployment, "worker-2", SandboxedMedia(sandbox="limits")),
    ):
        title_id = await title_of(http)
        first = await begun(http, title_id)
        found = await everything(http, title_id, first.headers["location"])
        assert [one.status_code for one in found] == [201, 201, 204, 200, 409, 404]


async def test_doctor_says_whose_files_are_taken(tmp_path: Path) -> None:
    found = [one async for one in doctor.examine(SandboxedMedia(sandbox="limits"), tmp_path)]
    (sandbox,) = [one for one in found if one.subject == "Sandbox"]
    assert sandbox.health == "warning"
    assert "open only operators' files" in sandbox.advice
    assert "apt install bubblewrap" in sandbox.advice


async def test_the_demo_s_film_comes_without_a_sandbox(deployment: Deployment) -> None:
    """Whoever runs the service brings it: it does not go the way of partners."""
    offers = deployment.process.offers
    ingest = cast(Ingest, offers["ingest"].contracts["ingest"])
    records = cast(TitleRecords, offers["catalog"].contracts["title_records"])
    async with signed_in(deployment, Role.PARTNER) as http:
        title_id = await title_of(http)
        media = Path(__file__).parents[1] / "media"
        master = DemoMaster(
            content_id=ContentId(title_id), title_id=TitleId(title_id), file="bbb_480p24_6s.mp4"
        )
        async with a_worker(deployment, "worker-2", SandboxedMedia(sandbox="limits")):
            await upload_to(ingest, records)(media, master, "new-release")
        (sent,) = (await http.get("/api/studio/uploads")).json()
        assert (sent["state"], sent["draft"]["priority"]) == ("received", "new-release")
