"""What an operator's page reads and does, and that nobody else may."""

import asyncio
import logging
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.operations.conftest import EMAIL, PASSWORD, Deployment, signed_in
from vitascope import settings as service_settings
from vitascope.assembly.providers.gateway import shown_settings
from vitascope.engines import trace
from vitascope.engines.media.sandboxed import SandboxedMedia
from vitascope.engines.rows import Connection, Rows
from vitascope.kernel.clock import SystemClock
from vitascope.kernel.country import Country
from vitascope.kernel.ids import AccountId, ContentId, EdgeId, JobId, TitleId
from vitascope.kernel.viewer import Role
from vitascope.operations import error_log
from vitascope.operations.load import LoadHistory
from vitascope.publishing import overview as publishing_overview
from vitascope.publishing.contract import JobState
from vitascope.publishing.store import NewJob, add, move
from vitascope.steering import EdgeReport
from vitascope.steering.memory import MemorySteering
from vitascope.steering.settings import SteeringSettings

READ = (
    "overview",
    "errors",
    "settings",
    "queue",
    "jobs",
    "streams",
    "accounts",
    "subscriptions",
    "edges",
    "events/dead",
)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.PARTNER])
async def test_only_an_operator_sees_and_does_any_of_it(deployment: Deployment, role: Role) -> None:
    account = await account_of(deployment, Role.OPERATOR)
    async with signed_in(deployment, role) as http:
        answers = [await http.get(f"/api/console/{name}") for name in READ]
        reason = {"reason": "because"}
        answers += [
            await http.patch(f"/api/console/accounts/{account}", json={"suspended": True}),
            await http.post(f"/api/console/accounts/{account}/sign-out"),
            await http.post("/api/console/streams/ses_1/stop"),
            await http.post("/api/console/jobs/job_1/cancel", json=reason),
            await http.post("/api/console/jobs/job_1/retry", json=reason),
        ]
    assert {answer.status_code for answer in answers} == {403}
    assert {answer.json()["code"] for answer in answers} == {"role-needed"}
    async with httpx.AsyncClient(base_url=deployment.url, timeout=120) as http:
        assert {(await http.get(f"/api/console/{name}")).status_code for name in READ} == {401}


async def test_the_overview_checks_what_the_process_needs(deployment: Deployment) -> None:
    async with signed_in(deployment, Role.OPERATOR) as http:
        seen = await ok(http, "overview")
        names = {check["name"] for check in seen["checks"]}
        assert {"identity", "catalog", "playback", "bus"} <= names
        assert all(check["trouble"] == "" for check in seen["checks"])
        assert 0 < seen["disk"]["free_bytes"] <= seen["disk"]["total_bytes"]

        async def broken() -> None:
            raise OSError("no such disk")

        deployment.process.engines.checks["broken"] = broken
        seen = await ok(http, "overview")
        (bad,) = [check for check in seen["checks"] if check["trouble"]]
        assert (bad["name"], bad["trouble"]) == ("broken", "OSError")


async def test_an_operator_suspends_and_restores_but_not_himself(deployment: Deployment) -> None:
    viewer = await account_of(deployment, Role.VIEWER)
    own = await account_of(deployment, Role.OPERATOR)
    async with signed_in(deployment, Role.OPERATOR) as http:
        found = await ok(http, "accounts", text=EMAIL[Role.VIEWER])
        assert [account["id"] for account in found["accounts"]] == [viewer]
        path = f"/api/console/accounts/{viewer}"
        changed = await http.patch(path, json={"suspended": True})
        assert changed.json()["suspended_at_ms"] is not None
        refused = await sign_in(http, Role.VIEWER)
        assert (refused.status_code, refused.json()["code"]) == (403, "account-suspended")
        await http.patch(path, json={"suspended": False})
        assert (await sign_in(http, Role.VIEWER)).status_code == 200
        assert (await http.post(f"{path}/sign-out")).status_code == 204
        for change in ({"suspended": True}, {"role": "viewer"}):
            answer = await http.patch(f"/api/console/accounts/{own}", json=change)
            assert (answer.status_code, answer.json()["code"]) == (409, "own-account")
        missing = await http.patch("/api/console/accounts/acc_none", json={"suspended": True})
        assert missing.status_code == 404
        plans = await ok(http, "subscriptions", account_id=[viewer, own])
        assert [one["account_id"] for one in plans] == [viewer, own]


async def test_jobs_of_all_partners_come_in_pages(deployment: Deployment) -> None:
    rows: Rows = (await deployment.process.engines.announcing("publishing"))[0]
    for n in range(5):
        await rows.write(partial(opened, n=n))
    async with signed_in(deployment, Role.OPERATOR) as http:
        assert await jobs_of(http, "all", 2) == ["job_4", "job_3", "job_2", "job_1", "job_0"]
        assert await jobs_of(http, "failed", 2) == ["job_4"]
        assert await jobs_of(http, "ended", 2) == ["job_4"]
        assert await jobs_of(http, "under-way", 3) == ["job_3", "job_2", "job_1", "job_0"]
        page = await ok(http, "jobs", limit=1)
        assert page["jobs"][0]["reason"] == "the disk is full"
        seen = await ok(http, "queue")
        assert seen["jobs"] == {"queued": 4}
        for limit in (0, 101):
            assert (await http.get(f"/api/console/jobs?limit={limit}")).status_code == 400
        assert (await http.get("/api/console/jobs?page_token=x")).status_code == 400
        cancelled = await http.post(
            "/api/console/jobs/job_3/cancel", json={"reason": "a wrong master"}
        )
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")


async def test_workers_are_seen_while_they_are_there(deployment: Deployment) -> None:
    leases = await deployment.process.engines.leases()
    media = SandboxedMedia(sandbox="limits")
    entered = asyncio.create_task(
        publishing_overview.enter(leases, "worker-7", SystemClock(), media)
    )
    async with signed_in(deployment, Role.OPERATOR) as http:
        async with asyncio.timeout(120):
            while not (workers := (await ok(http, "queue"))["workers"]):
                await asyncio.sleep(0)
        assert [(one["name"], one["running"]) for one in workers] == [("worker-7", [])]
        assert workers[0]["sandbox"] == "limits"
        entered.cancel()
        await asyncio.gather(entered, return_exceptions=True)
        assert (await ok(http, "queue"))["workers"] == []


async def test_errors_of_all_processes_are_shown_without_secrets(
    deployment: Deployment, data: Path
) -> None:
    token = "eyJhbGciOiJFZDI1NTE5In0.eyJzdWIiOiJhY2MifQ.c2ln"
    await asyncio.to_thread(log_of_two_processes, data, token)
    async with signed_in(deployment, Role.OPERATOR) as http:
        found = await ok(http, "errors")
        assert len(await ok(http, "errors", limit=1)) == 1
        assert (await http.get("/api/console/errors?limit=201")).status_code == 400
    ours = [error for error in found if error["part"] == "vitascope.tested"]
    assert {error["process"] for error in ours} == {"worker-1", "edge-a"}
    assert {error["level"] for error in ours} == {"warning", "error"}
    assert all(token not in str(error) for error in ours)
    assert sum("ValueError: a bad master" in error["trace"] for error in ours) == 2
    assert [e["at_ms"] for e in found] == sorted((e["at_ms"] for e in found), reverse=True)


def log_of_two_processes(data: Path, token: str) -> None:
    log = logging.getLogger("vitascope.tested")
    for process in ("worker-1", "edge-a"):
        with trace.errors_kept_in(data / "logs", process):
            log.info("nobody needs to see this")
            log.warning("the disk of %s is full; %s", process, token)
            try:
                raise ValueError("a bad master")
            except ValueError:
                log.exception("it failed")
    (data / "logs" / "broken.errors.jsonl").write_bytes(b'{"half a li\n\xff\xfe\n[]\n')


def test_only_the_last_part_of_a_long_log_is_read(data: Path) -> None:
    with trace.errors_kept_in(data, "noisy"):
        for n in range(2000):
            logging.getLogger("vitascope.tested").warning("%d %s", n, "x" * 300)
    found = error_log.recent(data, 100)
    assert found[0].text.startswith("1999 ")
    assert 50 < len(found) <= 100
    assert "message" not in found[0].fields
    assert sum(file.stat().st_size for file in data.iterdir()) < 600_000


async def test_the_load_of_healthy_edges_is_measured() -> None:
    clock = SystemClock()
    steering = MemorySteering(clock=clock, settings=SteeringSettings())
    for name, draining in (("edge-a", False), ("edge-b", False), ("edge-c", True)):
        await steering.report(
            EdgeReport(
                edge_id=EdgeId(name),
                base_url=f"http://{name}.localhost",
                country=Country("FR"),
                capacity_mbps=1000,
                load_mbps=12.5,
                streams=3,
                disk_bytes=1,
                disk_used_bytes=0,
                draining=draining,
            )
        )
    load = LoadHistory(steering, clock)
    for _ in range(300):
        await load.measure()
    assert len(load.samples) == 240
    assert (load.samples[-1].streams, load.samples[-1].mbps) == (6, 25.0)


SECRETS = {
    "VITASCOPE_S3__SECRET_ACCESS_KEY": "hunter2-s3",
    "VITASCOPE_ENGINES__POSTGRES_URL": "postgresql://me:hunter2-pg@db/name?password=hunter2-q",
    "VITASCOPE_ENGINES__CACHE_URL": "redis://:hunter2-r@cache:6379/0",
    "VITASCOPE_ENGINES__LEASES_URL": "rediss://user:hunter2/@2@leases/1",
    "VITASCOPE_SERVICE__OTLP_ENDPOINT": "https://me:hunter2-otlp@spans",
    "VITASCOPE_PLAYBACK__HEARTBEAT_S": "17",
}


def test_settings_are_shown_without_their_secrets() -> None:
    found = {
        (section.name, one.name): one
        for section in shown_settings(service_settings.load(None, SECRETS))
        for one in section.settings
    }
    assert "hunter2" not in str(found)
    assert found["s3", "secret_access_key"].hidden
    assert (
        found["engines", "postgres_url"].value
        == '"postgresql://[hidden]@db/name?password=[hidden]"'
    )
    heartbeat = found["playback", "heartbeat_s"]
    assert (heartbeat.value, heartbeat.is_default, heartbeat.hidden) == ("17", False, False)
    assert heartbeat.about
    assert found["identity", "access_token_s"].value == "600"  # how long it is good for: no secret
    assert found["service", "port"].is_default
    assert all(one.about for one in found.values())


async def ok(http: httpx.AsyncClient, name: str, **query: Any) -> Any:
    answer = await http.get(f"/api/console/{name}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def jobs_of(http: httpx.AsyncClient, which: str, limit: int) -> list[str]:
    found: list[str] = []
    token = None
    while True:
        more: dict[str, str] = {"page_token": token} if token else {}
        page = await ok(http, "jobs", filter=which, limit=limit, **more)
        assert len(page["jobs"]) <= limit
        found += [job["id"] for job in page["jobs"]]
        token = page["next_page_token"]
        if token is None:
            return found


def opened(connection: Connection, n: int) -> None:
    job = NewJob(
        id=JobId(f"job_{n}"),
        partner_id=AccountId(f"acc_{n}"),
        title_id=TitleId(f"ttl_{n}"),
        content_id=ContentId(f"ttl_{n}"),
        file_name=f"master-{n}.mov",
    )
    add(connection, job, 1000 + n)
    if n == 4:
        move(connection, job.id, 2000, state=JobState.FAILED, reason="the disk is full")


async def account_of(deployment: Deployment, role: Role) -> str:
    async with signed_in(deployment, role) as http:
        account: str = (await http.get("/api/me")).json()["account"]["id"]
        return account


async def sign_in(http: httpx.AsyncClient, role: Role) -> httpx.Response:
    device = {"name": "Test", "kind": "probe"}
    who = {"email": EMAIL[role], "password": PASSWORD, "device": device}
    return await http.post("/api/sign-in", json=who)
