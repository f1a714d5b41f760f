"""A service in this process, on a port, with an account of each role and a group of handlers of its
own, for tests of what operators see."""

import asyncio
import importlib
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

# An import within the loop would block it.
import vitascope.engines.cache.memory
import vitascope.engines.leases.rows
import vitascope.engines.notices.sockets
import vitascope.engines.rows.sqlite
import vitascope.engines.text.sqlite
import vitascope.engines.work.dbos  # noqa: F401
from tests.ports import free_port
from vitascope import settings as service_settings
from vitascope.assembly.domains import PARTS, parts_of
from vitascope.assembly.process import Process
from vitascope.gateway.app import serve
from vitascope.identity import AccountOpened, DeviceDraft, DeviceKind
from vitascope.kernel.country import Country
from vitascope.kernel.events import Envelope, Event
from vitascope.kernel.viewer import Role
from vitascope.roles import public_application

for part in PARTS:
    importlib.import_module(f"vitascope.assembly.providers.{part}")

PASSWORD = "a long enough password"
EMAIL = {role: f"{role.value}@example.com" for role in Role}


class Letters:
    """A group that refuses what it hears until it is mended."""

    def __init__(self) -> None:
        self.mended = False
        self.heard: list[str] = []

    async def __call__(self, event: Event, envelope: Envelope) -> None:
        if not self.mended:
            raise ValueError("the printer is out of paper")
        self.heard.append(envelope.key)


class Deployment:
    """A service in this process, on a port, with a group of its own."""

    def __init__(self, url: str, process: Process, letters: Letters) -> None:
        self.url = url
        self.process = process
        self.letters = letters

    async def drain(self) -> None:
        async with asyncio.timeout(120):
            await (await self.process.engines.bus()).drain()

    async def vita(self, *words: str) -> tuple[int, str, str]:
        """Exit status, stdout and stderr of `vitascope events ...` as the operator."""
        who = ["--server", self.url, "--email", EMAIL[Role.OPERATOR], "--password", PASSWORD]
        command = [sys.executable, "-m", "vitascope", "events", *words, *who]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe)
        out, error = await process.communicate()
        return process.returncode or 0, out.decode(), error.decode()


_NEW: dict[str, bytes] = {}
"""The databases of a first start. Their migrations run once in a process, not for every test."""


async def put_new_databases(data: Path) -> None:
    if not _NEW:
        with tempfile.TemporaryDirectory() as folder:
            settings = service_settings.load(None, {}, data=folder)
            async with AsyncExitStack() as stack:
                await Process(settings, parts_of({"api"}, settings), stack).open()
            _NEW.update(
                {file.name: file.read_bytes() for file in Path(folder, "rows").glob("*.db")}
            )
    (data / "rows").mkdir()
    for name, content in _NEW.items():
        (data / "rows" / name).write_bytes(content)


@pytest.fixture
async def deployment(data: Path) -> AsyncIterator[Deployment]:
    await put_new_databases(data)
    settings = service_settings.load(None, {}, data=str(data))
    letters, port, stop = Letters(), free_port(), asyncio.Event()
    async with AsyncExitStack() as stack:
        process = Process(settings, parts_of({"api"}, settings), stack)
        bus = await process.engines.bus()
        bus.subscribe("letters", [AccountOpened], letters, attempts=1)
        await process.open()
        gateway = await public_application(process)
        serving = asyncio.create_task(serve(gateway, host="127.0.0.1", port=port, stop=stop))
        running = asyncio.create_task(bus.run())
        identity = await process.identity()
        for role in Role:
            device = DeviceDraft(name="Test", kind=DeviceKind.PROBE)
            await identity.sign_up(
                EMAIL[role], PASSWORD, role.value, device, role=role, country=Country("DE")
            )
        await until_open(port)
        yield Deployment(f"http://127.0.0.1:{port}", process, letters)
        stop.set()
        running.cancel()
        await asyncio.gather(serving, running, return_exceptions=True)


async def until_open(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return


@asynccontextmanager
async def signed_in(deployment: Deployment, role: Role) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=deployment.url, timeout=120) as http:
        device = {"name": "Test", "kind": "probe"}
        who = {"email": EMAIL[role], "password": PASSWORD, "device": device}
        answer = await http.post("/api/sign-in", json=who)
        token = answer.raise_for_status().json()["tokens"]["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield http
