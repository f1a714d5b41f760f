"""From where the service and its edges are reached: this machine alone, or other devices too."""

import asyncio
from pathlib import Path

import msgspec

from vitascope.assembly.adapters import ADAPTERS
from vitascope.engines.tls import (
    ensure_certificate,
    fingerprint,
    is_loopback,
    local_addresses,
    local_names,
)
from vitascope.kernel.clock import SystemClock
from vitascope.operations.reached import Reached
from vitascope.settings import Settings

TLS_PORTS_ABOVE = 43
"""How far above the service's port `up --lan` puts that of TLS, unless [tls] says it: 8443."""


def reached_at(settings: Settings, name: str) -> tuple[str, str]:
    """Returns where viewers reach the edge called `name`, and where those do whose page came over
    TLS; `{host}` in it is the host of their page. A name of its own, below `localhost`, is known to
    browsers on this machine alone."""
    service, edge, tls = settings.service, settings.edge, settings.tls
    host = f"{name}.localhost" if is_loopback(service.host) and not tls.port else "{host}"
    secure = f"https://{{host}}:{tls.port}" if tls.port and not edge.public_url else ""
    return edge.public_url or f"http://{host}:{service.port}", edge.secure_url or secure


def edges_started(settings: Settings) -> list[tuple[str, str, str]]:
    """Returns the name of each edge that `up` starts, and where it is reached: plainly, and over
    TLS or "". Their ports follow those of the service."""
    found = []
    for place, name in enumerate(settings.service.edges, 1):
        service = msgspec.structs.replace(settings.service, port=settings.service.port + place)
        port = settings.tls.port and settings.tls.port + place
        tls = msgspec.structs.replace(settings.tls, port=port)
        own = msgspec.structs.replace(settings, service=service, tls=tls)
        found.append((name, *reached_at(own, name)))
    return found


def in_local_network(settings: Settings) -> Settings:
    """Returns `settings` with which other devices of the network reach the service."""
    service, tls = settings.service, settings.tls
    host = "0.0.0.0" if is_loopback(service.host) else service.host
    port = tls.port or service.port + TLS_PORTS_ABOVE
    return msgspec.structs.replace(
        settings,
        service=msgspec.structs.replace(service, host=host),
        tls=msgspec.structs.replace(tls, port=port),
    )


async def addresses(settings: Settings) -> list[str]:
    """Returns where other devices open the service, likeliest first: nothing where it listens on
    this machine alone. Plain where there is a choice, since that needs no trust yet."""
    service = settings.service
    if service.public_url:
        return [service.public_url.rstrip("/")]
    return [f"http://{host}:{service.port}" for host in await _hosts(settings)]


async def _hosts(settings: Settings) -> list[str]:
    host = settings.service.host
    if is_loopback(host):
        return []
    any_host = host in ("0.0.0.0", "::", "")
    return await asyncio.to_thread(local_addresses) if any_host else [host]


async def where_reached(settings: Settings, data: Path) -> Reached | None:
    """Returns where other devices find the service; None where it listens on this machine alone.
    Makes the certificate with which it answers over TLS, unless the operator gave one."""
    service, tls = settings.service, settings.tls
    if is_loopback(service.host) and not tls.port:
        return None
    hosts = await _hosts(settings) or [service.host]
    own = bool(tls.certificate_file)
    authority = ""
    if tls.port and not own:
        secrets = ADAPTERS.secrets["file"](data, "secrets")
        names, now_ms = await asyncio.to_thread(local_names), SystemClock().now_ms()
        made = await ensure_certificate(secrets, names, hosts, now_ms)
        authority = fingerprint(made.authority)
    return Reached(
        hosts=tuple(hosts),
        port=service.port,
        tls_port=tls.port,
        authority=authority,
        public_url=service.public_url,
    )
