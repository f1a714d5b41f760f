"""Running roles until told to stop: the parts of a process, and its listeners."""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from vitascope.assembly.adapters import ADAPTERS, Adapters, check_extras
from vitascope.assembly.domains import parts_of
from vitascope.assembly.offer import Task
from vitascope.assembly.process import Process, Provider
from vitascope.engines import memory, trace
from vitascope.engines.open_files import raise_open_files
from vitascope.engines.tls import CertificateFiles, files_of
from vitascope.operations.folder import keep_to_this_user, open_folder
from vitascope.operations.processes import follow_supervisor, say_ready
from vitascope.roles.applications import inner_application, public_application
from vitascope.settings import Settings

if TYPE_CHECKING:
    from vitascope.gateway.middleware import RequestMiddleware

_TELL_S = 2.0
_log = trace.get_log("roles")


async def run_roles(
    settings: Settings,
    roles: frozenset[str],
    *,
    name: str | None = None,
    adapters: Adapters = ADAPTERS,
    providers: Mapping[str, Provider] | None = None,
) -> None:
    """Run `roles` until SIGTERM, Ctrl-C, or the end of the supervisor.

    `name` tells this worker or edge from the others. `adapters` and `providers` are those of
    `Process`. Raises `Invalid` for roles that do not go together, and the refusals of
    `operations.folder`.
    """
    allocator = await asyncio.to_thread(memory.thrifty)
    stop = asyncio.Event()
    follow_supervisor(stop)
    keep_to_this_user()
    _configure_logs(settings, roles)
    raise_open_files()
    check_extras(settings)
    data = Path(settings.service.data)
    await asyncio.to_thread(open_folder, data)
    named = name or _name_of(roles, settings)
    async with AsyncExitStack() as stack:
        shown_as = named if roles <= {"edge", "worker"} else "+".join(sorted(roles))
        kept = trace.errors_kept_in(data / "logs", shown_as)
        await asyncio.to_thread(stack.enter_context, kept)
        process = Process(
            settings,
            parts_of(roles, settings),
            stack,
            name=named,
            adapters=adapters,
            providers=providers,
        )
        await process.open()
        tasks = [*process.tasks]
        if allocator is not None:
            tasks.append(partial(memory.give_back, allocator, process.engines.clock))
        leaving = [task for offer in process.offers.values() for task in offer.leaving]
        await _until(stop, tasks, _listeners(process, stop), leaving)


def _configure_logs(settings: Settings, roles: frozenset[str]) -> None:
    service = settings.service
    trace.configure(
        level=service.log_level,
        format=service.log_format,
        role="+".join(sorted(roles)),
        otlp_endpoint=service.otlp_endpoint,
    )


def _name_of(roles: frozenset[str], settings: Settings) -> str:
    if roles == {"edge"}:
        return settings.service.edges[0]
    return settings.service.worker_id or f"worker-{socket.gethostname()}"


async def _until(
    stop: asyncio.Event,
    tasks: Sequence[Task],
    listeners: Sequence[Task],
    leaving: Sequence[Task],
) -> None:
    """Run everything until `stop`. Then tell others (`leaving`), and let `listeners`, which end by
    themselves, answer what they have, before the rest ends: what they answer may need it. What
    raises ends the process in the same way, and the supervisor renews it."""
    listening = [asyncio.create_task(each()) for each in listeners]
    running = [*listening, *(asyncio.create_task(each()) for each in tasks)]
    stopped = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([*running, stopped], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await _tell(leaving)
        await asyncio.gather(*listening, return_exceptions=True)
        for task in done - {stopped}:
            task.result()
    finally:
        for task in [*running, stopped]:
            task.cancel()
        await asyncio.gather(*running, stopped, return_exceptions=True)


async def _tell(leaving: Sequence[Task]) -> None:
    """Whoever can't be told finds out by itself."""
    try:
        async with asyncio.timeout(_TELL_S):
            await asyncio.gather(*(each() for each in leaving), return_exceptions=True)
    except TimeoutError:
        _log.warning("left_without_telling_all")


def _listeners(process: Process, stop: asyncio.Event) -> list[Task]:
    """Returns what opens the ports of the process, and tells the supervisor when they are open."""
    if any(offer.own_listener for offer in process.offers.values()):
        return []
    if not process.answers:
        say_ready()
        return []
    return [lambda: _listen(process, stop)]


async def _listen(process: Process, stop: asyncio.Event) -> None:
    """Serve HTTP until `stop`, and on until all that came is answered; tell the supervisor when the
    ports are open."""
    from vitascope.gateway.app import serve

    service, drain_s = process.settings.service, process.settings.gateway.drain_s
    plain: CertificateFiles | None = None
    inner, closing = await inner_application(process), asyncio.Event()
    listeners = [(inner, *process.inner_address, plain)]
    if "gateway" in process.parts:
        public, tls = await public_application(process), process.settings.tls
        listeners.append((public, service.host, service.port, plain))
        if tls.port:
            files = await asyncio.to_thread(files_of, tls, Path(service.data))
            listeners.append((public, service.host, tls.port, files))
    serving = [
        asyncio.create_task(
            serve(application, host=host, port=port, stop=closing, drain_s=drain_s, tls=files)
        )
        for application, host, port, files in listeners
    ]
    beside: list[asyncio.Task[None]] = []
    try:
        for task, (_, host, port, _) in zip(serving, listeners, strict=True):
            await _until_open(host, port, task)
        beside = [asyncio.create_task(each()) for each in await process.registration(stop)]
        beside.append(asyncio.create_task(_announce(process, inner, stop, closing)))
        with memory.short_looks():
            say_ready()
            await asyncio.shield(asyncio.gather(*serving))
    finally:
        closing.set()
        await asyncio.gather(*serving, return_exceptions=True)
        for task in beside:  # it is taken out of the list when there is nobody to be asked
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def _announce(
    process: Process, inner: "RequestMiddleware", stop: asyncio.Event, closing: asyncio.Event
) -> None:
    """Once told to stop, say so to whoever asks, and after a while begin to close the ports. People
    are answered on the public port until then: what sends them here hears at `/readyz`."""
    await stop.wait()
    inner.draining.set()
    await process.engines.clock.sleep(process.linger_s)
    closing.set()


async def _until_open(host: str, port: int, serving: "asyncio.Task[None]") -> None:
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return
