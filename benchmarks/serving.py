"""Requests per second of the API: home (warm), progress (durable) and play, against an empty route.

    python -m benchmarks.serving [--clients N] [--seconds S]

A closed loop: so many viewers, each with an account, a session and a connection of its own, ask
again as soon as they are answered. They live in this process, the service in its own. The
reference is `/healthz` of the same server in the same run, asked first and last. Play goes from
film to film as with a next episode: it gives a session's place on to a new session, with manifest,
licence token and ranked edges. Progress is answered after the commit that holds it.

Clients and service share the machine, so the rates hold for both together; the service's own
processor time for a request says what it alone costs. Rate limits are off, no worker runs.
"""

import argparse
import asyncio
import itertools
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from benchmarks.start import first_film, load, running, tree_cpu_s

UNLIMITED = {
    "VITASCOPE_GATEWAY__ADDRESS_PER_SECOND": "0",
    "VITASCOPE_GATEWAY__ACCOUNT_PER_SECOND": "0",
    "VITASCOPE_GATEWAY__SIGN_UP_PER_SECOND": "0",
}
MOST_REQUESTS = 20_000  # of one figure
LONGEST_S = 60.0

Ask = Callable[[], Awaitable[None]]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    per_s: float
    p50_ms: float
    p99_ms: float
    cpu_ms: float  # of the service, for one request


class Viewer:
    """One account on one connection, with a film before it."""

    def __init__(self, http: aiohttp.ClientSession, content_id: str) -> None:
        self._http = http
        self._content_id = content_id
        self._session_id: str | None = None
        self._sequence = itertools.count(1)

    async def empty(self) -> None:
        await ask(self._http, "GET", "/healthz")

    async def home(self) -> None:
        await ask(self._http, "GET", "/api/homepage")

    async def play(self) -> None:
        wish = {"content_id": self._content_id, "session_id": self._session_id}
        self._session_id = (await ask(self._http, "POST", "/api/play", wish))["session_id"]
        self._sequence = itertools.count(1)

    async def progress(self) -> None:
        n = next(self._sequence)
        beat = {"session_id": self._session_id, "sequence": n, "position_ms": n}
        answer = await ask(self._http, "POST", "/api/progress", beat)
        assert "progress" not in answer.get("degraded", ()), "it was not kept"


async def ask(http: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> Any:
    async with http.request(method, path, json=body) as answer:
        content = await answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return msgspec.json.decode(content) if content else None


PATIENCE_S = 60.0


async def whole(http: aiohttp.ClientSession, path: str, *, has: str = "") -> Any:
    """Returns a page when nothing was left out of it, and `has` is not empty: a service that has
    just begun, or learned, may leave out what is not ready yet. Raises `RuntimeError` that names
    what is missing when that takes too long."""
    until = time.monotonic() + PATIENCE_S
    while True:
        page = await ask(http, "GET", path)
        missing = [*page.get("degraded", ()), *([has] if has and not page.get(has) else [])]
        if not missing:
            return page
        if time.monotonic() > until:
            raise RuntimeError(f"GET {path}: still without {', '.join(missing)}")
        await asyncio.sleep(0.5)


async def viewer(url: str, number: int) -> tuple[aiohttp.ClientSession, Viewer]:
    """A new account with the largest plan, its profile chosen. The session is to be closed."""
    http = aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=1))
    form = {"email": f"bench{number}@vitascope.example", "name": "B", "password": "bench-12345"}
    device = {"name": "Benchmark", "kind": "probe"}
    _carry(http, await ask(http, "POST", "/api/sign-up", {**form, "device": device}))
    plans = await ask(http, "GET", "/api/plans")
    best = max(plans, key=lambda plan: plan["streams"])
    await ask(http, "PUT", "/api/subscription", {"plan_id": best["id"]})
    profile = (await ask(http, "GET", "/api/profiles"))[0]["id"]
    _carry(http, await ask(http, "POST", f"/api/profiles/{profile}/choose", {"pin": None}))
    return http, Viewer(http, first_film())


def _carry(http: aiohttp.ClientSession, signed_in: Any) -> None:
    http.headers["Authorization"] = f"Bearer {signed_in['tokens']['access_token']}"


async def rate(asks: list[Ask], seconds: float, pid: int) -> Figure:
    """All of `asks` again and again, each as soon as it was answered."""
    taken: list[float] = []
    cpu, began = tree_cpu_s(pid), time.perf_counter()
    until = began + min(seconds, LONGEST_S)

    async def client(each: Ask) -> None:
        while (asked := time.perf_counter()) < until and len(taken) < MOST_REQUESTS:
            await each()
            taken.append((time.perf_counter() - asked) * 1000)

    await asyncio.gather(*(client(each) for each in asks))
    wall, spent = time.perf_counter() - began, tree_cpu_s(pid) - cpu
    taken.sort()
    return Figure(
        per_s=len(taken) / wall,
        p50_ms=taken[len(taken) // 2],
        p99_ms=taken[int(len(taken) * 0.99)],
        cpu_ms=spent / len(taken) * 1000,
    )


async def figures(url: str, pid: int, clients: int, seconds: float) -> dict[str, Figure]:
    made = [await viewer(url, number) for number in range(clients)]
    viewers = [each for _, each in made]
    try:
        for each in viewers:  # warm, and a session for everyone's progress
            await each.home()
            await each.play()
            await each.progress()
        return {
            "empty route": await rate([v.empty for v in viewers], seconds, pid),
            "home (warm)": await rate([v.home for v in viewers], seconds, pid),
            "progress (durable)": await rate([v.progress for v in viewers], seconds, pid),
            "play": await rate([v.play for v in viewers], seconds, pid),
            "empty route again": await rate([v.empty for v in viewers], seconds, pid),
        }
    finally:
        for http, _ in made:
            await http.close()


def tell(found: dict[str, Figure]) -> None:
    empty = [found["empty route"], found["empty route again"]]
    per_s = sum(each.per_s for each in empty) / 2
    cpu_ms = sum(each.cpu_ms for each in empty) / 2
    for name, each in found.items():
        print(
            f"{name:18} {each.per_s:6.0f} /s   p50 {each.p50_ms:5.1f}, p99 {each.p99_ms:5.1f} ms"
            f"   {each.cpu_ms:5.2f} CPU-ms   {each.per_s / per_s:4.2f} of the empty route's rate,"
            f" {each.cpu_ms / cpu_ms:4.1f} x its CPU"
        )


def main(clients: int, seconds: float) -> None:
    print(f"{clients} clients, {load()} at the start")
    with tempfile.TemporaryDirectory(prefix="vitascope-bench-") as name:
        data = Path(name) / "data"
        with running(data):
            pass  # until the demo's film can be played; without workers nothing else is encoded
        with running(data, "--no-demo", **UNLIMITED, VITASCOPE_SERVICE__WORKERS="0") as service:
            url = service.url.replace("localhost", "127.0.0.1")
            tell(asyncio.run(figures(url, service.process.pid, clients, seconds)))
    print(f"{load()} at the end")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--clients", type=int, default=16)
    asked.add_argument("--seconds", type=float, default=6.0, help="for each figure")
    given = asked.parse_args()
    main(min(given.clients, 64), given.seconds)
