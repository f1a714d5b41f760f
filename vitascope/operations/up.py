"""One command, a whole service: what `vitascope up` does, in a straight line.

The supervisor starts an `api` process (gateway, all domains, licensing, steering), the workers and
the edges; brings in the demo; and says `ready` when a film can be
played.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Protocol

from vitascope.kernel.errors import VitascopeError
from vitascope.operations.folder import check_ports, hold, keep_to_this_user, open_folder
from vitascope.operations.processes import Child, Supervisor, follow_supervisor

SignIns = list[tuple[str, str, str]]  # who, email, password
Step = Callable[[str, float, float], None]
Rest = Callable[[], Coroutine[Any, Any, None]]
Seed = Callable[[str, Step], Awaitable[tuple[SignIns, Rest]]]


class Display(Protocol):
    """Where long work shows how far it is. On stderr: stdout has one line, `ready`."""

    def step(self, name: str, done: float, total: float, detail: str = "") -> None:
        """Show a bar named `name`, made when it is new; `done == total` completes it."""
        ...

    def say(self, sentence: str) -> None: ...


Meanwhile = Callable[[Display], Coroutine[Any, Any, None]]


async def nothing(_: Display) -> None:
    """Do nothing: in an installed package nothing is left to build."""


async def up(
    *,
    data: Path,
    host: str,
    port: int,
    inner: tuple[str, int],
    workers: int,
    edges: tuple[str, ...],
    options: tuple[str, ...],
    fit: Callable[[], Awaitable[None]],
    seed: Seed | None,
    meanwhile: Meanwhile,
    display: Display,
    ready: Callable[[str, SignIns], None],
    tls_port: int = 0,
) -> None:
    """Run until SIGTERM or Ctrl-C. `options` are given on to every process. `fit` raises when this
    machine cannot do the work. `seed` brings in the demo, given the service's URL; it answers with
    the sign-ins and what may follow after `ready`. `meanwhile` is done while the service starts,
    and before `ready`.

    Raises what `fit` and `meanwhile` do, the refusals of `operations.folder`, and `ChildFailed`.
    """
    stop = asyncio.Event()
    follow_supervisor(stop)
    keep_to_this_user()
    open_folder(data)
    with contextlib.closing(hold(data)):
        check_ports(host, port, 1 + len(edges))
        if tls_port:
            check_ports(host, tls_port, 1 + len(edges))
        check_ports(*inner, 1)
        await fit()
        supervisor = Supervisor()
        work = asyncio.create_task(
            _start(
                supervisor,
                _children(data, port, tls_port, workers, edges, options),
                port,
                seed,
                meanwhile,
                display,
                ready,
            )
        )
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
                await stopped
        finally:
            work.cancel()
            stopped.cancel()
            await supervisor.stop()


async def _start(
    supervisor: Supervisor,
    children: Sequence[Child],
    port: int,
    seed: Seed | None,
    meanwhile: Meanwhile,
    display: Display,
    ready: Callable[[str, SignIns], None],
) -> None:
    besides = asyncio.create_task(meanwhile(display))
    for child in children:
        await supervisor.start(child)
    display.step("Starting the service", 0, 1)
    await supervisor.until_ready()
    display.step("Starting the service", 1, 1)
    url = f"http://localhost:{port}"
    if seed is None:
        await besides
        ready(url, [])
        return
    sign_ins, rest = await seed(f"http://127.0.0.1:{port}", display.step)
    await besides
    ready(url, sign_ins)
    try:
        await rest()
    except VitascopeError as error:  # the demo must not stop the service
        display.say(f"The demo is not whole yet; what is missing comes at the next start. {error}")


def _children(
    data: Path,
    port: int,
    tls_port: int,
    workers: int,
    edges: tuple[str, ...],
    options: tuple[str, ...],
) -> list[Child]:
    logs = data / "logs"
    logs.mkdir(exist_ok=True)

    def child(name: str, *arguments: str) -> Child:
        return Child(name, [*options, "run", *arguments], logs / f"{name}.log")

    def edge(name: str, place: int) -> Child:
        ports = ["--port", str(port + place)]
        ports += ["--tls-port", str(tls_port + place)] if tls_port else []
        return child(name, "edge", "--name", name, *ports)

    return [
        child("api", "api", "licensing", "steering"),
        *(child(f"worker-{n}", "worker", "--name", f"worker-{n}") for n in range(1, workers + 1)),
        *(edge(name, place) for place, name in enumerate(edges, 1)),
    ]
