"""G2 G3: every part in a process of its own, two of each, and one of each pair is killed while home
pages are asked for and a film plays: nothing fails that has a second instance."""

import asyncio
import base64
import json
import os
import random
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests import forked
from tests.journeys import one_part
from tests.journeys.conftest import QUICK, ROOT
from tests.ports import free_ports
from vitascope.assembly.domains import PARTS as EVERY
from vitascope.operations.manifest import read_manifest

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

SAMPLE = ROOT / "tests" / "samples" / "whole-0.1.0.tar.xz"
PARTS = tuple(part for part in EVERY if part not in ("worker", "edge"))
EDGES = ("edge-a", "edge-b")


class Apart:
    """The whole service, a process for each part and instance."""

    def __init__(self, folder: Path, first: int) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.killed: list[tuple[str, int]] = []
        self.running: dict[tuple[str, int], BaseProcess] = {}
        self._context = forked.context()
        self._first = first
        self._ends: list[Connection] = []

    def port(self, part: str, instance: int) -> int:
        return self._first + 2 * [*PARTS, *EDGES].index(part) + instance

    def inner_port(self, part: str, instance: int) -> int:
        """A gateway's is behind all others: the port before it is somebody else's."""
        if part != "gateway":
            return self.port(part, instance)
        return self._first + 2 * (len(PARTS) + len(EDGES)) + instance

    def url(self, part: str, instance: int) -> str:
        return f"http://127.0.0.1:{self.port(part, instance)}"

    def environment(self, part: str, instance: int) -> dict[str, str]:
        addresses = {name: [self.url(name, at) for at in (0, 1)] for name in PARTS}
        return {
            **QUICK,
            "VITASCOPE_STEERING__SETTLE_S": "1",
            "VITASCOPE_SERVICE__DATA": str(self.data),
            "VITASCOPE_SERVICE__INNER_PORT": str(self.inner_port(part, instance)),
            "VITASCOPE_DISCOVERY__ADDRESSES": json.dumps(addresses),
            "VITASCOPE_PLAYBACK__FALLBACK_EDGES": "",
        }

    def start(self, part: str, instance: int, *, role: str = "") -> Connection:
        """The connection that can be read when it serves."""
        ready, said = self._context.Pipe(duplex=False)
        lifeline, ours = self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=one_part.run,
            args=(
                role or part,
                part,
                self.port(part, instance),
                self.environment(part, instance),
                said,
                lifeline,
                str(self.log(part, instance)),
            ),
        )
        process.start()
        said.close()
        lifeline.close()
        self._ends += [ours, ready]
        self.running[part, instance] = process
        return ready

    def log(self, part: str, instance: int) -> Path:
        return self.folder / f"{part}-{instance}.log"

    def until_ready(self, waiting: dict[Connection, tuple[str, int]]) -> None:
        end = time.monotonic() + 400
        while waiting:
            for ready in wait(list(waiting), timeout=1):
                assert isinstance(ready, Connection)
                part = waiting.pop(ready)
                assert os.read(ready.fileno(), 1), f"{part} ended:\n{self.tail(*part)}"
            if time.monotonic() > end:
                pytest.fail(str({part: self.tail(*part) for part in waiting.values()}))

    def tail(self, part: str, instance: int) -> str:
        log = self.log(part, instance)
        return log.read_text()[-2000:] if log.exists() else "(it has said nothing)"

    def kill(self, part: str, instance: int) -> None:
        self.killed.append((part, instance))
        self.running[part, instance].kill()
        self.running[part, instance].join()

    def close(self) -> None:
        for process in self.running.values():
            process.kill()
        for process in self.running.values():
            process.join()
        for end in self._ends:
            end.close()


@contextmanager
def apart(folder: Path) -> Iterator[Apart]:
    with tarfile.open(SAMPLE) as packed:
        packed.extractall(folder, filter="data")
    service = Apart(folder, free_ports(2 * (len(PARTS) + len(EDGES)) + 2))
    with ExitStack() as stack:
        stack.callback(service.close)
        # One of each first: they bring the older folder's tables up to date.
        for instance in (0, 1):
            service.until_ready({service.start(part, instance): (part, instance) for part in PARTS})
        edges = {service.start(edge, 0, role="edge"): (edge, 0) for edge in EDGES}
        service.until_ready(edges)
        yield service


class Viewer:
    """Somebody with an app: it asks the other gateway when one cannot be reached, as behind any
    load balancer, and takes no answer of the service for granted."""

    def __init__(self, service: Apart) -> None:
        self.service = service
        self.done = Counter[str]()
        self.failures: list[str] = []
        self._at = 0
        self._http = httpx.AsyncClient(timeout=120, transport=AsBrowsersDo())

    async def ask(self, method: str, path: str, **given: Any) -> httpx.Response:
        failed = ""
        for _ in range(4):
            url = path if path.startswith("http") else self.service.url("gateway", self._at) + path
            try:
                answer = await self._http.request(method, url, **given)
            except httpx.TransportError as error:
                failed = f"{method} {url}: {type(error).__name__}"
                self._at = 1 - self._at
            else:
                if not answer.is_success:
                    self.failures.append(f"{method} {path}: {answer.status_code} {answer.text}")
                return answer
        self.failures.append(failed)
        raise AssertionError(failed)

    async def sign_in(self) -> None:
        body = {
            "email": "viewer@sample.example",
            "password": "a long sentence",
            "device": {"name": "Journey", "kind": "probe"},
        }
        tokens = (await self.ask("POST", "/api/sign-in", json=body)).json()["tokens"]
        self._http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        profiles = (await self.ask("GET", "/api/profiles")).json()
        chosen = await self.ask(
            "POST", f"/api/profiles/{profiles[0]['id']}/choose", json={"pin": None}
        )
        access = chosen.json()["tokens"]["access_token"]
        self._http.headers["Authorization"] = f"Bearer {access}"

    async def browse(self) -> None:
        """Home, a search, my list, and the film's page."""
        home = (await self.ask("GET", "/api/homepage")).json()
        found = (await self.ask("GET", "/api/search", params={"q": "film"})).json()
        listed = (await self.ask("GET", "/api/my-list")).json()
        page = (await self.ask("GET", f"/api/titles/{await self.film()}")).json()
        for what, answer in (("home", home), ("search", found), ("page", page)):
            if answer["degraded"]:
                self.failures.append(f"{what} does without {answer['degraded']}")
        assert listed["cards"], "the list is empty"
        self.done["browsed"] += 1

    async def film(self) -> str:
        (watched, *_) = (await self.ask("GET", "/api/history")).json()["items"]
        film: str = watched["card"]["id"]
        return film

    async def watch(self) -> None:
        """Press play, take manifest and licence, bytes from an edge, heartbeats, and stop."""
        play = (await self.ask("POST", "/api/play", json={"content_id": await self.film()})).json()
        if play["degraded"]:
            self.failures.append(f"play does without {play['degraded']}")
        manifest = await self.ask("GET", play["manifests"]["dash"])
        streams = read_manifest(manifest.text, self.service.url("gateway", self._at))
        smallest = min((s for s in streams if s.kind == "video"), key=lambda s: s.bandwidth)
        kid = base64.urlsafe_b64encode(bytes.fromhex(smallest.key_id or "")).rstrip(b"=").decode()
        licence = await self.ask(
            "POST",
            play["licence"]["clear_key_url"],
            json={"kids": [kid], "type": "temporary"},
            headers={"X-Licence-Token": play["licence"]["token"]},
        )
        assert licence.json()["keys"][0]["k"]
        for sequence, start in enumerate(range(0, 20_000, 5_000), 1):
            await self._bytes_of(smallest.urls, start)
            beat = {
                "session_id": play["session_id"],
                "sequence": sequence,
                "position_ms": 100 * sequence,
                "state": "playing",
            }
            answer = (await self.ask("POST", "/api/progress", json=beat)).json()
            if answer.get("degraded"):
                self.failures.append(f"a heartbeat does without {answer['degraded']}")
        await self.ask("POST", f"/api/play/{play['session_id']}/stop")
        self.done["watched"] += 1

    async def _bytes_of(self, urls: tuple[str, ...], start: int) -> None:
        """From the first edge that answers, as a player does."""
        said = ""
        for url in urls:
            try:
                headers = {"Range": f"bytes={start}-{start + 999}"}
                answer = await self._http.get(url, headers=headers)
            except httpx.TransportError as error:
                said = type(error).__name__
                continue
            if answer.status_code == 206 and len(answer.content) == 1000:
                return
            said = f"{answer.status_code} {answer.text[:200]}"
        self.failures.append(f"no edge of {len(urls)} served {start}: {said}")

    async def close(self) -> None:
        await self._http.aclose()


class AsBrowsersDo(httpx.AsyncHTTPTransport):
    """Every name under `.localhost` is this machine (RFC 6761), whatever the resolver says."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host.endswith(".localhost"):
            request.url = request.url.copy_with(host="127.0.0.1")  # the Host header stays
        return await super().handle_async_request(request)


async def through_all_kills(service: Apart) -> tuple[Viewer, Viewer]:
    """One looks about and one watches, again and again, while one of each pair is killed: each time
    both have gone on since the last kill."""
    browsing, watching = Viewer(service), Viewer(service)
    over = asyncio.Event()

    async def again(viewer: Viewer, what: str) -> None:
        while not over.is_set():
            await (viewer.browse() if what == "browsed" else viewer.watch())

    for viewer in (browsing, watching):
        await viewer.sign_in()
    tasks = [
        asyncio.create_task(again(browsing, "browsed")),
        asyncio.create_task(again(watching, "watched")),
    ]

    async def go_on() -> None:
        """Both come through once more, from the beginning."""
        browsed, watched = browsing.done["browsed"] + 2, watching.done["watched"] + 2
        while browsing.done["browsed"] < browsed or watching.done["watched"] < watched:
            ended, _ = await asyncio.wait(tasks, timeout=0.05)
            for task in ended:
                task.result()

    try:
        await go_on()
        victims = random.sample(PARTS, len(PARTS))
        for part in victims:
            await asyncio.to_thread(service.kill, part, random.choice((0, 1)))
            await asyncio.sleep(random.uniform(0.0, 0.3))
        service.kill(random.choice(EDGES), 0)
        await go_on()
    finally:
        over.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        await browsing.close()
        await watching.close()
    return browsing, watching


def test_nothing_fails_that_has_a_second_instance(tmp_path: Path) -> None:
    with apart(tmp_path) as service:
        browsing, watching = asyncio.run(through_all_kills(service))
        ended = [name for name, process in service.running.items() if not process.is_alive()]
    assert sorted(ended) == sorted(service.killed)
    assert len(ended) == len(PARTS) + 1
    assert not browsing.failures + watching.failures
    told = msgspec.json.encode([browsing.done, watching.done]).decode()
    print(f"{len(ended)} of {len(service.running)} processes were killed; {told}")  # noqa: T201
