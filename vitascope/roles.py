"""What a process does with a house: be some of its roles until it is told to stop.

`up` starts several such processes on one machine; `run` is one of them. What only one kind of
process needs is imported when it becomes one.
"""

import asyncio
import json
import os
import socket
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import vitascope.billing
import vitascope.catalog
import vitascope.identity
import vitascope.viewing
from vitascope import settings as house_settings
from vitascope.assembly.process import Endless, Process, media_tools
from vitascope.billing import Billing
from vitascope.catalog import Catalog
from vitascope.engines import trace, wire
from vitascope.identity import Account, DeviceDraft, DeviceKind, Identity
from vitascope.kernel.country import Country
from vitascope.kernel.errors import Invalid, Unavailable
from vitascope.kernel.viewer import Role
from vitascope.operations import workshop
from vitascope.operations.folder import STAMP, open_folder
from vitascope.operations.processes import follow_supervisor, say_ready
from vitascope.operations.up import Rest, Seed, SignIns, Step
from vitascope.settings import Settings
from vitascope.viewing import Viewing

if TYPE_CHECKING:
    from litestar import Router

    from vitascope.gateway.door import Door

ROLES = ("api", "licensing", "steering", "worker", "edge")


class NoHouse(Unavailable):
    code = "no-house"


async def run_roles(settings: Settings, roles: frozenset[str], *, name: str | None) -> None:
    """Be these roles until SIGTERM, Ctrl-C, or the end of the supervisor.

    An edge is a process of its own, as is a worker: both load what the other roles never need.
    Raises `Invalid` for roles that do not go together, and the refusals of `operations.folder`.
    """
    stop = asyncio.Event()
    follow_supervisor(stop)
    _configure_logs(settings, roles)
    await asyncio.to_thread(open_folder, Path(settings.house.data))
    async with AsyncExitStack() as stack:
        if roles == {"edge"}:
            process = await _edge(settings, roles, stack, name)
        elif roles == {"worker"}:
            process = await _worker(settings, roles, stack, name)
        elif roles <= {"api", "licensing", "steering"}:
            process = await _answering(settings, roles, stack, stop)
        else:
            raise Invalid(
                "An edge and a worker are processes of their own: run api, licensing and steering "
                "together as you like, and each edge and each worker alone."
            )
        await _until(stop, process.endless)


def _configure_logs(settings: Settings, roles: frozenset[str]) -> None:
    house = settings.house
    trace.configure(
        level=house.log_level,
        format=house.log_format,
        role="+".join(sorted(roles)),
        otlp_endpoint=house.otlp_endpoint,
    )


async def _edge(
    settings: Settings, roles: frozenset[str], stack: AsyncExitStack, name: str | None
) -> Process:
    from vitascope.assembly.edge import Edge

    process = Edge(settings, roles, stack)
    await process.open(name or settings.house.edges[0], settings.house.port)
    return process


async def _worker(
    settings: Settings, roles: frozenset[str], stack: AsyncExitStack, name: str | None
) -> Process:
    from vitascope.assembly.worker import Worker

    process = Worker(settings, roles, stack)
    known = name or settings.house.worker_id or f"worker-{socket.gethostname()}"
    await process.enlist(known)
    say_ready()
    return process


async def _answering(
    settings: Settings, roles: frozenset[str], stack: AsyncExitStack, stop: asyncio.Event
) -> Process:
    """The roles that answer over HTTP: the API, or what it dials when run apart."""
    if "api" in roles:
        from vitascope.assembly.api import Api

        api = Api(settings, roles, stack)
        routers = await api.routers()
        api.endless.append(lambda: _listen(api, routers, stop))
        return api
    from vitascope.assembly.records import Records

    process = Records(settings, roles, stack)
    if "licensing" in roles:
        await process.licensing()
    if "steering" in roles:
        await process.steering()
    process.endless.append(lambda: _listen(process, [], stop))
    return process


async def _until(stop: asyncio.Event, endless: Sequence[Endless]) -> None:
    """Run everything until `stop`; what raises ends the process, and the supervisor renews it."""
    tasks = [asyncio.create_task(each()) for each in endless]
    stopped = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([*tasks, stopped], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopped}:
            task.result()
    finally:
        for task in [*tasks, stopped]:
            task.cancel()
        await asyncio.gather(*tasks, stopped, return_exceptions=True)


async def _listen(process: Process, routers: "list[Router]", stop: asyncio.Event) -> None:
    """Serve HTTP until `stop`; tell the supervisor when the port is open."""
    from vitascope.gateway.app import serve as serve_gateway

    house = process.settings.house
    gateway = await gateway_of(process, routers)
    drain_s = process.settings.gateway.drain_s
    serving = asyncio.create_task(
        serve_gateway(gateway, host=house.host, port=house.port, stop=stop, drain_s=drain_s)
    )
    try:
        await _until_open(house.host, house.port, serving)
        say_ready()
        await asyncio.shield(serving)
    finally:
        stop.set()
        await asyncio.gather(serving, return_exceptions=True)


async def gateway_of(process: Process, routers: "list[Router]") -> "Door":
    """The routes of this process, and the wire for what it serves to others."""
    from vitascope.gateway.app import build as build_gateway

    settings = process.settings
    secret = await process.secrets.get_or_make("wire")
    served = wire.wire_router(*process.served, secret=secret, clock=process.clock)
    return build_gateway(
        [*routers, served],
        identity=process.signed_in,
        settings=settings.gateway,
        metrics=process.metrics,
        clock=process.clock,
        checks=process.checks,
        web=await asyncio.to_thread(_web_folder) if routers else None,
        secure=settings.house.public_url.startswith("https:"),
    )


def _web_folder() -> Path:
    """Built into the package, or by `./vita` in a checkout."""
    packaged = Path(__file__).parent / "_web"
    return packaged if packaged.exists() else workshop.BUILT


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
    house = settings.house
    os.environ["VITASCOPE_HOUSE__DATA"] = str(data)
    os.environ["VITASCOPE_HOUSE__PORT"] = str(house.port)
    if not settings.playback.fallback_edges:
        named = enumerate(house.edges, 1)
        edges = ",".join(f"http://{name}.localhost:{house.port + n}" for n, name in named)
        os.environ["VITASCOPE_PLAYBACK__FALLBACK_EDGES"] = edges
    os.environ.setdefault("VITASCOPE_WIRE__API", f"http://127.0.0.1:{house.port}")


async def open_account(
    settings: Settings, *, email: str, name: str, password: str, role: Role
) -> Account:
    """Open an account of any role in the running service, by the wire's secret in its data folder:
    who can read that folder may make operators. Raises as `Identity.sign_up`, and `NoHouse`."""
    data = Path(settings.house.data)
    if not await asyncio.to_thread((data / STAMP).exists):
        raise NoHouse(f"{data} is no data folder of Vitascope. Name the service's with --data DIR.")
    async with AsyncExitStack() as stack:
        process = Process(settings, frozenset(), stack)
        url = settings.wire.api or f"http://127.0.0.1:{settings.house.port}"
        identity = await process.dialled(Identity, url, vitascope.identity)
        device = DeviceDraft(name="Command line", kind=DeviceKind.PROBE)
        country = Country(settings.house.country)
        try:
            opened = await identity.sign_up(
                email, password, name, device, role=role, country=country
            )
        except wire.WireRefused:
            raise NoHouse(
                f"The service at {url} does not run on {data}. Name its folder with --data DIR."
            ) from None
        except Unavailable as error:
            raise NoHouse(
                f"{error.detail} Start the service with ./vita up, or name its port with --port N."
            ) from None
        return opened.account


def demo_seed(settings: Settings, data: Path) -> Seed:
    """Brings the demo into the service that `up` started: what is needed to watch something at
    once, and then the rest, behind. The answer is the demo's sign-ins."""
    from vitascope.operations.demo.bringing import trouble_by_http, upload_by_http
    from vitascope.operations.demo.seed import DemoSeed

    async def seed(server: str, step: Step) -> tuple[SignIns, Rest]:
        stack = AsyncExitStack()
        process = Process(settings, frozenset(), stack)
        demo = DemoSeed(
            identity=await process.dialled(Identity, server, vitascope.identity),
            billing=await process.dialled(Billing, server, vitascope.billing),
            catalog=await process.dialled(
                Catalog,
                server,
                vitascope.catalog,
                repeatable={"titles", "keep_picture", "set_artwork"},
            ),
            viewing=await process.dialled(Viewing, server, vitascope.viewing),
            media=media_tools(settings),
            upload=upload_by_http(server),
            trouble=trouble_by_http(server),
            clock=process.clock,
            folder=_demo_folder(),
            notes=data / "demo",
            step=step,
        )

        async def rest() -> None:
            async with stack:
                await demo.rest()

        return await demo.first(), rest

    return seed


def _demo_folder() -> Path:
    packaged = Path(__file__).parent / "_demo"
    return packaged if packaged.exists() else workshop.ROOT / "demo"


def openapi_document() -> str:
    """The document of an API that is opened for it on an empty folder, and closed again."""
    import httpx

    from vitascope.assembly.api import Api

    async def read() -> str:
        with tempfile.TemporaryDirectory() as folder:
            async with AsyncExitStack() as stack:
                settings = house_settings.load(None, {}, data=folder)
                api = Api(settings, frozenset({"api", "licensing", "steering"}), stack)
                door = await gateway_of(api, await api.routers())
                transport = httpx.ASGITransport(door)
                async with httpx.AsyncClient(transport=transport, base_url="http://here") as ask:
                    answer = await ask.get("/api/openapi.json")
                return json.dumps(answer.json(), indent=2, sort_keys=True) + "\n"

    return asyncio.run(read())
