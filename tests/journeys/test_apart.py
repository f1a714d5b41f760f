"""G2: every role in a process of its own, and both journeys through them."""

import asyncio
import json
import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.journeys.conftest import ALARM_S, QUICK, ROOT
from tests.ports import free_ports
from vitascope.engines.secrets.file import FileSecrets
from vitascope.engines.wire import Line, dial
from vitascope.kernel.errors import NotFound
from vitascope.kernel.ids import AssetId
from vitascope.licensing import Licensing
from vitascope.steering import Steering

pytestmark = pytest.mark.long

PASSWORD = "a service in seven parts"


class Deployment(msgspec.Struct, frozen=True):
    """Where the parts find one another, and where they keep things."""

    data: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            **QUICK,
            "VITASCOPE_PASSWORD": PASSWORD,
            "VITASCOPE_WIRE__API": f"http://127.0.0.1:{self.port - 1}",
            "VITASCOPE_WIRE__LICENSING": f"http://127.0.0.1:{self.port + 1}",
            "VITASCOPE_WIRE__STEERING": f"http://127.0.0.1:{self.port + 2}",
        }

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "vitascope", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=2 * ALARM_S,
            check=False,
            env=self.environment(),
        )


@contextmanager
def part(deployment: Deployment, name: str, *arguments: str) -> Iterator[Path]:
    """One process of the service, from saying that it serves until SIGTERM; its log."""
    log = deployment.data.parent / f"{name}.log"
    ready, said = os.pipe()
    command = [sys.executable, "-m", "vitascope", "run", *arguments, "--data", str(deployment.data)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**deployment.environment(), "VITASCOPE_READY_FD": str(said)},
            pass_fds=(said,),
        )
    os.close(said)
    try:
        serving = select.select([ready], [], [], ALARM_S)[0] and os.read(ready, 1)
        assert serving, f"{name} does not serve:\n{log.read_text()[-3000:]}"
        yield log
    finally:
        os.close(ready)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(ALARM_S)
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    deployment = Deployment(data=tmp_path_factory.mktemp("apart") / "data", port=free_ports(6) + 1)
    deployment.data.mkdir()
    with ExitStack() as stack:

        def begin(name: str, *arguments: str, at: int | None = None) -> None:
            port = [] if at is None else ["--port", str(deployment.port + at)]
            stack.enter_context(part(deployment, name, *arguments, *port))

        begin("licensing", "licensing", at=1)
        begin("steering", "steering", at=2)
        begin("api", "api", at=0)
        begin("worker", "worker", "--name", "worker-1")
        begin("edge-a", "edge", "--name", "edge-a", at=3)
        begin("edge-b", "edge", "--name", "edge-b", at=4)
        yield deployment


def account(deployment: Deployment, role: str) -> str:
    """An account made by who runs the service: its address."""
    email = f"{role}@apart.example"
    place = ["--data", str(deployment.data), "--port", str(deployment.port)]
    done = deployment.command("account", email, "--role", role, *place)
    assert done.returncode == 0, done.stderr
    return email


def subscribe(deployment: Deployment, email: str) -> None:
    with httpx.Client(base_url=deployment.url, timeout=ALARM_S) as http:
        device = {"name": "Caller", "kind": "probe"}
        body = {"email": email, "password": PASSWORD, "device": device}
        answer = http.post("/api/sign-in", json=body)
        assert answer.is_success, answer.text
        http.headers["Authorization"] = f"Bearer {answer.json()['tokens']['access_token']}"
        plan = http.get("/api/plans").json()[0]
        assert http.put("/api/subscription", json={"plan_id": plan["id"]}).is_success


def test_both_journeys_through_a_service_in_parts(deployment: Deployment, small_film: Path) -> None:
    """G2 I1 I2 I13 P1 P4 P5: a master becomes a film, and the film is watched, while API,
    licensing, steering, worker and edges are processes of their own."""
    partner = account(deployment, "partner")
    done = deployment.command(
        "ingest", str(small_film), "--title", "In parts", "--wait", "--json",
        "--server", deployment.url, "--email", partner,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    published = json.loads(done.stdout)
    assert published["state"] == "published"
    assert published["rungs"]

    viewer = account(deployment, "viewer")
    subscribe(deployment, viewer)
    done = deployment.command(
        "play", published["title_id"], "--seconds", "4", "--json",
        "--server", deployment.url, "--email", viewer,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    watched = json.loads(done.stdout)
    assert watched["frames"] > 24
    assert watched["edge"] in ("edge-a", "edge-b")
    assert not watched["degraded"]
    assert calls_answered(deployment, 1) > 0, "the vault was opened, and not by its own process"
    assert calls_answered(deployment, 2) > 0, "edges were ranked, and not by steering's own process"
    asyncio.run(the_api_has_neither_licensing_nor_steering(deployment))


def calls_answered(deployment: Deployment, at: int) -> int:
    """How often others have asked that process something, and were answered."""
    figures = httpx.get(f"http://127.0.0.1:{deployment.port + at}/metrics", timeout=ALARM_S).text
    told = r'^vitascope_requests_total{.*route="/wire/.*status="200"} (\d+)'
    found = re.findall(told, figures, re.MULTILINE)
    return sum(map(int, found))


async def the_api_has_neither_licensing_nor_steering(deployment: Deployment) -> None:
    """So it asked the others."""
    secret = await FileSecrets(folder=deployment.data / "secrets").get("wire")
    line = Line(f"http://127.0.0.1:{deployment.port - 1}")
    try:
        with pytest.raises(NotFound, match=r"licensing\.key_ids is not served here"):
            await dial(Licensing, line, secret, caller="playback").key_ids(AssetId("ast"))
        with pytest.raises(NotFound, match=r"steering\.edges is not served here"):
            await dial(Steering, line, secret, caller="gateway").edges()
    finally:
        await line.close()
