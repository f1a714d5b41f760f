"""The service and its workers are killed twenty times while a master becomes a film. (I1, I2)

Everything is real: accounts, the doors over HTTP, databases, keys, edge and player. Killed are

* ten times the process `vitascope run api licensing steering`: twice in the middle of the upload,
  once just after it was acknowledged, seven times while a step of the job is under way;
* ten times one of two processes `vitascope run worker`, from the job's first steps to its last.

What comes out is compared with an undisturbed service's output from the same upload and under the
same keys: the content keys are made before, and the data folder is copied. Edges and the supervisor
are not killed here; `test_failover.py` and `tests/operations` do that.
"""

import asyncio
import base64
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx
import msgspec
import pytest

from tests.forked import Forked, serving
from tests.journeys.conftest import QUICK, Service
from tests.journeys.people import Caller, Person, new_viewer
from tests.ports import free_ports
from tests.publishing import random_kills
from tests.publishing.deaths import NEVER_S, tell_death
from tests.publishing.late_outbox_api import forgetful_api
from tests.publishing.random_kills import KEEP, Api, RandomKills, Workers, moments
from tests.publishing.reporting_worker import reporting_service_worker
from tests.publishing.role import run
from tests.publishing.worker import worker_name
from vitascope import roles
from vitascope import settings as service_settings
from vitascope.assembly.process import Process
from vitascope.catalog import Asset, TitleRecords
from vitascope.kernel.ids import AssetId, ContentId
from vitascope.kernel.media import KeyLabel
from vitascope.kernel.viewer import Role
from vitascope.licensing import Licensing
from vitascope.settings import Settings

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
FILM = ROOT / "tests/media/bbb_480p24_6s.mp4"
PARTNER = Person("partner@kills.example", "killed at random moments")
PART = 1 << 17
IN_UPLOAD, ACKNOWLEDGED, IN_JOB, OF_WORKERS = 2, 1, 7, 10
NEEDING_THE_API = ("look", "package", "verify", "publish")
SURELY = (
    *("inspect", "trial", "encode", KEEP, "compare with the plan", "join"),
    *("package", "verify", "publish"),
)
# Several chunks in six seconds, and an encoder that takes its time.
SMALL = {
    "VITASCOPE_ENCODING__PRESET": "medium",
    "VITASCOPE_ENCODING__HEIGHTS": "144,240",
    "VITASCOPE_ENCODING__SHOT_MAX_S": "1",
    "VITASCOPE_ENCODING__SHOT_MIN_S": "0.5",
    "VITASCOPE_ENCODING__CHUNK_MAX_S": "1",
    "VITASCOPE_ENCODING__MAX_SAMPLES": "2",
    "VITASCOPE_PUBLISHING__DEAD_AFTER_S": str(NEVER_S),
}


class Deployment(msgspec.Struct, frozen=True):
    """A data folder, and the processes that serve from it."""

    data: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def inner_url(self) -> str:
        return f"http://127.0.0.1:{self.port - 1}"

    def environment(self) -> dict[str, str]:
        known = {"VITASCOPE_SERVICE__DATA": str(self.data), "VITASCOPE_WIRE__API": self.inner_url}
        return {**QUICK, **SMALL, **known}

    def settings(self) -> Settings:
        return service_settings.load(None, self.environment(), port=self.port)

    def api(self) -> Forked:
        return self._serving(run, "api", "licensing", "steering", data=self.data, port=self.port)

    def forgetful_api(self) -> Forked:
        return self._serving(forgetful_api, data=self.data, port=self.port)

    def edge(self) -> Forked:
        return self._serving(run, "edge", name="edge-a", data=self.data, port=self.port + 1)

    def worker(self, told: socket.socket) -> Forked:
        given = (self.data, self.port, told)
        return Forked(
            reporting_service_worker, *given, log=self.log, environment=self.environment()
        )

    def bury(self, pid: int) -> None:
        url = f"sqlite:///{self.data / 'rows' / 'work.db'}"
        tell_death(url, self.data / "notices", worker_name(pid))

    def _serving(self, role: Callable[..., None], *roles: str, **options: Any) -> Forked:
        """A process of the service, when it serves."""
        serves = partial(role, *roles, **options)
        return serving(serves, log=self.log, environment=self.environment())

    @property
    def log(self) -> Path:
        return self.data.parent / f"{self.data.name}.log"

    def ask(self, protocol: type[T], question: Callable[[T], Awaitable[Any]]) -> Any:
        """What a domain of the running service answers to another process."""

        async def asked() -> Any:
            async with AsyncExitStack() as stack:
                process = Process(self.settings(), (), stack)
                return await question(await process.dialled(protocol, caller="worker"))

        return asyncio.run(asked())


class Delivery(msgspec.Struct, frozen=True):
    """A master that was received, and the job that it became."""

    title_id: str
    job_id: str
    master_id: str

    @property
    def asset_id(self) -> AssetId:
        return AssetId(f"ast_{self.job_id.partition('_')[2]}")


class Sender:
    """A partner's upload by tus, through the death of who receives it."""

    def __init__(
        self,
        caller: Caller,
        api: Api,
        *,
        kills: int = IN_UPLOAD,
        patience_s: float = random_kills.PATIENCE_S,
    ) -> None:
        self.caller = caller
        self.api = api
        self.film = FILM.read_bytes()
        self.kills = kills
        self.patience_s = patience_s  # with a job that does not come

    def deliver(self) -> Delivery:
        title = self.caller.ok("POST", "/api/studio/titles", json={"name": "Killed at random"})
        place = self._begin(title["id"])
        deaths = sorted(random.sample(range(0, len(self.film), PART), self.kills))
        offset = 0
        while offset < len(self.film):
            if deaths and offset >= deaths[0]:
                deaths.pop(0)
                self.api.doom("upload", random.uniform(0, 0.03))
            offset = self._send(place, offset)
        self.api.doom("acknowledged", random.uniform(0, 0.05))
        self.api.until_over()
        master_id = next(u["master_id"] for u in self.caller.ok("GET", "/api/studio/uploads"))
        return Delivery(title["id"], self._job_of(master_id), master_id)

    def _begin(self, title_id: str) -> str:
        said = {"filename": FILM.name, "title_id": title_id, "content_id": title_id}
        told = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in said.items())
        headers = {"Upload-Length": str(len(self.film)), "Upload-Metadata": told}
        made = self._tus("POST", "/api/uploads", headers)
        assert made.status_code == 201, made.text
        return httpx.URL(made.headers["Location"]).path

    def _send(self, place: str, offset: int) -> int:
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        try:
            sent = self._tus("PATCH", place, headers, self.film[offset : offset + PART])
            assert sent.status_code == 204, sent.text
        except httpx.TransportError:
            self.api.until_over()
            sent = self._tus("HEAD", place, {})
            assert int(sent.headers["Upload-Offset"]) >= offset, "an acknowledged byte was lost"
        return int(sent.headers["Upload-Offset"])

    def _tus(
        self, verb: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> httpx.Response:
        told = {"Tus-Resumable": "1.0.0", **headers}
        return self.caller.http.request(verb, path, headers=told, content=body or None)

    def _job_of(self, master_id: str) -> str:
        found: list[str] = []

        def known() -> bool:
            jobs = self.caller.ok("GET", "/api/studio/jobs")["jobs"]
            found[:] = [job["id"] for job in jobs if job["master_id"] == master_id]
            return bool(found)

        complaint = "the upload was acknowledged, but there is no job"
        random_kills.until(known, complaint, self.patience_s)
        return found[0]


class Outcome(msgspec.Struct, frozen=True):
    """What the service made of a delivery. `files` are SHA-256 by name, of all versions."""

    asset: Asset
    files: dict[str, str]
    kills: RandomKills


def published(deployment: Deployment, api: Api, kills: RandomKills, delivery: Delivery) -> Outcome:
    with (
        Caller(deployment.url, PARTNER) as partner,
        Workers(deployment.worker, kills, deployment.bury) as workers,
    ):
        _until_live(partner, delivery)
        workers.until_over()
        api.until_over()
    content_id = ContentId(delivery.title_id)
    asset = deployment.ask(TitleRecords, lambda c: c.asset(content_id))
    return Outcome(asset, digests(deployment.data / "blobs" / "assets"), kills)


def _until_live(partner: Caller, delivery: Delivery) -> None:
    """As the studio sees it, whenever somebody answers."""
    deadline = time.monotonic() + random_kills.PATIENCE_S
    state = ""
    while state != "live":
        with suppress(httpx.TransportError):
            job = partner.ok("GET", f"/api/studio/jobs/{delivery.job_id}")
            state = job["state"]
            assert state not in ("failed", "rejected", "cancelled"), job
            assert time.monotonic() < deadline, job
        time.sleep(0.1)


def digests(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def make_keys(deployment: Deployment, asset_id: AssetId) -> None:
    """As packaging will ask for them: both copies then have the same."""
    labels = (KeyLabel.AUDIO, KeyLabel.SD)
    deployment.ask(Licensing, lambda one: one.keys_for(asset_id, labels))


def watched(deployment: Deployment, title_id: str) -> dict[str, Any]:
    """What the synthetic viewer sees of the title."""
    service = Service(
        url=deployment.url, data=deployment.data, pid=0, output=[], log=deployment.log
    )
    viewer = new_viewer(service)
    edge = deployment.edge()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "vitascope", "play", title_id, "--seconds", "4", "--json",
             "--server", deployment.url, "--email", viewer.email],
            cwd=ROOT, capture_output=True, text=True, timeout=random_kills.PATIENCE_S, check=False,
            env={**os.environ, **deployment.environment(), "VITASCOPE_PASSWORD": viewer.password},
        )  # fmt: skip
    finally:
        random_kills.killed(edge)
    assert done.returncode == 0, done.stdout + done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def test_service_and_workers_killed_twenty_times_publish_the_same_film(tmp_path: Path) -> None:
    killed = Deployment(tmp_path / "killed", free_ports(3) + 1)
    killed.data.mkdir()
    with Api(killed.api) as receiving:
        delivery = delivered(killed, receiving)
        make_keys(killed, delivery.asset_id)
    baseline = Deployment(tmp_path / "baseline", killed.port)
    shutil.copytree(killed.data, baseline.data, ignore=shutil.ignore_patterns("*.sock"))
    with Api(baseline.api) as api:
        expected = published(baseline, api, RandomKills(), delivery)

    begun = expected.kills.begun
    plan = [
        *moments(begun, NEEDING_THE_API, IN_JOB, victim="api"),
        *moments(begun, SURELY, OF_WORKERS),
    ]
    with Api(killed.api) as api:
        kills = RandomKills(plan, api.doom)
        outcome = published(killed, api, kills, delivery)
        seen = watched(killed, delivery.title_id)
    kills.killed += [*receiving.killed, *api.killed]
    planned = Counter(api=IN_UPLOAD + ACKNOWLEDGED + IN_JOB, worker=OF_WORKERS)
    random_kills.all_kills_were_made(kills, planned)
    it_is_the_same_film(outcome, expected)
    random_kills.nothing_finished_was_encoded_again(kills)
    random_kills.a_kill_costs_one_chunk_at_most(kills)
    random_kills.nobody_is_left(tmp_path)
    assert seen["frames"] >= 96
    assert not seen["degraded"]
    told = ", ".join(f"{one.victim} in {one.step}" for one in kills.killed)
    print(f"{planned.total()} kills: {told}; version {outcome.asset.version}")  # noqa: T201


def test_an_upload_that_is_acknowledged_and_forgotten_is_seen(tmp_path: Path) -> None:
    """The planted fault: the announcement waits in memory, and the upload counts as received."""
    deployment = Deployment(tmp_path / "forgetful", free_ports(2) + 1)
    deployment.data.mkdir()
    with Api(deployment.forgetful_api) as api:
        open_account(deployment)
        with Caller(deployment.url, PARTNER) as partner:
            sender = Sender(partner, api, kills=0, patience_s=5)
            with pytest.raises(AssertionError, match="acknowledged, but there is no job"):
                sender.deliver()
    assert api.killed[0].status == -signal.SIGKILL


def open_account(deployment: Deployment) -> None:
    opening = roles.open_account(
        deployment.settings(),
        email=PARTNER.email,
        name="Partner",
        password=PARTNER.password,
        role=Role.PARTNER,
    )
    asyncio.run(opening)


def delivered(deployment: Deployment, api: Api) -> Delivery:
    open_account(deployment)
    with Caller(deployment.url, PARTNER) as partner:
        delivery = Sender(partner, api).deliver()
    digest = hashlib.sha256(FILM.read_bytes()).hexdigest()
    assert digests(deployment.data / "blobs" / "masters") == {f"{delivery.master_id}/bytes": digest}
    return delivery


def it_is_the_same_film(one: Outcome, other: Outcome) -> None:
    assert not one.asset.partial
    assert one.files == other.files
    assert one.asset == other.asset
    assert random_kills.chunks(one.kills) == random_kills.chunks(other.kills)
