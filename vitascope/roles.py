"""Running roles: what a process does from its settings until it is told to stop.

`up` starts several such processes on one machine; `run` is one of them. What only one kind of
process needs is imported when it becomes one.
"""

import asyncio
import gc
import json
import os
import socket
import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vitascope import settings as service_settings
from vitascope.assembly.adapters import ADAPTERS, Adapters, check_extras, media_tools
from vitascope.assembly.domains import may, pairs_of, parts_of
from vitascope.assembly.offer import Task
from vitascope.assembly.process import Process, Provider, key_name
from vitascope.billing import Billing
from vitascope.catalog import TitleRecords
from vitascope.engines import trace, wire
from vitascope.identity import Account, DeviceDraft, DeviceKind, Identity
from vitascope.kernel.country import Country
from vitascope.kernel.errors import Unavailable
from vitascope.kernel.viewer import Role
from vitascope.operations import shipped
from vitascope.operations.folder import STAMP, open_folder
from vitascope.operations.processes import follow_supervisor, say_ready
from vitascope.operations.up import Rest, Seed, SignIns, Step
from vitascope.settings import DiscoverySettings, Settings, inner_address
from vitascope.viewing import Viewing

if TYPE_CHECKING:
    from vitascope.gateway.middleware import RequestMiddleware


class NoDataFolder(Unavailable):
    code = "no-data-folder"


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
    stop = asyncio.Event()
    follow_supervisor(stop)
    _configure_logs(settings, roles)
    check_extras(settings)
    await asyncio.to_thread(open_folder, Path(settings.service.data))
    async with AsyncExitStack() as stack:
        process = Process(
            settings,
            parts_of(roles, settings),
            stack,
            name=name or _name_of(roles, settings),
            adapters=adapters,
            providers=providers,
        )
        await process.open()
        await _until(stop, [*process.tasks, *_listeners(process, stop)])


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


async def _until(stop: asyncio.Event, tasks: Sequence[Task]) -> None:
    """Run everything until `stop`; what raises ends the process, and the supervisor renews it."""
    running = [asyncio.create_task(each()) for each in tasks]
    stopped = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([*running, stopped], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopped}:
            task.result()
    finally:
        for task in [*running, stopped]:
            task.cancel()
        await asyncio.gather(*running, stopped, return_exceptions=True)


def _listeners(process: Process, stop: asyncio.Event) -> list[Task]:
    """Returns what opens the ports of the process, and tells the supervisor when they are open."""
    if any(offer.own_listener for offer in process.offers.values()):
        return []
    if not process.answers:
        say_ready()
        return []
    return [lambda: _listen(process, stop)]


async def _listen(process: Process, stop: asyncio.Event) -> None:
    """Serve HTTP until `stop`; tell the supervisor when the ports are open."""
    from vitascope.gateway.app import serve

    service, drain_s = process.settings.service, process.settings.gateway.drain_s
    listeners = [(await inner_application(process), *process.inner_address)]
    if "gateway" in process.parts:
        listeners.append((await public_application(process), service.host, service.port))
    serving = [
        asyncio.create_task(serve(application, host=host, port=port, stop=stop, drain_s=drain_s))
        for application, host, port in listeners
    ]
    found: list[asyncio.Task[None]] = []
    try:
        for task, (_, host, port) in zip(serving, listeners, strict=True):
            await _until_open(host, port, task)
        found = [asyncio.create_task(each()) for each in await process.registration()]
        _leave_what_is_loaded_to_itself()
        say_ready()
        await asyncio.shield(asyncio.gather(*serving))
    finally:
        for task in found:  # nobody is sent here any more, and then what is here is answered
            task.cancel()
        await asyncio.gather(*found, return_exceptions=True)
        stop.set()
        await asyncio.gather(*serving, return_exceptions=True)


async def inner_application(process: Process) -> "RequestMiddleware":
    """Returns what answers other processes, edges and monitoring: the wire, the origin, figures."""
    from vitascope.gateway.app import build

    listeners: list[RequestMiddleware] = []
    served = wire.wire_router(
        *process.served,
        secret=await process.wire_keys(),
        clock=process.engines.clock,
        may=may,
        is_draining=lambda: listeners[0].draining.is_set(),
    )
    inner = [router for offer in process.offers.values() for router in offer.inner_routers]
    listeners.append(
        build(
            [*inner, served],
            settings=process.settings.gateway,
            metrics=process.engines.metrics,
            clock=process.engines.clock,
            checks=process.engines.checks,
        )
    )
    return listeners[0]


async def public_application(process: Process) -> "RequestMiddleware":
    """Returns what answers people: the routes of every domain, and the web app."""
    from vitascope.gateway.app import build

    settings = process.settings
    return build(
        [router for offer in process.offers.values() for router in offer.routers],
        identity=await process.identity(),
        settings=settings.gateway,
        metrics=process.engines.metrics,
        clock=process.engines.clock,
        public=True,
        web=await asyncio.to_thread(shipped.web_app),
        secure=settings.service.public_url.startswith("https:"),
    )


def _leave_what_is_loaded_to_itself() -> None:
    """Keep modules, settings and all else that lives as long as the process out of the garbage
    collector's view. A full collection that goes through them holds the event loop for 60 ms and
    more; it finds nothing there."""
    gc.collect()
    gc.freeze()


async def _until_open(host: str, port: int, serving: "asyncio.Task[None]") -> None:
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.02)
        else:
            writer.close()
            return


def tell_children(settings: Settings, data: Path) -> None:
    """Say in the environment what the processes that `up` starts must know."""
    service = settings.service
    os.environ["VITASCOPE_SERVICE__DATA"] = str(data)
    os.environ["VITASCOPE_SERVICE__PORT"] = str(service.port)
    if not settings.playback.fallback_edges:
        named = enumerate(service.edges, 1)
        edges = ",".join(f"http://{name}.localhost:{service.port + n}" for n, name in named)
        os.environ["VITASCOPE_PLAYBACK__FALLBACK_EDGES"] = edges
    os.environ["VITASCOPE_WIRE__API"] = at_home(settings).wire.api


def at_home(settings: Settings) -> Settings:
    """Returns `settings`, in which the rest of the service is on this machine unless they say
    otherwise."""
    if settings.wire.api or settings.discovery != DiscoverySettings():
        return settings
    host, port = inner_address(settings)
    home = msgspec.structs.replace(settings.wire, api=f"http://{_reachable(host)}:{port}")
    return msgspec.structs.replace(settings, wire=home)


def _reachable(host: str) -> str:
    """Returns an address at which a listener of `host` answers on this machine."""
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host


async def open_account(
    settings: Settings, *, email: str, name: str, password: str, role: Role
) -> Account:
    """Open an account of any role in the running service, by the wire's secret in its data folder:
    whoever can read that folder may make operators. Raises as `Identity.sign_up`, and
    `NoDataFolder`."""
    data = Path(settings.service.data)
    if not await asyncio.to_thread((data / STAMP).exists):
        raise NoDataFolder(
            f"{data} is no data folder of Vitascope. Name the service's with --data DIR."
        )
    async with AsyncExitStack() as stack:
        process = Process(at_home(settings), (), stack)
        identity = await process.dialled(Identity)
        device = DeviceDraft(name="Command line", kind=DeviceKind.PROBE)
        country = Country(settings.service.country)
        try:
            opened = await identity.sign_up(
                email, password, name, device, role=role, country=country
            )
        except wire.WireRefused:
            raise NoDataFolder(
                f"The running service does not use {data}. Name its folder with --data DIR."
            ) from None
        except Unavailable as error:
            raise NoDataFolder(
                f"{error.detail} Start the service with ./vita up, or name its port with --port N."
            ) from None
        return opened.account


async def give_keys(settings: Settings, roles: Collection[str], folder: Path) -> list[str]:
    """Write into `folder` the keys that a machine with `roles` needs, derived from the secret in
    this data folder. Returns their names."""
    async with AsyncExitStack() as stack:
        nobody = Process(settings, (), stack)
        secrets, keys = nobody.engines.secrets, await nobody.wire_keys()
        parts = parts_of(roles, settings)
        wanted = {key_name(*pair): keys.of(*pair) for pair in pairs_of(parts)}
        if parts & {"edge", "origin", "playback"}:
            wanted["path-1"] = await secrets.get_or_make("path-1")
        given = ADAPTERS.secrets["file"](folder.parent, folder.name)
        for name, key in wanted.items():
            await given.put(name, key)
        return sorted(wanted)


def demo_seed(settings: Settings, data: Path) -> Seed:
    """Bring the demo into the service that `up` started: what is needed to watch something at once,
    and then the rest, in the background. Returns the demo's sign-ins."""
    from vitascope.operations.demo.bringing import trouble_by_http, upload_by_http
    from vitascope.operations.demo.seed import DemoSeed

    async def seed(server: str, step: Step) -> tuple[SignIns, Rest]:
        stack = AsyncExitStack()
        process = Process(at_home(settings), (), stack)
        demo = DemoSeed(
            identity=await process.dialled(Identity),
            billing=await process.dialled(Billing),
            catalog=await process.dialled(TitleRecords),
            viewing=await process.dialled(Viewing),
            media=media_tools(settings),
            upload=upload_by_http(server),
            trouble=trouble_by_http(server),
            clock=process.engines.clock,
            folder=shipped.demo(),
            notes=data / "demo",
            step=step,
        )

        async def rest() -> None:
            async with stack:
                await demo.rest()

        return await demo.first(), rest

    return seed


def openapi_document() -> str:
    """Returns the document of an API that is opened for it on an empty folder, and closed again."""
    import httpx

    async def read() -> str:
        with tempfile.TemporaryDirectory() as folder:
            async with AsyncExitStack() as stack:
                settings = service_settings.load(None, {}, data=folder)
                api = Process(settings, parts_of({"api"}, settings), stack)
                await api.open()
                transport = httpx.ASGITransport(await public_application(api))
                async with httpx.AsyncClient(transport=transport, base_url="http://here") as ask:
                    answer = await ask.get("/api/openapi.json")
                return json.dumps(answer.json(), indent=2, sort_keys=True) + "\n"

    return asyncio.run(read())
