"""From where the service that `up` starts is reached: this machine alone, or other devices too."""

import asyncio
from pathlib import Path

import msgspec

from vitascope.assembly.adapters import ADAPTERS
from vitascope.assembly.providers.edge import reached_at
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


async def where_reached(settings: Settings, data: Path) -> Reached | None:
    """Returns where other devices find the service; None where it listens on this machine alone.
    Makes the certificate with which it answers over TLS, unless the operator gave one."""
    service, tls = settings.service, settings.tls
    if is_loopback(service.host) and not tls.port:
        return None
    any_host = service.host in ("0.0.0.0", "::", "")
    hosts = await asyncio.to_thread(local_addresses) if any_host else [service.host]
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
